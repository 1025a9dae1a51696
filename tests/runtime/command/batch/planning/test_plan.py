import json
import os
import tracemalloc
import unicodedata
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pspm_runtime import PhotoError
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER
from pspm_runtime.command.batch.planning.names import PHOTO_SUFFIXES, Disk, folded, result_name
from pspm_runtime.command.batch.planning.plan import Plan, expand

PARTS = st.lists(st.sampled_from(["a", "b", ".jpg", ".JPG", ".png", ".jpeg", ".tif", "."]), min_size=1, max_size=4)
SUFFIXES = st.sampled_from([".jpg", ".JPG", *PHOTO_SUFFIXES])
NAMES = st.builds(lambda parts, suffix: "".join(parts) + suffix, PARTS, SUFFIXES)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def planned(plan: Plan) -> dict[str, str]:
    """The result of each photo that can be processed, both relative to their folders."""
    return {str(job.photo.relative_to(plan.inputs[0])): job.result.as_posix() for job in plan if not job.error}


@pytest.mark.parametrize(
    ("photo", "result"),
    [
        ("a.jpg", "a.png"),
        ("a.b.jpg", "a.b.png"),
        ("a.JPG", "a.JPG.png"),
        ("a.jpeg", "a.jpeg.png"),
        ("a.png", "a.png.png"),
        ("a.jpg.png", "a.jpg.png.png"),
        ("a.png.jpg", "a.png.jpg.png"),
        ("a.TIF.jpg", "a.TIF.jpg.png"),
    ],
)
def test_result_name(photo: str, result: str) -> None:
    assert result_name(photo, ".png") == result


@given(st.sets(NAMES, min_size=2))
def test_no_two_photos_share_a_result(names: set[str]) -> None:
    assert len({result_name(name, ".png") for name in names}) == len(names)


@given(NAMES, NAMES)
def test_letter_case_makes_no_two_results_equal(first: str, second: str) -> None:
    if first.casefold() != second.casefold():
        assert result_name(first, ".png").casefold() != result_name(second, ".png").casefold()


def test_photos_are_found_below_and_keep_their_place(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "B.JPEG", "sub/c.png", "sub/deep/d.heic", "notes.txt", "no suffix")
    plan = Plan([source], tmp_path / "out", ".png")

    assert planned(plan) == {
        "a.jpg": "a.png",
        "B.JPEG": "B.JPEG.png",
        "sub/c.png": "sub/c.png.png",
        "sub/deep/d.heic": "sub/deep/d.heic.png",
    }
    assert plan.left_out == {".txt": 1, "without suffix": 1}


def test_names_do_not_depend_on_other_photos(tmp_path: Path) -> None:
    names = ("a.jpg", "a.png", "a.jpg.png", "a.JPG", "sub/a.jpg")
    touch(tmp_path / "all", *names)
    together = planned(Plan([tmp_path / "all"], tmp_path / "out", ".png"))
    assert len({result.casefold() for result in together.values()}) == len(names)

    for i, name in enumerate(names):
        touch(tmp_path / str(i), name)
        assert planned(Plan([tmp_path / str(i)], tmp_path / "out", ".png")) == {name: together[name]}


@pytest.mark.parametrize("name", ["a.jfif", "a.jpe", "a.jp2", "a.mpo", "a.hif", "a.tga", "A.JFIF"])
def test_suffixes_that_are_less_usual(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "in", name)

    assert planned(Plan([tmp_path / "in"], tmp_path / "out", ".png")) == {name: f"{name}.png"}


class CarelessDisk(Disk):
    """A disk that ignores letter case and how accents are coded, as those of macOS and Windows do."""

    def same(self, first: str, second: str) -> bool:
        return folded(first) == folded(second)


NFC, NFD = (unicodedata.normalize(form, "\u00e9") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("first", "second"), [("A", "a"), ("\u00c4", "\u00e4"), (NFD, NFC), ("\u00df", "\u1e9e")])
def test_photos_whose_names_are_one_on_another_disk(tmp_path: Path, first: str, second: str) -> None:
    touch(tmp_path / "in", f"{first}.jpg", "b.jpg", f"{second}.jpg")
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")
    assert planned(plan) == {f"{name}.jpg": f"{name}.png" for name in (first, "b", second)}
    assert not list((tmp_path / "out").iterdir())

    plan.disk = CarelessDisk(tmp_path / "out")
    errors = {job.photo.stem: str(job.error) for job in plan if job.error}
    assert list(errors) == [second]
    assert "same result as" in errors[second]


