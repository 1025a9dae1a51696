from pathlib import Path

from pspm_runtime.command.batch import plan


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def planned(source: Path, out: Path, suffix: str = ".png") -> dict[str, str]:
    return {str(p.relative_to(source)): str(t.relative_to(out)) for p, t in plan(source, out, suffix)}


def test_photos_are_found_below_and_keep_their_place(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "B.JPEG", "sub/c.png", "sub/deep/d.heic", "notes.txt", "no suffix")

    assert planned(source, tmp_path / "out") == {
        "a.jpg": "a.png",
        "B.JPEG": "B.png",
        "sub/c.png": "sub/c.png",
        "sub/deep/d.heic": "sub/deep/d.png",
    }


def test_hidden_files_are_skipped(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "._a.jpg", ".hidden.png")

    assert planned(source, tmp_path / "out") == {"a.jpg": "a.png"}


def test_twins_keep_their_suffix(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "a.png", "sub/a.jpg")

    assert planned(source, tmp_path / "out") == {
        "a.jpg": "a.jpg.png",
        "a.png": "a.png.png",
        "sub/a.jpg": "sub/a.png",
    }


def test_results_inside_the_source_are_not_photos(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "out/a.png", "out/sub/b.png", "outer/c.jpg")

    assert set(planned(tmp_path, tmp_path / "out")) == {"a.jpg", "outer/c.jpg"}


def test_results_may_go_above_the_source(tmp_path: Path) -> None:
    source = tmp_path / "photos"
    touch(source, "a.jpg")

    assert planned(source, tmp_path) == {"a.jpg": "a.png"}


def test_folder_named_as_a_photo_is_none(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "album.jpg/a.jpg")

    assert planned(source, tmp_path / "out") == {"album.jpg/a.jpg": "album.jpg/a.png"}


def test_no_two_photos_share_a_result(tmp_path: Path) -> None:
    source = tmp_path / "in"
    touch(source, "a.jpg", "a.png", "a.JPG", "a.tif", "b.webp")

    targets = [target for _, target in plan(source, tmp_path / "out", ".png")]
    assert len(set(targets)) == len(targets) == 5
