from pathlib import Path

import pytest
from pspm_runtime.files.atomic_write import atomic_write

from tests.runtime.pictures import snapshot


def test_a_file_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    for text in ("first", "second"):
        with atomic_write(path) as unfinished:
            unfinished.write_text(text)
    assert snapshot(tmp_path) == {"new/a.txt": b"second"}


def test_a_folder_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    for name in ("old", "new"):
        with atomic_write(path) as unfinished:
            unfinished.mkdir()
            (unfinished / name).write_text(name)
    assert snapshot(tmp_path) == {"folder/new": b"new"}


def test_after_an_error_everything_is_as_before(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")

    def interrupted() -> None:
        with atomic_write(path) as unfinished:
            unfinished.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert snapshot(tmp_path) == {"a.txt": b"mine"}
