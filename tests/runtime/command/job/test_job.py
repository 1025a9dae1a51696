"""Jobs on a disk: what is done, done again, kept, refused and said."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pspm_runtime.command.batch.ledger.ledger_lines import JOB_LEDGERS
from pspm_runtime.command.cli import main
from pspm_runtime.command.job import manifest as manifest_module
from pspm_runtime.files import photo as photo_module

from tests.runtime.command.job.conftest import JPEG, Batch, make
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import snapshot


@pytest.fixture(autouse=True)
def without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest as JSON lines, also where the extra is installed."""
    monkeypatch.setattr(manifest_module, "_has_pyarrow", lambda: False)


def results(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in snapshot(folder).items() if not name.startswith("_pspm/")}


def rows(out: Path) -> dict[str, dict[str, Any]]:
    """The manifest by the names of the photos."""
    lines = (out / "_pspm/manifest.jsonl").read_text().splitlines()
    found = {Path(row["path"]).name: row for row in map(json.loads, lines)}
    assert len(found) == len(lines)
    return found


def test_a_job_gives_what_a_folder_command_gives(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    assert main(["cutout", str(photos), "-o", str(tmp_path / "plain"), "--quiet"]) == 0
    plain = {name: data for name, data in snapshot(tmp_path / "plain").items() if not name.startswith(".")}

    code, err = batch(photos, "-o", out, effect="cutout")

    assert (code, err) == (0, "3 of 3 photos done\n")
    assert results(out) == plain
    assert sorted(plain) == ["a.png", "b.png.png", "sub/c.png"]
    assert {name: (row["status"], row["output"]) for name, row in rows(out).items()} == {
        "a.jpg": ("done", "a.png"),
        "b.png": ("done", "b.png.png"),
        "c.jpg": ("done", "sub/c.png"),
    }
    assert all(row["milliseconds"] >= 0 and row["error"] is None for row in rows(out).values())
    assert list((out / "_pspm/unfinished").iterdir()) == []


def test_the_same_command_again_opens_no_photo(
    photos: Path, out: Path, batch: Batch, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(photos, "-o", out)
    before = snapshot(out)
    engine.runs.clear()
    monkeypatch.setattr(photo_module, "from_path", lambda *_: pytest.fail("a photo was opened"))

    assert batch(photos, "-o", out) == (0, "3 of 3 photos done, 3 of them earlier\n")
    assert snapshot(out) == before
    assert engine.runs == []


def test_photos_that_are_new_or_have_changed(photos: Path, out: Path, batch: Batch) -> None:
    batch(photos, "-o", out)
    (photos / "d.jpg").write_bytes(JPEG)
    (photos / "a.jpg").write_bytes(JPEG + bytes(9))

    code, _ = batch(photos, "-o", out)

    assert code == 0  # the new photo has the same matte, so its result is there already
    assert set(rows(out)) == {"a.jpg", "b.png", "c.jpg", "d.jpg"}
    assert rows(out)["a.jpg"]["key"].startswith(f"{len(JPEG) + 9}-")


def test_a_result_with_other_content_is_kept_without_force(photos: Path, out: Path, batch: Batch) -> None:
    batch(photos, "-o", out)
    earlier = results(out)

    code, err = batch(photos, "-o", out, effect="cutout")
    assert code == 1
    assert "a.png exists already, with other content; give --force to replace it" in err
    assert results(out) == earlier

    assert batch(photos, "-o", out, "--force", effect="cutout") == (0, "3 of 3 photos done\n")
    assert results(out) != earlier
    assert batch(photos, "-o", out, effect="cutout") == (0, "3 of 3 photos done, 3 of them earlier\n")


def test_what_another_recipe_has_replaced_is_not_done(photos: Path, out: Path, batch: Batch) -> None:
    batch(photos, "-o", out)
    mattes = results(out)
    batch(photos, "-o", out, "--force", effect="cutout")

    assert batch(photos, "-o", out, "--force") == (0, "3 of 3 photos done\n")
    assert results(out) == mattes


def test_failures_are_rows_and_wait_for_retry_failed(photos: Path, out: Path, batch: Batch) -> None:
    (photos / "bad.jpg").write_bytes(b"no photo")

    code, err = batch(photos, "-o", out)
    assert code == 1
    assert "3 of 4 photos done" in err
    assert "bad.jpg is not a picture in a format that can be read" in err
    assert rows(out)["bad.jpg"]["status"] == "failed"
    assert "is not a picture" in rows(out)["bad.jpg"]["error"]

    code, err = batch(photos, "-o", out)
    assert code == 1
    assert err.splitlines() == [
        "3 of 4 photos done, 3 of them earlier",
        "pspm: 1 photo failed in an earlier run; give --retry-failed to try again",
    ]

    code, err = batch(photos, "-o", out, "--retry-failed")
    assert code == 1
    assert "bad.jpg is not a picture" in err

    (photos / "bad.jpg").write_bytes(JPEG)  # a change is tried without being asked for
    assert batch(photos, "-o", out)[0] == 0
    assert rows(out)["bad.jpg"]["status"] == "done"


def test_a_failure_depends_on_its_limits(photos: Path, out: Path, batch: Batch) -> None:
    assert batch(photos, "-o", out, "--max-megapixels", "0.001")[0] == 1
    assert results(out) == {}

    assert batch(photos, "-o", out) == (0, "3 of 3 photos done\n")


def test_many_failures_are_named_in_the_manifest(out: Path, tmp_path: Path, batch: Batch) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for i in range(30):
        (source / f"{i:02d}.jpg").write_bytes(b"no photo")

    code, err = batch(source, "-o", out)

    assert code == 1
    assert err.count("is not a picture") == 20
    assert f"pspm: 10 more photos failed; all are in {out}/_pspm/manifest.jsonl" in err
    assert len(rows(out)) == 30


def test_a_photo_whose_time_has_changed(photos: Path, out: Path, batch: Batch, engine: FakeEngine) -> None:
    batch(photos, "-o", out, "--key", "content")
    for path in photos.rglob("*.*"):
        os.utime(path, (1, 1))
    engine.runs.clear()

    assert batch(photos, "-o", out, "--key", "content")[0] == 0
    assert engine.runs == []
    assert batch(photos, "-o", out, "--key", "content") == (0, "3 of 3 photos done, 3 of them earlier\n")

    (photos / "a.jpg").write_bytes(JPEG + b"changed")
    batch(photos, "-o", out, "--key", "content")
    assert len(engine.seen) == 1
    assert len(rows(out)["a.jpg"]["sha256"]) == 64


def test_a_result_that_is_gone(photos: Path, out: Path, batch: Batch) -> None:
    batch(photos, "-o", out)
    (out / "a.png").unlink()

    assert batch(photos, "-o", out) == (0, "3 of 3 photos done, 3 of them earlier\n")
    assert batch(photos, "-o", out, "--check") == (0, "3 of 3 photos done, 2 of them earlier\n")
    assert (out / "a.png").exists()


@pytest.mark.slow
def test_several_processes(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    """In processes that have the real network."""
    make(photos, *(f"{i}.jpg" for i in range(4)))
    command = [photos, "--threads", "1", "--quality", "fast"]
    assert batch(*command, "-o", out, "--jobs", "2")[0] == 0

    assert main(["alpha", *map(str, command), "-o", str(tmp_path / "plain"), "--jobs", "2"]) == 0
    plain = {name: data for name, data in snapshot(tmp_path / "plain").items() if not name.startswith(".")}
    assert results(out) == plain
    assert list((out / "_pspm/unfinished").iterdir()) == []


def test_the_parts_of_a_job(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    make(photos, *(f"{i}.jpg" for i in range(9)))
    batch(photos, "-o", tmp_path / "whole")

    for part in ("1/3", "3/3"):
        assert batch(photos, "-o", out, "--shard", part)[0] == 0
        assert not (out / "_pspm/manifest.jsonl").exists()
    assert batch(photos, "-o", out, "--shard", "2/3")[0] == 0

    assert results(out) == results(tmp_path / "whole")
    assert len(rows(out)) == 12
    assert batch(photos, "-o", out) == (0, "12 of 12 photos done, 12 of them earlier\n")


def test_the_output_of_a_job_holds_no_photos_of_another_one(photos: Path, batch: Batch, tmp_path: Path) -> None:
    batch(photos, "-o", photos / "mattes")

    code, err = batch(photos, "-o", tmp_path / "out")

    assert code == 0
    assert "3 of 3 photos done" in err
    assert "left out: 3 made by an earlier run" in err


def test_a_full_disk_ends_the_job(
    photos: Path, out: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch, engine: FakeEngine
) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        code, err = batch(photos, "-o", out)

    assert code == 1
    assert len(engine.seen) == 1
    assert err.count("No space left on device") == 1
    assert "a.png cannot be written: No space left on device; correct that, and give the command again to go on" in err
    assert "stopped early: 0 photos done" in err
    assert results(out) == {}
    assert batch(photos, "-o", out)[0] == 0
    assert len(results(out)) == 3


def test_a_name_that_is_too_long_costs_only_itself(photos: Path, out: Path, batch: Batch) -> None:
    (photos / f"{'x' * 250}.jpeg").write_bytes(JPEG)

    code, err = batch(photos, "-o", out)

    assert code == 1
    assert "3 of 4 photos done" in err
    assert "File name too long" in err


def test_what_a_killed_run_has_left(photos: Path, out: Path, batch: Batch) -> None:
    batch(photos, "-o", out)
    run = out / "_pspm/unfinished/20200101T000000Z-aaaaaaaa"
    run.mkdir()
    (run / "half").write_bytes(b"half")
    run.with_name(f"{run.name}.lock").touch()
    ledger = next((out / JOB_LEDGERS).iterdir())
    ledger.write_bytes(ledger.read_bytes()[:-20])  # the last line is cut short

    assert batch(photos, "-o", out) == (0, "3 of 3 photos done, 2 of them earlier\n")
    assert list((out / "_pspm/unfinished").iterdir()) == []
    assert len(rows(out)) == 3


def test_an_empty_file_that_took_a_name(photos: Path, out: Path, batch: Batch) -> None:
    out.mkdir()
    (out / "a.png").touch()

    assert batch(photos, "-o", out)[0] == 0
    assert (out / "a.png").stat().st_size > 0


def test_a_ledger_of_a_newer_version(photos: Path, out: Path, batch: Batch) -> None:
    batch(photos, "-o", out)
    (out / JOB_LEDGERS / "2030.jsonl").write_text('{"ledger": 2}\n')

    code, err = batch(photos, "-o", out)

    assert code == 1
    assert "2030.jsonl is of a newer version of PSPM" in err


def test_no_result_replaces_an_input(photos: Path, out: Path, batch: Batch) -> None:
    out.mkdir()
    (out / "a.png").symlink_to(photos / "a.jpg")
    before = snapshot(photos)

    code, err = batch(photos, "-o", out, "--force")

    assert code == 1
    assert "a.png is an input of this command" in err
    assert snapshot(photos) == before
