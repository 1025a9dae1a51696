"""Folders as an attacker or a worn disk could leave them: each photo is right, or one sentence on one line."""

import errno
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER
from pspm_runtime.command.cli import main

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import disc, encoded, gradient, snapshot

pytestmark = pytest.mark.slow

JPEG = encoded(Image.fromarray(gradient(120, 100)), "JPEG")
NAMES = (
    b"line\nbreak.jpg",
    b"pspm: forged\rline.jpg",
    b"\x1b[31mred\x07.jpg",
    b"\xff\xfe not utf-8.jpg",
    "\u202egpj.exe.jpg".encode(),
    "\u2028separator.jpg".encode(),
    "\U0001f468\u200d\U0001f467 emoji.jpg".encode(),
    b"-o.jpg",
    b" space .jpg",
    b"back\\slash.jpg",
    b"[1]*?.jpg",
    b"~.jpg",
    b"x" * 251 + b".jpg",
)


@pytest.fixture(autouse=True)
def engine(fake_engine: FakeEngine) -> FakeEngine:
    return fake_engine


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def make(folder: Path, *names: bytes | str, data: bytes = JPEG) -> Path:
    for name in names:
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def results(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in snapshot(folder).items() if name != LEDGER}


def alpha(*arguments: Any) -> int:
    return main(["alpha", *map(str, arguments)])


