import os
import time
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pspm_runtime import PhotoError
from pspm_runtime.command.batch.ledger import LEDGER
from pspm_runtime.command.batch.plan import PHOTO_SUFFIXES, Plan, expand, result_name

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


def test_photos_that_differ_in_letter_case_on_a_disk_that_ignores_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "in", "A.jpg", "a.jpg")
    plan = Plan([tmp_path / "in"], tmp_path / "out", ".png")
    assert planned(plan) == {"A.jpg": "A.png", "a.jpg": "a.png"}

    monkeypatch.setattr(Plan, "_ignores_case", True)
    first, second = Plan([tmp_path / "in"], tmp_path / "out", ".png")
    assert first.error is None
    assert "same result as" in str(second.error)


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
    assert plan.left_out == {"link to a folder that is included": 3, "broken link": 2, "not a regular file": 1}


def test_results_inside_the_source_are_not_photos(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "out/a.png", "out/sub/b.png", "outer/c.jpg", "earlier/a.png", f"earlier/{LEDGER}")
    plan = Plan([tmp_path], tmp_path / "out", ".png")

    assert set(planned(plan)) == {"a.jpg", "outer/c.jpg"}
    assert plan.left_out == {"folder of results": 2}


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
    inputs = [tmp_path / name for name in ("a.jpg", "b.png", "x", "y", "x/a.jpg", "y/../x")]
    jobs = list(Plan(inputs, tmp_path / "out", ".png", several=True))

    assert [job.result.as_posix() for job in jobs if not job.error] == [
        "a.png",
        "b.png.png",
        "x/a.png",
        "x/sub/c.png",
        "y/a.png",
    ]
    assert ["same result as" in str(job.error) for job in jobs if job.error] == [True, True]


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


def test_planning_is_linear_and_begins_at_once(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for folder in range(20):
        (source / f"{folder:02d}").mkdir(parents=True)
        for i in range(500):
            os.mknod(source / f"{folder:02d}" / f"{i}.jpg")
    scanned = []
    plan = Plan([source], tmp_path / "out", ".png")
    entries = plan._entries
    plan._entries = lambda folder: scanned.append(folder) or entries(folder)  # type: ignore[method-assign]
    jobs = iter(plan)

    list(islice(jobs, 500))
    assert len(scanned) == 2

    before = time.process_time()
    assert len(list(jobs)) == 9_500
    # A second for 10,000 names leaves room for slow disks; a quadratic plan took 19 s.
    assert time.process_time() - before < 1


@pytest.mark.parametrize("url", ["https://example.org/a.jpg", "https://example.org/*.jpg?size=[1]"])
def test_a_url_keeps_its_slashes_in_the_message(url: str) -> None:
    with pytest.raises(PhotoError) as caught:
        expand([url])

    assert str(caught.value).startswith(f"{url} is a URL; download it first")