def test_folders_whose_names_are_one_on_another_disk(tmp_path: Path) -> None:
    touch(tmp_path / "in", "A/x.jpg", "a/x.jpg", "a/sub/y.jpg", "b/x.jpg")
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")
    plan.disk = CarelessDisk(tmp_path / "out")

    assert planned(plan) == {"A/x.jpg": "A/x.png", "b/x.jpg": "b/x.png"}
    assert sum("same result as" in str(job.error) for job in plan) == 2


def test_a_folder_that_has_the_name_of_a_result(tmp_path: Path) -> None:
    touch(tmp_path / "in", "a.jpg", "a.png/b.jpg", "c.png/notes.txt", "c.jpg", "z.jpg")
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")

    assert planned(plan) == {"a.jpg": "a.png", "c.jpg": "c.png", "z.jpg": "z.png"}
    assert ["a.jpg has the result a.png" in str(job.error) for job in plan if job.error] == [True]


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "in", "a.jpg", "closed/b.jpg", "open/c.jpg")
    scandir = os.scandir

    def closed(folder: Path) -> Any:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", closed)
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")

    assert set(planned(plan)) == {"a.jpg", "open/c.jpg"}
    assert [str(job.error) for job in plan if job.error] == [
        f"{tmp_path}/in/closed cannot be read: Permission denied; check its permissions"
    ]


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "._a.jpg", ".hidden.png", ".folder/b.jpg")
    plan = Plan([source], tmp_path / "out", ".png")

    assert planned(plan) == {"a.jpg": "a.png"}
    assert plan.left_out == {"hidden": 3}


def test_links(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "sub/b.jpg")
    touch(tmp_path / "album", "c.jpg")
    (tmp_path / "album" / "back").symlink_to(source)
    (source / "album").symlink_to(tmp_path / "album")
    (source / "again").symlink_to(source / "sub")
    (source / "up").symlink_to(tmp_path)
    (source / "linked.jpg").symlink_to(tmp_path / "album" / "c.jpg")
    (source / "lost.jpg").symlink_to("/nowhere")
    (source / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(source / "pipe.jpg")
    plan = Plan([source], tmp_path / "out", ".png")

    assert set(planned(plan)) == {"a.jpg", "album/c.jpg", "linked.jpg", "sub/b.jpg"}
    assert plan.left_out == {
        "link to a folder that is included": 2,
        "link to a folder above the photos": 1,
        "broken link": 2,
        "not a regular file": 1,
    }


def test_results_inside_the_source_are_not_photos(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "out/a.png", "out/sub/b.png", "outer/c.jpg")
    plan = Plan([tmp_path], tmp_path / "out", ".png")

    assert set(planned(plan)) == {"a.jpg", "outer/c.jpg"}
    assert plan.left_out == {"folder of results": 1}


def test_results_that_a_ledger_names_are_not_photos(tmp_path: Path) -> None:
    """Others beside them are: a ledger may lie among photos, after results were written there."""
    names = ("a.png", "sub/b.png", "sub/\udcff.png")
    touch(tmp_path, "earlier/a.jpg", "earlier/sub/c.jpg", "earlier/d.png", *(f"earlier/{name}" for name in names))
    lines = [json.dumps({"result": name}) for name in names]
    (tmp_path / "earlier" / LEDGER).write_text("\n".join([*lines, "[" * 99_999, "[1]", '{"result": [2]}', "{"]))
    plan = Plan([tmp_path], tmp_path / "out", ".png")

    assert set(planned(plan)) == {"earlier/a.jpg", "earlier/sub/c.jpg", "earlier/d.png"}
    assert plan.left_out == {"made by an earlier run": 3}


def test_links_into_the_output_folder(tmp_path: Path) -> None:
    """Their photos could be replaced by results before they are read."""
    touch(tmp_path, "in/a.jpg", "out/b.jpg", "out/album/c.jpg", "in/d.jpg")
    (tmp_path / "in" / "b.jpg").symlink_to(tmp_path / "out" / "b.jpg")
    (tmp_path / "in" / "album").symlink_to(tmp_path / "out" / "album")
    (tmp_path / "in" / "e.jpg").symlink_to("d.jpg")
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")

    assert set(planned(plan)) == {"a.jpg", "d.jpg", "e.jpg"}
    assert plan.left_out == {"folder of results": 1, "link into the output folder": 1}


def test_kinds_without_end_are_counted_as_one(tmp_path: Path) -> None:
    touch(tmp_path / "in", "a.jpg", *(f"dump.{i:04d}" for i in range(100)))
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")

    assert len(list(plan)) == 1
    assert len(plan.left_out) == 41
    assert plan.left_out["of other kinds"] == 60


def test_results_may_go_above_the_source(tmp_path: Path) -> None:
    source = tmp_path / "photos"
    touch(source, "a.jpg", "sub/b.jpg")

    assert planned(Plan([source], tmp_path, ".png")) == {"a.jpg": "a.png", "sub/b.jpg": "sub/b.png"}


def test_folder_named_as_a_photo_is_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "album.jpg/a.jpg")

    assert planned(Plan([source], tmp_path / "out", ".png")) == {"album.jpg/a.jpg": "album.jpg/a.png"}


