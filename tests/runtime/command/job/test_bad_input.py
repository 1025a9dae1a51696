"""Inputs and options that a job cannot use: one sentence each, and nothing written."""

from pathlib import Path

import pytest

from tests.runtime.command.job.conftest import Batch, make
from tests.runtime.pictures import snapshot

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def here(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name, text in {
        "empty.txt": "",
        "blank.txt": "\n\n",
        "list.txt": "in/a.jpg\n",
        "empty.csv": "",
        "list.csv": "file,size\nin/a.jpg,1\n",
        "hole.csv": "path\n\nin/a.jpg\n,\n",
        "list.jsonl": '{"file": "in/a.jpg"}\n',
        "broken.jsonl": '{"path": "in/a.jpg"\n',
        "number.jsonl": "7\n",
        "file": "a file\n",
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.csv").write_bytes(b"path\n\xe4.jpg\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("gone -o out", "gone does not exist; give a folder, a list (.txt,"),
        ("empty -o out", "empty holds no photos (.jpg,"),
        ("empty.txt -o out", "empty.txt is an empty list; name at least one photo in it"),
        ("blank.txt -o out", "blank.txt is an empty list"),
        ("empty.csv -o out", "empty.csv is an empty list"),
        ("list.csv -o out", "list.csv has no column path; its columns are file, size: name the one of the paths with"),
        ("list.csv -o out --column name", "list.csv has no column name; its columns are file, size"),
        ("list.jsonl -o out", "list.jsonl has no column path; its columns are file"),
        ("broken.jsonl -o out", "broken.jsonl has no JSON in line 1; correct it"),
        ("number.jsonl -o out", "number.jsonl has no object in line 1"),
        ("hole.csv -o out", "hole.csv has no path in row 4; correct it"),
        ("latin.csv -o out", "latin.csv is not text in UTF-8; save it as such"),
        ("list.txt -o out --column path", "list.txt is a list with a path a line; leave out --column"),
        ("in -o out --column path", "--column is for a list of photos; leave it out for in"),
        ("in -o out --root .", "--root is for a list of photos"),
        ("in/a.jpg -o out", "in/a.jpg is one photo by its name; use pspm cutout"),
        ("file -o out", "file is neither a folder nor a list"),
        ("in -o in", "in is the folder of the photos; give another folder with -o"),
        ("list.txt -o .", ". is the folder of the photos; give another one with -o"),
        ("in -o file", "file is a file; give a folder for the results with -o"),
        ("list.txt -o file/out", "file/out cannot be written: Not a directory; choose another place"),
        ("in -o -", "a job needs a place for its results"),
        ("ftp://host/photos -o out", "ftp://host/photos is of no store that is known here; give a path, or an address"),
        ("https://host/list.csv -o out", "https://host/list.csv is of no store that is known here"),
        ("in -o ftp://host/out", "ftp://host/out is of no store that is known here"),
        ("s3:///photos -o out", "s3:///photos names no bucket; give an address such as s3://bucket/photos"),
        ("s3://bucket/a.jpg -o out", "s3://bucket/a.jpg is one photo by its name"),
        ("in -o out --jobs 0", "--jobs must be at least 1"),
        ("in -o out --shard 4/3", "--shard 4/3 is not a part such as 3/16"),
        ("in -o out --with #20a0ff", "--with is for --effect background; leave it out for alpha"),
        ("in -o out --strength 0.5", "--strength is for --effect blur; leave it out for alpha"),
        ("in -o out --format gif", "would be a GIF, which is for animations"),
        ("in -o out --model nothing", "there is no model 'nothing'; choose one of"),
        ("in -o out --crop 11", "--crop must be from 0 to 10"),
    ],
)
def test_one_sentence(arguments: str, sentence: str, tmp_path: Path, batch: Batch) -> None:
    before = snapshot(tmp_path)

    code, err = batch(*arguments.split())

    assert code == 1
    assert err.startswith("pspm: ")
    assert sentence in err
    assert err.count("\n") == 1
    assert snapshot(tmp_path) == before


def test_a_background_is_needed(batch: Batch) -> None:
    code, err = batch("in", "-o", "out", effect="background")

    assert (code, err) == (
        1,
        "pspm: --effect background needs --with; give a picture or a colour such as #20a0ff\n",
    )


def test_a_damaged_row_ends_the_job_where_it_is(tmp_path: Path, batch: Batch) -> None:
    (tmp_path / "long.csv").write_text("path\n" + "in/a.jpg\n" * 1000 + ",\n")

    code, err = batch("long.csv", "-o", "out")

    assert code == 1
    assert "stopped early" in err
    assert "pspm: long.csv has no path in row 1002; correct it" in err


def test_an_address_needs_pyarrow(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    from pspm_runtime.command.job.places import store

    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    store.bucket.cache_clear()

    code, err = batch("s3://bucket/photos", "-o", "out")

    assert code == 1
    assert "this needs pyarrow; install it in a clone of PSPM with: pip install '.[cluster]'" in err


def test_output_that_cannot_be_written(tmp_path: Path, batch: Batch) -> None:
    import os

    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    make(tmp_path / "in2", "a.jpg")
    (tmp_path / "out").mkdir(mode=0o500)

    code, err = batch("in2", "-o", "out")

    assert (code, err) == (1, "pspm: out cannot be written: Permission denied; choose another place\n")