class TestNames:
    def test_results(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", *NAMES, *(b"sub\n" + name[-240:] for name in NAMES))

        assert alpha(source, "-o", out, "--json") == 0
        written = json.loads(capsys.readouterr().out)["written"]
        assert {Path(name).relative_to(out) for name in written} == {
            path.relative_to(source).with_suffix(".png") for path in source.rglob("*.jpg")
        }
        assert all(Path(name).is_file() for name in written)

        assert alpha(source, "-o", out, "--resume", "--json") == 0
        assert json.loads(capsys.readouterr().out)["skipped"] == written

    def test_failures_take_one_line_each(self, tmp_path: Path, out: Path, capfd: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", *NAMES, data=b"no photo")

        assert alpha(source, "-o", out) == 1
        lines = capfd.readouterr().err.rstrip("\n").split("\n")
        assert lines[0] == f"0 of {len(NAMES)} photos done"
        assert len(lines) == 1 + len(NAMES)
        for line in lines[1:]:
            assert line.startswith("pspm: /")
            assert line.isprintable()
            assert line.count(".jpg") == 1
        assert r"line\nbreak.jpg" in "".join(lines)
        assert r"\x1b[31mred\x07" in "".join(lines)
        assert r"\udcff\udcfe not" in "".join(lines)

    def test_json_lines(self, tmp_path: Path, out: Path, capfd: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", *NAMES, data=b"no photo")

        assert alpha(source, "-o", out, "--json-lines") == 1
        lines = [json.loads(line) for line in capfd.readouterr().out.rstrip("\n").split("\n")]
        assert {os.fsencode(line["input"]) for line in lines[:-1]} == {
            os.fsencode(source / os.fsdecode(name)) for name in NAMES
        }


class TestWhatIsNoPhoto:
    def test_in_a_folder(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", "a.jpg", ".DS_Store", "._a.jpg", ".hidden/b.jpg", "photo.jpg/b.jpg", "Thumbs.db")
        (source / "empty.jpg").touch()
        os.mkfifo(source / "pipe.jpg")
        (source / "dead.jpg").symlink_to("nowhere.jpg")
        (source / "loop.jpg").symlink_to("loop.jpg")
        (source / "self").symlink_to(".")
        (source / "null.jpg").symlink_to("/dev/null")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(source / "socket.jpg"))

        assert alpha(source, "-o", out, "--json") == 1
        account = json.loads(capsys.readouterr().out)
        assert sorted(results(out)) == ["a.png", "photo.jpg/b.png"]
        assert [Path(failed["input"]).name for failed in account["failed"]] == ["empty.jpg"]
        assert account["left_out"] == {
            "hidden": 3,
            ".db": 1,
            "not a regular file": 2,
            "broken link": 3,
            "link to a folder that is included": 1,
        }

    def test_by_name(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", "a.jpg")
        (source / "dead.jpg").symlink_to("nowhere.jpg")
        (source / "loop.jpg").symlink_to("loop.jpg")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(source / "socket.jpg"))
            odd = (source / "dead.jpg", source / "loop.jpg", source / "socket.jpg", "/dev/zero", "gone.jpg")

            assert alpha(*odd, source / "a.jpg", "-o", out) == 1
        lines = capsys.readouterr().err.splitlines()
        assert lines[0] == "1 of 6 photos done"
        assert len(lines) == 6
        assert sorted(results(out)) == ["a.png"]

    def test_only_such_files(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", "a.dng", ".b.jpg", data=b"")

        assert alpha(source, "-o", out) == 1
        assert "left out: 1 .dng, 1 hidden" in capsys.readouterr().err
        assert not out.exists()


class TestInputsGivenTwice:
    def test_they_are_done_once(
        self, tmp_path: Path, out: Path, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = make(tmp_path / "in", "a.jpg", "b.jpg")

        assert alpha(source / "a.jpg", f"{source}/*.jpg", source / "b.jpg", "-o", out) == 0
        assert len(engine.seen) == 2
        assert capsys.readouterr().err.splitlines()[-2:] == ["2 of 2 photos done", "left out: 2 given twice"]

    def test_other_photos_of_the_same_name_fail(
        self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        make(tmp_path, "x/a.jpg", "y/a.jpg")

        assert alpha(tmp_path / "x" / "a.jpg", tmp_path / "y" / "a.jpg", "-o", out, "--force") == 1
        assert "y/a.jpg would have the same result as" in capsys.readouterr().err

    def test_a_pattern_that_follows_a_loop_of_links(self, tmp_path: Path, out: Path, engine: FakeEngine) -> None:
        source = make(tmp_path / "in", "a.jpg")
        (source / "loop").symlink_to(".")

        assert alpha(f"{source}/**/*.jpg", "-o", out) == 0
        assert len(engine.seen) == 1


class TestInputsAreNeverReplaced:
    """With --force, when the output folder changes while the run goes on."""

    @pytest.mark.parametrize("moment", ["at a photo", "at the end"])
    def test_a_link_that_appears_late(
        self,
        moment: str,
        tmp_path: Path,
        out: Path,
        engine: FakeEngine,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        source = make(tmp_path / "in", "sub/c.jpg")
        make(out, "sub/c.jpg")
        before = snapshot(source)

        def swap() -> None:
            if not (out / "sub").is_symlink():
                (out / "sub").rename(out / "moved")
                (out / "sub").symlink_to(source / "sub")

        def answer(width: int, height: int) -> Any:
            swap()
            return disc(width, height)

        chmod = Path.chmod

        def chmod_and_swap(path: Path, mode: int) -> None:
            chmod(path, mode)
            swap()

        if moment == "at a photo":
            engine.answer = answer
        else:
            monkeypatch.setattr(Path, "chmod", chmod_and_swap)

        assert main(["blur", str(source), "-o", str(out), "--force"]) == 1
        assert "c.jpg is an input of this command, which is never replaced" in capsys.readouterr().err
        monkeypatch.undo()
        assert snapshot(source) == before

    def test_a_photo_that_is_a_link_to_its_own_result(self, tmp_path: Path, out: Path) -> None:
        source = make(tmp_path / "in", "b.jpg")
        make(out, "a.jpg", "b.jpg")
        (source / "a.jpg").symlink_to(out / "a.jpg")

        assert main(["blur", str(source), "-o", str(out), "--force"]) == 0
        assert (out / "a.jpg").read_bytes() == JPEG
        assert (out / "b.jpg").read_bytes() != JPEG

    def test_explicit_photos_by_other_names(self, tmp_path: Path, out: Path) -> None:
        make(out, "a.png", data=encoded(Image.fromarray(gradient(24, 20))))
        before = snapshot(out)
        (tmp_path / "a.jpg").symlink_to(out / "a.png")
        make(tmp_path, "b.jpg")

        assert alpha(tmp_path / "a.jpg", tmp_path / "b.jpg", "-o", out, "--force") == 1
        assert (out / "a.png").read_bytes() == before["a.png"]


class TestDisks:
    def test_a_full_disk_fails_every_photo(
        self, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = make(tmp_path / "in", "a.jpg", "b.jpg")

        def full(*_: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", full)
            assert alpha(source, "-o", out) == 1
        err = capsys.readouterr().err
        assert "0 of 2 photos done" in err
        assert err.count("No space left on device") == 2
        assert [path.name for path in out.iterdir()] == [LEDGER]

        assert alpha(source, "-o", out, "--resume") == 0

    def test_a_ledger_that_cannot_grow(
        self, tmp_path: Path, out: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A line that was cut short does not spoil the next one."""
        source = make(tmp_path / "in", "a.jpg", "b.jpg")
        write = os.write
        lengths: list[int] = []

        def short(file: int, data: bytes) -> int:
            lengths.append(len(data))
            return write(file, data[:20] if len(lengths) == 2 else data)

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", short)
            assert alpha(source, "-o", out) == 1
        assert sorted(results(out)) == ["b.png"]
        engine.runs.clear()

        assert alpha(source, "-o", out, "--resume") == 0
        assert len(engine.seen) == 1

    def test_an_output_that_cannot_be_followed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", "a.jpg")
        (tmp_path / "loop").symlink_to("loop")

        assert alpha(source, "-o", tmp_path / "loop") == 1
        assert alpha(source, "-o", tmp_path / "loop" / "x") == 1
        assert alpha(source, "-o", tmp_path / ("x" * 300)) == 1
        assert alpha(source, "-o", "/dev/null") == 1
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 4
        assert all(line.startswith("pspm: ") for line in lines)

    def test_a_folder_in_place_of_a_result(self, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
        source = make(tmp_path / "in", "a.jpg", "b.jpg")
        (out / "a.png").mkdir(parents=True)

        assert alpha(source, "-o", out, "--force") == 1
        assert "a.png is a folder; give another folder" in capsys.readouterr().err
        assert sorted(results(out)) == ["b.png"]

    def test_a_placeholder_of_a_killed_run_on_a_disk_without_hard_links(
        self, tmp_path: Path, out: Path, engine: FakeEngine
    ) -> None:
        source = make(tmp_path / "in", "a.jpg", "b.jpg")
        assert alpha(source, "-o", out) == 0
        whole = results(out)
        (out / "a.png").write_bytes(b"")
        engine.runs.clear()

        assert alpha(source, "-o", out, "--resume") == 0
        assert len(engine.seen) == 1
        assert results(out) == whole

        (out / "c.png").touch()
        make(source, "c.jpg")
        assert alpha(source, "-o", out, "--resume") == 1


def test_two_runs_with_force_do_a_photo_once(tmp_path: Path, out: Path, engine: FakeEngine) -> None:
    source = make(tmp_path / "in", "a.jpg", "b.jpg", "c.jpg")
    assert alpha(source, "-o", out) == 0
    engine.runs.clear()

    def both(width: int, height: int) -> Any:
        engine.answer = disc
        assert alpha(source, "-o", out, "--force") == 0
        return disc(width, height)

    engine.answer = both
    assert alpha(source, "-o", out, "--force") == 0
    assert len(engine.seen) == 4


class TestTilde:
    def test_it_is_the_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The shell leaves it as it is within quotes and after --out=."""
        monkeypatch.setenv("HOME", str(make(tmp_path, "in/a.jpg")))
        monkeypatch.chdir(tmp_path)

        assert alpha("~/in", "--out=~/out") == 0
        assert list(results(tmp_path / "out")) == ["a.png"]
        assert not (tmp_path / "~").exists()