def test_several_inputs(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.png", "x/a.jpg", "x/sub/c.jpg", "y/a.jpg")
    inputs = [tmp_path / name for name in ("a.jpg", "b.png", "x", "y", "x/a.jpg", "y/../x", "b.png")]
    plan = Plan(inputs, tmp_path / "out", ".png", several=True)
    jobs = list(plan)

    assert [job.result.as_posix() for job in jobs if not job.error] == [
        "a.png",
        "b.png.png",
        "x/a.png",
        "x/sub/c.png",
        "y/a.png",
    ]
    assert ["same result as" in str(job.error) for job in jobs if job.error] == [True]
    assert plan.left_out == {"given twice": 2}


def test_wildcards(tmp_path: Path) -> None:
    touch(tmp_path, "b.png", "a.png", "[1].png", "c.jpg", "sub/d.png")

    assert expand([f"{tmp_path}/[ab].png"]) == ([tmp_path / "a.png", tmp_path / "b.png"], True)
    assert expand([f"{tmp_path}/**/d.png"]) == ([tmp_path / "sub" / "d.png"], True)
    assert expand([f"{tmp_path}/[1].png"]) == ([tmp_path / "[1].png"], False)
    assert expand([f"{tmp_path}/c.jpg", "missing.jpg"]) == ([tmp_path / "c.jpg", Path("missing.jpg")], True)
    with pytest.raises(PhotoError, match="matches no file"):
        expand([f"{tmp_path}/*.gif"])
    with pytest.raises(PhotoError, match="is empty"):
        expand(["a.jpg", ""])


class CountedCalls:
    """Counts the questions to the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = Counter[str]()
        for name in ("scandir", "stat", "lstat", "readlink", "listdir"):
            monkeypatch.setattr(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, call: Any) -> Any:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.number[name] += 1
            return call(*arguments, **options)

        return counted


def many_names(source: Path, folders: int, photos: int) -> None:
    for folder in range(folders):
        (source / f"{folder:03d}").mkdir(parents=True)
        for i in range(photos):
            os.mknod(source / f"{folder:03d}" / f"{i}.jpg")


def test_planning_begins_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many_names(tmp_path / "in", folders=20, photos=50)
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")
    calls = CountedCalls(monkeypatch)
    jobs = iter(plan)

    list(islice(jobs, 50))
    assert calls.number["scandir"] == 2
    assert len(list(jobs)) == 950
    assert calls.number["scandir"] == 21


@pytest.mark.slow
@pytest.mark.parametrize("photos", [100, 1000])
def test_planning_asks_the_disk_as_often_as_there_are_folders(
    photos: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 names cost no more questions than 10,000 in as many folders; d_type says what is a file."""
    many_names(tmp_path / "in", folders=100, photos=photos)
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")
    calls = CountedCalls(monkeypatch)

    assert sum(1 for _ in plan) == 100 * photos
    assert calls.number["scandir"] == 101
    assert calls.number.total() < 130


@pytest.mark.parametrize("depth", [1, 4])
def test_memory_of_a_plan_is_that_of_one_folder(depth: int, tmp_path: Path) -> None:
    """`depth` levels of names wait at a time, not the names of the folders that are done."""
    source = tmp_path / "in"
    many_names(source.joinpath(*"abcd"[:depth]), folders=20, photos=100)

    def most_memory() -> int:
        tracemalloc.start()
        try:
            return max(tracemalloc.get_traced_memory()[0] for _ in Plan([source], tmp_path / "out", ".png"))
        finally:
            tracemalloc.stop()

    # Python's table of interned names grows by megabytes at once: in one of the runs, perhaps.
    assert min(most_memory() for _ in range(3)) < 100_000


@pytest.mark.parametrize("url", ["https://example.org/a.jpg", "https://example.org/*.jpg?size=[1]"])
def test_a_url_keeps_its_slashes_in_the_message(url: str) -> None:
    with pytest.raises(PhotoError) as caught:
        expand([url])

    assert str(caught.value).startswith(f"{url} is a URL; download it first")
