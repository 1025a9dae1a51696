import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle, shipped
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER
from pspm_runtime.command.cli import main

from tests.runtime.colour.made_profiles import DISPLAY_P3
from tests.runtime.fake_engine import FakeEngine, failing, same_everywhere
from tests.runtime.pictures import encoded, gradient, noise, png, snapshot

pytestmark = pytest.mark.slow

EFFECTS = ("alpha", "cutout", "background", "blur")
COMMANDS = (*EFFECTS, "models", "bench", "count", "evaluate", "export")
MODES = {"alpha": "L", "cutout": "RGBA", "background": "RGB", "blur": "RGB"}


def results(folder: Path) -> dict[str, bytes]:
    """The files below an output folder, without its ledger."""
    return {name: data for name, data in snapshot(folder).items() if name != LEDGER}


def options(effect: str) -> list[str]:
    return ["--with", "#20a0ff"] if effect == "background" else []


@pytest.fixture(autouse=True)
def quick(fake_engine: FakeEngine) -> None:
    """Run no network, except in the pipe test, which starts a new process."""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(Image.fromarray(gradient(60, 80)), "JPEG"))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photos in three folders, a hidden one and a file that is not a photo."""
    source = tmp_path / "in"
    (source / "sub" / "deep").mkdir(parents=True)
    jpeg, picture = encoded(Image.fromarray(gradient(40, 30)), "JPEG"), encoded(Image.fromarray(noise(30, 40)))
    for name in ("a.jpg", "sub/b.JPG", "sub/deep/c.jpeg", "twin.jpg", "._a.jpg"):
        (source / name).write_bytes(jpeg)
    (source / "twin.png").write_bytes(picture)
    (source / "notes.txt").write_text("my notes")
    return source


@pytest.fixture
def failure(capfd: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """After the test: exactly one line on standard error, no traceback, nothing on standard output."""
    parts: list[str] = []
    yield parts
    out, err = capfd.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == 1
    assert lines[0].startswith("pspm: ")
    for part in parts:
        assert part in lines[0]


@pytest.mark.parametrize("effect", EFFECTS)
def test_effect_on_a_file(effect: str, photo: Path, tmp_path: Path) -> None:
    before = hashlib.sha256(photo.read_bytes()).digest()
    out = tmp_path / "results" / "out.png"

    assert main([effect, str(photo), "-o", str(out), *options(effect)]) == 0

    with Image.open(out) as result:
        assert result.mode == MODES[effect]
        assert result.size == (60, 80)
    assert hashlib.sha256(photo.read_bytes()).digest() == before


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("slash", [True, False])
def test_file_into_a_folder_keeps_its_stem(effect: str, photo: Path, tmp_path: Path, slash: bool) -> None:
    out = tmp_path / "results"
    if not slash:
        out.mkdir()

    assert main([effect, str(photo), "-o", f"{out}/" if slash else str(out), *options(effect)]) == 0

    assert [p.stem for p in out.iterdir()] == ["photo"]


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".png", "PNG"), (".webp", "WEBP"), (".tiff", "TIFF"), (".jpg", "JPEG"), (".JPG", "JPEG")]
)
def test_suffix_of_the_output_sets_the_format(photo: Path, tmp_path: Path, suffix: str, kind: str) -> None:
    assert main(["alpha", str(photo), "-o", str(tmp_path / f"out{suffix}")]) == 0

    with Image.open(tmp_path / f"out{suffix}") as result:
        assert result.format == kind


def test_new_background_may_be_a_picture(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "beach.png").write_bytes(encoded(Image.new("RGB", (30, 40), "#204060")))

    code = main(["background", str(photo), "--with", str(tmp_path / "beach.png"), "-o", str(tmp_path / "out.png")])

    assert code == 0
    with Image.open(tmp_path / "out.png") as result:
        assert result.getpixel((0, 0)) == (0x20, 0x40, 0x60)


def test_colour_profile_reaches_the_output(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(encoded(Image.fromarray(gradient(60, 80)), "JPEG", icc_profile=DISPLAY_P3))

    for effect in ("cutout", "background", "blur"):
        out = tmp_path / f"{effect}.png"
        assert main([effect, str(tmp_path / "photo.jpg"), "-o", str(out), *options(effect)]) == 0
        with Image.open(out) as result:
            assert result.info["icc_profile"] == DISPLAY_P3


def test_strength_reaches_the_lens(photo: Path, tmp_path: Path) -> None:
    assert main(["blur", str(photo), "--strength", "0", "-o", str(tmp_path / "out.png")]) == 0

    with Image.open(photo) as before, Image.open(tmp_path / "out.png") as after:
        assert np.array_equal(before, after)


def test_folder_keeps_its_structure_and_its_photos(folder: Path, tmp_path: Path) -> None:
    before = snapshot(folder)

    assert main(["alpha", str(folder), "-o", str(tmp_path / "out")]) == 0

    assert sorted(snapshot(tmp_path / "out")) == [
        ".pspm-ledger.jsonl",
        "a.png",
        "sub/b.JPG.png",
        "sub/deep/c.jpeg.png",
        "twin.png",
        "twin.png.png",
    ]
    assert snapshot(folder) == before


def test_output_inside_the_input_is_not_processed_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alpha", str(folder), "-o", str(folder / "out")]) == 0
    first = results(folder / "out")

    assert main(["alpha", str(folder), "-o", str(folder / "out"), "--force"]) == 0

    assert results(folder / "out") == first
    assert capsys.readouterr().err.count("5 of 5 photos done") == 2


def test_folder_next_to_its_results(folder: Path, tmp_path: Path) -> None:
    """The results may go to the folder that holds the folder of photos."""
    assert main(["alpha", str(folder), "-o", str(tmp_path)]) == 0

    assert (tmp_path / "a.png").is_file()


@pytest.mark.parametrize("place", [".", "sub/.."])
def test_output_folder_equal_to_the_folder_of_photos(folder: Path, place: str, failure: list[str]) -> None:
    before = snapshot(folder)
    failure += ["is the folder of the photos", "give another folder"]

    assert main(["alpha", str(folder), "-o", f"{folder}/{place}", "--force"]) == 1
    assert snapshot(folder) == before


def test_folder_goes_on_past_bad_photos_and_lists_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.jpg").write_bytes(b"this is no photo at all")
    (folder / "sub" / "empty.png").touch()

    assert main(["alpha", str(folder), "-o", str(tmp_path / "out")]) == 1

    assert len(results(tmp_path / "out")) == 5
    lines = capsys.readouterr().err.splitlines()[-4:]
    assert lines[0] == "5 of 7 photos done"
    assert lines[1] == "left out: 1 .txt, 1 hidden"
    assert "bad.jpg is not a picture" in lines[2]
    assert "empty.png is empty" in lines[3]


def test_second_run_leaves_results_without_force(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["alpha", str(folder), "-o", str(out)]) == 0
    (out / "a.png").write_bytes(b"mine")

    assert main(["alpha", str(folder), "-o", str(out)]) == 1
    assert (out / "a.png").read_bytes() == b"mine"
    assert capsys.readouterr().err.count("exists already") == 5

    assert main(["alpha", str(folder), "-o", str(out), "--force"]) == 0
    assert (out / "a.png").read_bytes() != b"mine"


def test_json_of_a_file(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cutout", str(photo), "-o", str(tmp_path / "out.png"), "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {"written": [str(tmp_path / "out.png")], "failed": []}


def test_json_of_a_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.jpg").write_bytes(b"this is no photo at all")

    assert main(["alpha", str(folder), "-o", str(tmp_path / "out"), "--json"]) == 1

    captured = capsys.readouterr()
    account = json.loads(captured.out)
    assert captured.err == ""
    assert len(account["written"]) == 5
    assert all(Path(name).is_file() for name in account["written"])
    assert [failed["input"] for failed in account["failed"]] == [str(folder / "bad.jpg")]
    assert "not a picture" in account["failed"][0]["error"]


def test_require_person_fails_on_an_empty_photo(
    photo: Path, tmp_path: Path, fake_engine: FakeEngine, failure: list[str]
) -> None:
    fake_engine.answer = same_everywhere(0)
    failure += ["no person was found"]

    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png"), "--require-person"]) == 1
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("effect", EFFECTS)
def test_missing_photo(effect: str, tmp_path: Path, failure: list[str]) -> None:
    failure += ["nowhere.jpg does not exist", "check the path"]

    assert main([effect, str(tmp_path / "nowhere.jpg"), "-o", str(tmp_path / "out.png"), *options(effect)]) == 1


@pytest.mark.parametrize(
    "data", [b"", b"text in place of a photo", encoded(Image.fromarray(noise(64, 64)), "JPEG")[:900]]
)
def test_unreadable_photo(tmp_path: Path, data: bytes, failure: list[str]) -> None:
    (tmp_path / "bad.jpg").write_bytes(data)
    failure += ["bad.jpg is"]

    assert main(["alpha", str(tmp_path / "bad.jpg"), "-o", str(tmp_path / "out.png")]) == 1
    assert not (tmp_path / "out.png").exists()


def test_folder_without_photos(tmp_path: Path, failure: list[str]) -> None:
    (tmp_path / "in").mkdir()
    failure += ["holds no photos", "choose another folder"]

    assert main(["alpha", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == 1


def test_folder_into_a_file(folder: Path, photo: Path, failure: list[str]) -> None:
    failure += ["photo.jpg is a file", "give a folder"]

    assert main(["alpha", str(folder), "-o", str(photo)]) == 1


def test_folder_into_a_pipe(folder: Path, failure: list[str]) -> None:
    failure += ["a pipe holds one", "-o"]

    assert main(["alpha", str(folder), "-o", "-"]) == 1


def test_json_and_a_pipe_at_once(photo: Path, failure: list[str]) -> None:
    failure += ["--json", "write the result to a file"]

    assert main(["alpha", str(photo), "-o", "-", "--json"]) == 1


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_output_equal_to_the_input(photo: Path, failure: list[str], force: list[str]) -> None:
    before = photo.read_bytes()
    failure += ["photo.jpg", "choose another name"]

    assert main(["blur", str(photo), "-o", str(photo.parent / "." / "photo.jpg"), *force]) == 1
    assert photo.read_bytes() == before


def test_output_folder_that_holds_the_photo(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(encoded(Image.fromarray(noise(20, 20))))
    before = snapshot(tmp_path)

    assert main(["alpha", str(tmp_path / "photo.png"), "-o", str(tmp_path), "--force"]) == 0
    assert snapshot(tmp_path).items() > before.items()


def test_output_that_exists(photo: Path, tmp_path: Path, failure: list[str]) -> None:
    (tmp_path / "out.png").write_bytes(b"mine")
    failure += ["out.png exists already", "--force"]

    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png")]) == 1
    assert (tmp_path / "out.png").read_bytes() == b"mine"


def test_output_that_exists_is_replaced_with_force(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "out.png").write_bytes(b"mine")

    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png"), "--force"]) == 0
    assert (tmp_path / "out.png").read_bytes() != b"mine"


@pytest.mark.parametrize("name", ["out.xyz", "out"])
def test_output_with_an_unknown_suffix(photo: Path, tmp_path: Path, name: str, failure: list[str]) -> None:
    failure += [name, "use one of .png"]

    assert main(["alpha", str(photo), "-o", str(tmp_path / name)]) == 1


def test_cutout_into_a_jpeg(photo: Path, tmp_path: Path, failure: list[str]) -> None:
    failure += ["out.jpg", "transparency", ".png"]

    assert main(["cutout", str(photo), "-o", str(tmp_path / "out.jpg")]) == 1


def test_output_below_a_file(photo: Path, failure: list[str]) -> None:
    failure += ["out.png cannot be written", "choose another place"]

    assert main(["alpha", str(photo), "-o", str(photo / "out.png")]) == 1


def test_output_folder_below_a_file(folder: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alpha", str(folder), "-o", str(photo / "out")]) == 1

    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("side", ["photo", "output"])
def test_names_too_long_for_any_file(photo: Path, tmp_path: Path, side: str, failure: list[str]) -> None:
    long = str(tmp_path / f"{'x' * 300}.png")
    arguments = [long, "-o", str(tmp_path / "out.png")] if side == "photo" else [str(photo), "-o", long]
    failure += ["xxx.png"]

    assert main(["alpha", *arguments]) == 1


@pytest.mark.parametrize("colour", ["#zzz", "#", "#12345"])
def test_bad_colour(photo: Path, tmp_path: Path, colour: str, failure: list[str]) -> None:
    failure += [f"{colour!r} is not a colour", "#rrggbb"]

    assert main(["background", str(photo), "--with", colour, "-o", str(tmp_path / "out.png")]) == 1


def test_missing_background(photo: Path, tmp_path: Path, failure: list[str]) -> None:
    failure += ["beach.jpg does not exist"]

    assert main(["background", str(photo), "--with", "beach.jpg", "-o", str(tmp_path / "out.png")]) == 1


@pytest.mark.parametrize("strength", ["-1", "1.5", "nan"])
def test_strength_out_of_range(photo: Path, tmp_path: Path, strength: str, failure: list[str]) -> None:
    failure += [strength, "from 0 to 1"]

    assert main(["blur", str(photo), f"--strength={strength}", "-o", str(tmp_path / "out.png")]) == 1


def test_unknown_model(photo: Path, tmp_path: Path, failure: list[str]) -> None:
    failure += ["'b7'", *shipped()]

    assert main(["alpha", str(photo), "--model", "b7", "-o", str(tmp_path / "out.png")]) == 1


def test_no_threads(photo: Path, tmp_path: Path, failure: list[str]) -> None:
    failure += ["0 threads", "give 1 or more"]

    assert main(["alpha", str(photo), "--threads", "0", "-o", str(tmp_path / "out.png")]) == 1


def test_decompression_bomb(tmp_path: Path, failure: list[str]) -> None:
    (tmp_path / "bomb.png").write_bytes(png(20_000, 15_000, 1, 0, b""))
    failure += ["bomb.png has 300 megapixels", "--max-megapixels"]

    assert main(["alpha", str(tmp_path / "bomb.png"), "-o", str(tmp_path / "out.png")]) == 1


def test_limit_on_megapixels_can_be_raised(photo: Path, tmp_path: Path) -> None:
    arguments = ["alpha", str(photo), "-o", str(tmp_path / "out.png"), "--max-megapixels"]

    assert main([*arguments, "0.001"]) == 1
    assert main([*arguments, "0.01"]) == 0


def test_too_little_memory(photo: Path, tmp_path: Path, fake_engine: FakeEngine, failure: list[str]) -> None:
    fake_engine.answer = failing(MemoryError())
    failure += ["not enough memory"]

    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png")]) == 1


def test_interruption(photo: Path, tmp_path: Path, fake_engine: FakeEngine, failure: list[str]) -> None:
    fake_engine.answer = failing(KeyboardInterrupt())
    failure += ["interrupted"]

    assert main(["alpha", str(photo), "-o", str(tmp_path / "out.png")]) == 130


def test_empty_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    failure += ["standard input is empty", "pipe a photo into it"]

    assert main(["alpha", "-", "-o", str(tmp_path / "out.png")]) == 1


def test_standard_input_to_a_file(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))

    assert main(["alpha", "-", "-o", str(tmp_path / "out.png")]) == 0
    with Image.open(tmp_path / "out.png") as result:
        assert result.size == (60, 80)


def test_pipe(photo: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pspm_runtime.command.cli", "cutout", "-", "-o", "-", "--threads", "2"],
        input=photo.read_bytes(),
        capture_output=True,
        check=True,
    )

    with Image.open(io.BytesIO(done.stdout)) as result:
        assert (result.format, result.mode, result.size) == ("PNG", "RGBA", (60, 80))
    assert done.stderr.split() == b"pspm: no person found in standard input".split()


@pytest.mark.parametrize("arguments", [[], *([command] for command in COMMANDS)], ids=" ".join)
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--help"])

    assert stopped.value.code == 0
    assert "usage: pspm" in capsys.readouterr().out


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    out = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^ +{command}\b", out, re.MULTILINE)


def test_help_lists_photos_then_video_then_models(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    photos, others = capsys.readouterr().out.split("Photos:")[1].split("Video (")
    video, models = others.split("Models")
    assert re.findall(r"^  (\w+) ", photos, re.MULTILINE) == [
        "alpha",
        "cutout",
        "background",
        "blur",
        "models",
        "bench",
        "batch",
    ]
    assert re.search(r"^  video  ", video, re.MULTILINE)
    assert re.search(r"^  train .*\[train\]$", models, re.MULTILINE)
    assert re.search(r"^  export .*\[export\]$", models, re.MULTILINE)
    assert "[" not in next(line for line in models.splitlines() if line.startswith("  vectors "))


@pytest.mark.parametrize("arguments", [[], ["alpha"], ["alpha", "a.jpg"], ["nothing"], ["blur", "--strength", "much"]])
def test_wrong_usage_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert "usage: pspm" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])

    assert stopped.value.code == 0
    assert capsys.readouterr().out.strip() == f"pspm {version('pspm')}"


def test_models_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0

    models = json.loads(capsys.readouterr().out)
    assert [model["name"] for model in models] == shipped()
    for model in models:
        assert model["sha256"] == open_bundle(model["name"]).sha256


def test_models_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0

    out = capsys.readouterr().out
    assert f"{DEFAULT_MODEL} (default)" in out
    assert "licence: " in out
