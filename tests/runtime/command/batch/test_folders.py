"""Runs over many photos: what is skipped, refused, protected and reported."""

import hashlib
import io
import json
import os
import shutil
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base
from pspm_runtime.command.batch import work as work_module
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER
from pspm_runtime.command.cli import main
from pspm_runtime.command.stop_signals import Stopped
from pspm_runtime.files import atomic_write as atomic_write_module
from pspm_runtime.stages.person_box import person_box

from tests.runtime.fake_engine import FakeEngine, failing, same_everywhere
from tests.runtime.pictures import disc, encoded, gradient, snapshot

pytestmark = pytest.mark.slow

JPEG = encoded(Image.fromarray(gradient(120, 100)), "JPEG")


@pytest.fixture(autouse=True)
def engine(fake_engine: FakeEngine) -> FakeEngine:
    return fake_engine


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(JPEG)
    return source


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def results(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in snapshot(folder).items() if name != LEDGER}


def alpha(*arguments: Any) -> int:
    return main(["alpha", *map(str, arguments)])


def test_three_photos_of_one_stem(tmp_path: Path, out: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, kind in (("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.jpg.png", "PNG")):
        (tmp_path / "in" / name).write_bytes(encoded(Image.fromarray(gradient(20, 20)), kind))

    assert alpha(tmp_path / "in", "-o", out) == 0
    assert sorted(results(out)) == ["a.jpg.png.png", "a.png", "a.png.png"]


def test_several_photos_and_wildcards(photos: Path, out: Path) -> None:
    assert alpha(photos / "sub", photos / "b.jpg", f"{photos}/a*", "-o", out) == 0
    assert sorted(results(out)) == ["a.png", "b.png", "sub/c.png"]


def test_a_missing_photo_among_several(photos: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert alpha(photos / "a.jpg", photos / "gone.jpg", "-o", out) == 1
    assert list(results(out)) == ["a.png"]
    assert "gone.jpg does not exist" in capsys.readouterr().err


def test_account_counts_what_was_left_out(photos: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("x.dng", "y.DNG", ".hidden.jpg", "readme"):
        (photos / name).touch()
    (photos / "lost.jpg").symlink_to("/nowhere")

    assert alpha(photos, "-o", out) == 0
    assert "left out: 2 .dng, 1 broken link, 1 hidden, 1 without suffix" in capsys.readouterr().err

    assert alpha(photos, "-o", out, "--resume", "--json") == 0
    account = json.loads(capsys.readouterr().out)
    assert account["left_out"] == {".dng": 2, "hidden": 1, "broken link": 1, "without suffix": 1}
    assert len(account["skipped"]) == 3


def test_json_lines(photos: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "bad.jpg").write_bytes(b"no photo")

    assert alpha(photos, "-o", out, "--json-lines") == 1

    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert captured.err == ""
    assert [(line["status"], Path(line["input"]).name) for line in lines[:-1]] == [
        ("written", "a.jpg"),
        ("written", "b.jpg"),
        ("failed", "bad.jpg"),
        ("written", "c.jpg"),
    ]
    assert lines[-1] == {"status": "end", "written": 3, "skipped": 0, "failed": 1, "left_out": {}, "stopped": False}


@pytest.mark.parametrize("arguments", [["", "-o", "x"], ["a.jpg", "-o", ""], ["a.jpg", "", "-o", "x"]])
def test_empty_names(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").write_bytes(JPEG)

    assert main(["alpha", *arguments]) == 1
    assert "is empty" in capsys.readouterr().err
    assert list(snapshot(tmp_path)) == ["a.jpg"]


def test_name_of_a_result_that_is_too_long(photos: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / f"{'x' * 250}.jpeg").write_bytes(JPEG)

    assert alpha(photos, "-o", out) == 1
    assert sorted(results(out)) == ["a.png", "b.png", "sub/c.png"]
    assert "3 of 4 photos done" in capsys.readouterr().err


def test_names_that_cannot_be_followed(photos: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out.mkdir()
    (out / "b.png").symlink_to("b.png")
    long = photos / f"{'x' * 300}.jpg"

    assert alpha(photos / "a.jpg", photos / "b.jpg", long, "-o", out) == 1
    assert list(results(out)) == ["a.png"]
    err = capsys.readouterr().err
    assert "1 of 3 photos done" in err
    assert "b.png exists already" in err


def test_an_unexpected_error_is_one_failed_photo(
    photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.answer = failing(TypeError("surprise"))

    assert alpha(photos, "-o", out) == 1
    assert "0 of 3 photos done" in (err := capsys.readouterr().err)
    assert "b.jpg cannot be processed (TypeError: surprise)" in err


class TestInputsAreNeverReplaced:
    def test_picture_of_with(self, photos: Path, tmp_path: Path) -> None:
        beach = tmp_path / "beach.png"
        beach.write_bytes(encoded(Image.new("RGB", (9, 9))))
        before = beach.read_bytes()

        assert main(["background", str(photos / "a.jpg"), "--with", str(beach), "-o", str(beach), "--force"]) == 1
        assert beach.read_bytes() == before

    def test_picture_of_with_in_the_output_folder(self, photos: Path, out: Path) -> None:
        out.mkdir()
        (out / "b.jpg").write_bytes(JPEG)

        assert main(["background", str(photos), "--with", str(out / "b.jpg"), "-o", str(out), "--force"]) == 1
        assert sorted(results(out)) == ["a.jpg", "b.jpg", "sub/c.jpg"]
        assert (out / "b.jpg").read_bytes() == JPEG

    def test_trimap(self, photos: Path, tmp_path: Path, engine: FakeEngine) -> None:
        engine.takes_trimap = True
        trimap = tmp_path / "trimap.png"
        trimap.write_bytes(encoded(Image.new("L", (24, 20), 128)))
        before = trimap.read_bytes()

        assert alpha(photos / "a.jpg", "--trimap", trimap, "-o", trimap, "--force") == 1
        assert trimap.read_bytes() == before

    def test_photo_through_links(self, photos: Path, tmp_path: Path, out: Path) -> None:
        before = snapshot(photos)
        out.mkdir()
        (out / "a.png").symlink_to(photos / "a.jpg")
        (tmp_path / "hard.png").hardlink_to(photos / "a.jpg")

        assert alpha(photos, "-o", out, "--force") == 1
        assert alpha(photos / "a.jpg", "-o", out / "a.png", "--force") == 1
        assert alpha(photos / "a.jpg", "-o", tmp_path / "hard.png", "--force") == 1
        assert snapshot(photos) == before

    def test_photo_among_several(self, photos: Path) -> None:
        (photos / "a.png").write_bytes(encoded(Image.fromarray(gradient(20, 20))))
        before = snapshot(photos)

        assert alpha(photos / "a.jpg", photos / "a.png", "-o", photos, "--force") == 1
        after = snapshot(photos)
        assert {name: after[name] for name in before} == before

    def test_results_above_the_photos_that_would_be_among_them(self, tmp_path: Path) -> None:
        (tmp_path / "in" / "in").mkdir(parents=True)
        (tmp_path / "in" / "in" / "a.jpg").write_bytes(JPEG)

        assert alpha(tmp_path / "in", "-o", tmp_path) == 1
        assert list(results(tmp_path)) == ["in/in/a.jpg"]


class TestResume:
    def test_finished_photos_are_skipped(
        self, photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert alpha(photos, "-o", out) == 0
        (photos / "d.jpg").write_bytes(JPEG)
        engine.runs.clear()

        assert alpha(photos, "-o", out, "--resume") == 0
        assert len(engine.seen) == 1
        assert "4 of 4 photos done, 3 of them earlier" in capsys.readouterr().err

    def test_a_folder_that_was_moved(self, photos: Path, out: Path, tmp_path: Path, engine: FakeEngine) -> None:
        assert alpha(photos, "-o", out) == 0
        photos.rename(tmp_path / "moved")
        out.rename(tmp_path / "results")
        engine.runs.clear()

        assert alpha(tmp_path / "moved", "-o", tmp_path / "results", "--resume") == 0
        assert not engine.seen

    def test_a_changed_photo_and_other_options_need_force(
        self, photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["blur", str(photos), "-o", str(out)]) == 0
        first = results(out)
        os.utime(photos / "b.jpg", (1, 1))

        assert main(["blur", str(photos), "-o", str(out), "--resume"]) == 1
        assert "b.jpg exists already" in capsys.readouterr().err
        assert main(["blur", str(photos), "-o", str(out), "--resume", "--strength", "0.7"]) == 1
        assert results(out) == first

        engine.runs.clear()
        assert main(["blur", str(photos), "-o", str(out), "--resume", "--force"]) == 0
        assert len(engine.seen) == 1

    def test_a_result_that_was_removed_or_edited(self, photos: Path, out: Path) -> None:
        assert alpha(photos, "-o", out) == 0
        first = results(out)
        (out / "a.png").unlink()

        assert alpha(photos, "-o", out, "--resume") == 0
        assert results(out) == first

        (out / "a.png").write_bytes(b"mine")
        assert alpha(photos, "-o", out, "--resume") == 1
        assert (out / "a.png").read_bytes() == b"mine"

    def test_a_ledger_that_was_cut_short_or_damaged(self, photos: Path, out: Path, engine: FakeEngine) -> None:
        assert alpha(photos, "-o", out) == 0
        ledger = out / LEDGER
        ledger.write_bytes(b"\xff junk\n" + ledger.read_bytes()[:-9])
        (out / "sub" / "c.png").unlink()
        engine.runs.clear()

        assert alpha(photos, "-o", out, "--resume") == 0
        assert len(engine.seen) == 1
        engine.runs.clear()
        assert alpha(photos, "-o", out, "--resume") == 0
        assert not engine.seen

    def test_what_a_killed_run_left_unfinished_is_removed(self, photos: Path, out: Path) -> None:
        assert alpha(photos, "-o", out) == 0
        lines = (out / LEDGER).read_text().splitlines()
        run = json.loads(lines[0])["run"]
        for name in (f".pspm-{run}-abcdefgh", ".pspm-settings", ".pspm-0123abcd-x"):
            (out / "sub" / name).mkdir()
            (out / "sub" / name / "c.png").write_bytes(b"half")

        # The run ended: what lies there is not of a killed run.
        assert alpha(photos, "-o", out, "--resume") == 0
        assert (out / "sub" / f".pspm-{run}-abcdefgh").exists()

        (out / LEDGER).write_text("\n".join(line for line in lines if "end" not in json.loads(line)) + "\n")
        assert alpha(photos, "-o", out, "--resume") == 0
        assert sorted(path.name for path in (out / "sub").iterdir()) == [".pspm-0123abcd-x", ".pspm-settings", "c.png"]

    def test_a_run_that_goes_on_keeps_its_unfinished_results(self, photos: Path, out: Path, engine: FakeEngine) -> None:
        def other(width: int, height: int) -> Any:
            engine.answer = disc
            run = json.loads((out / LEDGER).read_text().splitlines()[0])["run"]
            (out / f".pspm-{run}-abcdefgh").mkdir()
            assert alpha(photos, "-o", out, "--resume") == 0
            assert (out / f".pspm-{run}-abcdefgh").is_dir()
            return disc(width, height)

        engine.answer = other
        assert alpha(photos, "-o", out, "--resume") == 0

    def test_a_photo_that_changes_while_it_waits(self, photos: Path, out: Path, engine: FakeEngine) -> None:
        """The ledger keeps what the file was like before it was read, so the result is not taken for the new one's."""

        def change(width: int, height: int) -> Any:
            engine.answer = disc
            (photos / "a.jpg").write_bytes(encoded(Image.new("RGB", (120, 100)), "JPEG"))
            return disc(width, height)

        engine.answer = change
        assert alpha(photos, "-o", out) == 0
        assert alpha(photos, "-o", out, "--resume") == 1
        assert alpha(photos, "-o", out, "--resume", "--force") == 0
        assert alpha(photos, "-o", out, "--resume") == 0

    @pytest.mark.parametrize("moment", ["before", "while"])
    def test_a_photo_that_disappears(
        self, moment: str, photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gone = photos / ("b.jpg" if moment == "before" else "a.jpg")

        def disappear(width: int, height: int) -> Any:
            gone.unlink(missing_ok=True)
            return disc(width, height)

        engine.answer = disappear
        assert alpha(photos, "-o", out) == (1 if moment == "before" else 0)
        assert f"{gone} does not exist" in capsys.readouterr().err or moment == "while"
        assert len(results(out)) == (2 if moment == "before" else 3)

    def test_a_killed_run_with_force_leaves_no_older_result_for_its_own(
        self, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The line of the new result is there, the old result, too, and both have the same size."""
        monkeypatch.setattr(work_module, "encode", lambda image, *_: hashlib.sha256(image.tobytes()).digest())
        blur = ["blur", str(photos), "-o", str(out)]
        assert main(blur) == 0
        before = results(out)

        class Killed(BaseException):
            pass

        def killed(*_: Any) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", killed)
            with pytest.raises(Killed):
                main([*blur, "--strength", "1", "--force"])
        assert results(out) == before

        assert main([*blur, "--strength", "1", "--resume", "--force"]) == 0
        after = results(out)
        assert all(after[name] != before[name] for name in before)

    def test_a_copy_of_the_results(self, photos: Path, out: Path, tmp_path: Path, engine: FakeEngine) -> None:
        """A copy has other times, so its checksums are compared."""
        assert alpha(photos, "-o", out) == 0
        shutil.copytree(out, tmp_path / "copy", copy_function=shutil.copyfile)
        for path in (tmp_path / "copy").rglob("*.png"):
            os.utime(path, (1, 1))
        engine.runs.clear()
        assert alpha(photos, "-o", tmp_path / "copy", "--resume") == 0
        assert not engine.seen

        edited = bytearray((tmp_path / "copy" / "a.png").read_bytes())
        edited[-1] ^= 1
        (tmp_path / "copy" / "a.png").write_bytes(edited)
        assert alpha(photos, "-o", tmp_path / "copy", "--resume") == 1

    def test_a_picture_that_is_changed_in_place(self, photos: Path, out: Path, tmp_path: Path) -> None:
        beach = tmp_path / "beach.png"
        beach.write_bytes(encoded(Image.new("RGB", (9, 9), "red")))
        command = ["background", str(photos), "--with", str(beach), "-o", str(out), "--resume"]
        assert main(command) == 0
        assert main(command) == 0
        beach.write_bytes(encoded(Image.new("RGB", (9, 9), "blue")))
        assert main(command) == 1
        assert main([*command, "--force"]) == 0

    def test_a_picture_that_can_be_read_once(self, photos: Path, out: Path, tmp_path: Path) -> None:
        pipe = tmp_path / "beach"
        os.mkfifo(pipe)
        picture = encoded(Image.new("RGB", (9, 9), "red"))
        writer = threading.Thread(target=pipe.write_bytes, args=(picture,), daemon=True)
        writer.start()
        assert main(["background", str(photos), "--with", str(pipe), "-o", str(out), "--format", "png"]) == 0
        writer.join()
        (tmp_path / "beach.png").write_bytes(picture)
        same = ["background", str(photos), "--with", str(tmp_path / "beach.png"), "--format", "png"]
        assert main([*same, "-o", str(out), "--resume"]) == 0

    def test_a_ledger_of_a_newer_version(self, photos: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out.mkdir()
        (out / LEDGER).write_text('{"ledger": 2, "run": "ffffffff"}\n')
        assert alpha(photos, "-o", out, "--resume") == 1
        assert "is of a newer version of PSPM; update PSPM" in capsys.readouterr().err
        assert not results(out)

    def test_one_photo(self, photos: Path, out: Path, engine: FakeEngine) -> None:
        """A pattern of the shell may match one photo only."""
        assert alpha(photos / "a.jpg", "-o", f"{out}/", "--resume") == 0
        engine.runs.clear()
        assert alpha(photos / "a.jpg", photos / "b.jpg", "-o", out, "--resume") == 0
        assert len(engine.seen) == 1

    def test_results_beside_the_photos(
        self, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(photos)
        Path("d.png").write_bytes(encoded(Image.fromarray(gradient(20, 20))))
        assert alpha("*.jpg", "*.png", "-o", ".") == 0
        assert alpha("*.jpg", "*.png", "-o", ".", "--resume") == 0
        assert sorted(path.name for path in photos.glob("*.png")) == ["a.png", "b.png", "d.png", "d.png.png"]
        assert "left out: 3 made by an earlier run" in capsys.readouterr().err

    def test_the_working_folder_may_change_between_runs(
        self, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        other = tmp_path / "other"
        (photos / "d.png").write_bytes(encoded(Image.fromarray(gradient(20, 20))))
        shutil.copytree(photos, other)
        for folder in (other, photos):
            monkeypatch.chdir(folder)
            assert alpha("*.jpg", "*.png", "-o", ".") == 0
            assert alpha("*.jpg", "*.png", "-o", ".", "--resume") == 0
            assert "left out: 3 made by an earlier run" in capsys.readouterr().err


class TestLedgerIsNoInput:
    @pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
    def test_it_is_a_file_of_its_own(
        self, kind: str, photos: Path, out: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out.mkdir()
        if kind == "link":
            (out / LEDGER).symlink_to(photos / "a.jpg")
        elif kind == "hard link":
            (out / LEDGER).hardlink_to(photos / "a.jpg")
        elif kind == "pipe":
            os.mkfifo(out / LEDGER)
        else:
            (out / LEDGER).mkdir()
        before = snapshot(photos)

        assert alpha(photos, "-o", out) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
        assert snapshot(photos) == before


class TestTwoProcesses:
    def test_a_result_that_the_other_one_made_counts_as_done(
        self, photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The other process is a run that starts when this one sees its first photo."""

        def both(width: int, height: int) -> Any:
            engine.answer = disc
            assert alpha(photos, "-o", out) == 0
            return disc(width, height)

        engine.answer = both

        assert alpha(photos, "-o", out) == 0
        assert len(engine.seen) == 4
        assert "3 of 3 photos done, 3 of them earlier" in capsys.readouterr().err

    def test_a_file_that_appears_meanwhile_is_kept(self, photos: Path, out: Path, engine: FakeEngine) -> None:
        def appear(width: int, height: int) -> Any:
            (out / "a.png").write_bytes(b"mine")
            return disc(width, height)

        engine.answer = appear

        assert alpha(photos, "-o", out) == 1
        assert (out / "a.png").read_bytes() == b"mine"

    def test_a_disk_without_hard_links(
        self, photos: Path, out: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_links(*_: Any) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(atomic_write_module.os, "link", no_links)
        self.test_a_file_that_appears_meanwhile_is_kept(photos, out, engine)
        assert sorted(results(out)) == ["a.png", "b.png", "sub/c.png"]


@pytest.mark.parametrize(
    ("stop", "code"),
    [(KeyboardInterrupt(), 130), (Stopped(signal.SIGTERM), 143), (Stopped(signal.SIGHUP), 129)],
)
def test_stop_prints_the_account(
    stop: KeyboardInterrupt,
    code: int,
    photos: Path,
    out: Path,
    engine: FakeEngine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def second(width: int, height: int) -> Any:
        if len(engine.seen) == 2:
            raise stop
        return same_everywhere(1)(width, height)

    engine.answer = second

    assert alpha(photos, "-o", out) == code
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "stopped early: 1 photo done, the rest is not done",
        "pspm: interrupted",
    ]
    assert list(results(out)) == ["a.png"]


def test_a_signal_while_a_result_is_written(
    photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    link = os.link

    def link_and_signal(*paths: Path) -> None:
        link(*paths)
        # Not SIGINT, which programs that run in the background ignore.
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(os, "link", link_and_signal)

    assert alpha(photos, "-o", out) == 143
    assert list(results(out)) == ["a.png"]
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "stopped early: 1 photo done, the rest is not done",
        "pspm: interrupted",
    ]


def test_a_signal_that_a_library_turns_into_another_error(
    photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    def lose_signal(width: int, height: int) -> Any:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            raise ImportError("something else") from None

    engine.answer = lose_signal

    assert alpha(photos, "-o", out) == 143
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "stopped early: 0 photos done, the rest is not done",
        "pspm: interrupted",
    ]


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "kind"), [("png", "PNG"), ("webp", "WEBP"), ("jpg", "JPEG"), ("tif", "TIFF"), ("avif", "AVIF")]
    )
    @pytest.mark.parametrize("effect", ["alpha", "cutout", "blur"])
    def test_format_of_a_folder(self, photos: Path, out: Path, effect: str, name: str, kind: str) -> None:
        if (effect, name) == ("cutout", "jpg"):
            assert main([effect, str(photos), "-o", str(out), "--format", name]) == 1
            assert not out.exists()
            return

        assert main([effect, str(photos), "-o", str(out), "--format", name]) == 0
        with Image.open(out / f"a.{name}") as result:
            assert (result.format, result.size) == (kind, (120, 100))
            assert effect != "cutout" or result.mode == "RGBA"

    @pytest.mark.parametrize("name", ["jpg", "webp", "avif"])
    def test_quality(self, photos: Path, tmp_path: Path, name: str) -> None:
        sizes = []
        for quality in (1, 50, 100):
            out = tmp_path / f"{quality}.{name}"
            assert main(["blur", str(photos / "a.jpg"), "-o", str(out), "--jpeg-quality", str(quality)]) == 0
            sizes.append(out.stat().st_size)
        assert sizes == sorted(set(sizes))

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["out/", "--jpeg-quality", "0", "--format", "jpg"], "must be from 1 to 100"),
            (["out.jpg", "--jpeg-quality", "101"], "must be from 1 to 100"),
            (["out.png", "--jpeg-quality", "90"], "does not change a PNG file"),
            (["-", "--format", "tif", "--jpeg-quality", "90"], "does not change a TIFF file"),
            (["out.png", "--format", "jpg"], "is not a JPEG file by its name"),
        ],
    )
    def test_options_that_do_not_fit(
        self,
        photos: Path,
        arguments: list[str],
        sentence: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(photos)

        assert alpha("a.jpg", "-o", *arguments) == 1
        assert sentence in capsys.readouterr().err

    def test_format_and_quality_belong_to_the_recipe(self, photos: Path, out: Path) -> None:
        assert alpha(photos, "-o", out, "--format", "jpg", "--jpeg-quality", 60) == 0
        assert alpha(photos, "-o", out, "--format", "jpg", "--jpeg-quality", 60, "--resume") == 0
        assert alpha(photos, "-o", out, "--format", "jpg", "--jpeg-quality", 70, "--resume") == 1

    def test_the_quality_of_mattes_belongs_to_the_recipe(
        self, photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert alpha(photos, "-o", out, "--quality", "fast") == 0
        runs = len(engine.seen)
        assert alpha(photos, "-o", out, "--quality", "fast", "--resume") == 0
        assert len(engine.seen) == runs
        assert alpha(photos, "-o", out, "--resume") == 1
        assert "give --force" in capsys.readouterr().err


class TestCrop:
    @pytest.mark.parametrize("effect", ["alpha", "cutout", "background", "blur"])
    def test_results_are_the_part_of_the_whole(self, effect: str, photos: Path, tmp_path: Path) -> None:
        options = [effect, str(photos / "a.jpg"), *(["--with", "#fff"] if effect == "background" else [])]
        assert main([*options, "-o", str(tmp_path / "whole.png")]) == 0
        assert main([*options, "-o", str(tmp_path / "part.png"), "--crop"]) == 0
        assert main([*options, "-o", str(tmp_path / "wide.png"), "--crop", "9"]) == 0
        assert main(["alpha", str(photos / "a.jpg"), "-o", str(tmp_path / "matte.png")]) == 0

        whole, part, wide, matte = (
            Image.open(io.BytesIO((tmp_path / f"{name}.png").read_bytes()))
            for name in ("whole", "part", "wide", "matte")
        )
        box = person_box(matte)
        assert box is not None
        assert part.size != whole.size
        assert part.tobytes() == whole.crop(box).tobytes()
        assert wide.tobytes() == whole.tobytes()

    def test_photo_without_a_person(
        self, photos: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        engine.answer = same_everywhere(0)

        assert alpha(photos / "a.jpg", "-o", out / "a.png", "--crop") == 1
        assert "no person was found to crop" in capsys.readouterr().err

    @pytest.mark.parametrize("margin", ["-1", "nan", "11"])
    def test_margin_out_of_range(
        self, photos: Path, out: Path, margin: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert alpha(photos, "-o", out, f"--crop={margin}") == 1
        assert "--crop must be from 0 to 10" in capsys.readouterr().err


class TestMetadata:
    @pytest.fixture
    def photo(self, tmp_path: Path) -> Path:
        exif = Image.Exif()
        exif[Base.Make], exif[Base.Copyright], exif[Base.Orientation] = "Camera", "Ada", 6
        exif[Base.ImageDescription] = "at home"
        exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:28 12:00:00"
        exif.get_ifd(IFD.Exif)[Base.BodySerialNumber] = "12345"
        exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (50.0, 1.0, 2.0)})
        path = tmp_path / "photo.jpg"
        path.write_bytes(encoded(Image.fromarray(gradient(24, 20)), "JPEG", exif=exif, dpi=(300, 300)))
        return path

    @pytest.mark.parametrize("name", ["png", "webp", "jpg", "tif", "avif"])
    @pytest.mark.parametrize("option", [None, "--keep-metadata", "--keep-gps"])
    def test_what_is_kept(self, photo: Path, tmp_path: Path, name: str, option: str | None) -> None:
        out = tmp_path / f"out.{name}"
        assert main(["blur", str(photo), "-o", str(out), *([option] if option else [])]) == 0

        with Image.open(out) as result:
            exif = result.getexif()
            assert result.size == (20, 24)
            assert exif.get(Base.Orientation, 1) == 1
            assert exif.get(Base.Make) == ("Camera" if option else None)
            assert exif.get(Base.Copyright) == ("Ada" if option else None)
            assert exif.get(Base.ImageDescription) == ("at home" if option else None)
            assert exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal) == ("2026:11:28 12:00:00" if option else None)
            assert exif.get_ifd(IFD.Exif).get(Base.BodySerialNumber) is None
            assert bool(exif.get_ifd(IFD.GPSInfo)) == (option == "--keep-gps")
            if option and name in ("png", "jpg", "tif"):
                assert result.info["dpi"] == pytest.approx((300, 300), abs=0.01)

    def test_broken_and_missing_metadata_cost_nothing(self, photos: Path, out: Path) -> None:
        (photos / "d.jpg").write_bytes(
            encoded(Image.fromarray(gradient(24, 20)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff junk")
        )

        assert alpha(photos, "-o", out, "--keep-gps") == 0
        assert len(results(out)) == 4
