"""Lists of photos."""

import json
from pathlib import Path

import pytest

from tests.runtime.command.job.conftest import JPEG, Batch
from tests.runtime.pictures import snapshot


def results(out: Path) -> list[str]:
    return sorted(name for name in snapshot(out) if not name.startswith("_pspm/"))


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("list.txt", "in/a.jpg\nin/sub/c.jpg\n", []),
        ("list.txt", "\ufeffin/a.jpg\r\n\r\nin/sub/c.jpg", []),
        ("list.jsonl", '{"path": "in/a.jpg"}\n\n"in/sub/c.jpg"\n', []),
        ("list.ndjson", '{"f": "in/a.jpg"}\n{"f": "in/sub/c.jpg"}\n', ["--column", "f"]),
        ("list.csv", "id,path\n1,in/a.jpg\n2,in/sub/c.jpg\n", []),
        ("list.csv", '\ufefffile,"a, b"\nin/a.jpg,1\nin/sub/c.jpg,2\n', ["--column", "file"]),
        ("LIST.CSV", "path\r\nin/a.jpg\r\nin/sub/c.jpg\r\n", []),
    ],
)
def test_each_kind(
    name: str, text: str, options: list[str], photos: Path, out: Path, tmp_path: Path, batch: Batch
) -> None:
    (tmp_path / name).write_bytes(text.encode())

    assert batch(tmp_path / name, "-o", out, *options) == (0, "2 of 2 photos done\n")
    assert results(out) == ["in/a.png", "in/sub/c.png"]


def test_paths_begin_at_the_root(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    (tmp_path / "lists").mkdir()
    listed = tmp_path / "lists/list.txt"
    listed.write_text(f"a.jpg\n{photos}/sub/c.jpg\nsub/../b.png\n")

    assert batch(listed, "-o", out, "--root", photos)[0] == 0
    assert results(out) == ["a.png", "b.png.png", "sub/c.png"]


def test_paths_out_of_the_root_keep_their_folders(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    (tmp_path / "lists").mkdir()
    listed = tmp_path / "lists/list.txt"
    listed.write_text(f"../in/a.jpg\n{photos}/sub/c.jpg\n")

    assert batch(listed, "-o", out)[0] == 0
    below = str(photos).lstrip("/")
    assert results(out) == [f"{below}/a.png", f"{below}/sub/c.png"]


def test_a_photo_that_is_listed_twice(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    (tmp_path / "list.txt").write_text(f"in/a.jpg\nin/b.png\n./in/a.jpg\nin/sub/../a.jpg\n{photos}/a.jpg\n")

    code, err = batch(tmp_path / "list.txt", "-o", out)

    assert (code, err) == (0, "2 of 2 photos done\nleft out: 3 given twice\n")


def test_two_photos_of_one_result(out: Path, tmp_path: Path, batch: Batch) -> None:
    below = str(tmp_path).lstrip("/")
    for path in (tmp_path / "a.jpg", tmp_path / "lists" / below / "a.jpg"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(JPEG)
    listed = tmp_path / "lists/list.txt"
    listed.write_text(f"{below}/a.jpg\n{tmp_path}/a.jpg\n")

    code, err = batch(listed, "-o", out)

    assert code == 1
    assert "1 of 2 photos done" in err
    assert f"{tmp_path}/a.jpg would have the same result as another photo of the list, {below}/a.png" in err


def test_rows_that_fail_alone(photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    out.mkdir()
    (out / "old.jpg").write_bytes(JPEG)
    rows = ["in/a.jpg", "in/gone.jpg", "in", "out/old.jpg", "ftp://host/a.jpg", "a\0b.jpg", "in/sub/c.jpg"]
    (tmp_path / "list.jsonl").write_text("\n".join(json.dumps({"path": row}) for row in rows))

    code, err = batch(tmp_path / "list.jsonl", "-o", out)

    assert code == 1
    assert "2 of 7 photos done" in err
    assert "gone.jpg does not exist" in err
    assert f"{photos} is a folder" in err
    assert f"{out}/old.jpg is in the output; give another one with -o" in err
    assert "ftp://host/a.jpg is of no store that is known here" in err
    assert "a\\x00b.jpg is no path, because it has a character 0" in err
    assert results(out) == ["in/a.png", "in/sub/c.png", "old.jpg"]


def test_a_name_that_is_not_utf_8(out: Path, tmp_path: Path, batch: Batch) -> None:
    (tmp_path / b"\xff.jpg".decode(errors="surrogateescape")).write_bytes(JPEG)
    (tmp_path / "list.txt").write_bytes(b"\xff.jpg\n")

    assert batch(tmp_path / "list.txt", "-o", out)[0] == 0
    assert batch(tmp_path / "list.txt", "-o", out) == (0, "1 of 1 photos done, 1 of them earlier\n")
