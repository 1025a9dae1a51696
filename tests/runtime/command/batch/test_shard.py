from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pspm_runtime.command.batch.planning.plan import Job
from pspm_runtime.command.batch.planning.shard import Shard
from pspm_runtime.command.cli import main
from pspm_runtime.errors import PspmError

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

JPEG = encoded(Image.fromarray(gradient(120, 100)), "JPEG")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "sub").mkdir(parents=True)
    for number in range(12):
        (source / ("sub" if number % 3 else ".") / f"{number}.jpg").write_bytes(JPEG)
    return source


@given(st.lists(st.text(min_size=1), unique=True), st.integers(1, 20))
def test_each_photo_is_in_one_part(names: list[str], count: int) -> None:
    jobs = [Job(Path(name), PurePath(name)) for name in names]

    parts = [list(Shard(number, count).of(jobs)) for number in range(1, count + 1)]

    assert sorted((job.photo for part in parts for job in part), key=str) == sorted(map(Path, names), key=str)


def test_a_photo_stays_in_its_part_when_others_are_added() -> None:
    few, many = ([Job(Path(f"{i}.jpg"), PurePath(f"{i}.png")) for i in range(count)] for count in (50, 200))

    for number in range(1, 5):
        assert set(Shard(number, 4).of(few)) == set(Shard(number, 4).of(many)) & set(few)


def test_the_parts_are_of_about_one_size() -> None:
    jobs = [Job(Path(f"{i}.jpg"), PurePath(f"{i}.png")) for i in range(4000)]

    assert all(850 < len(list(Shard(number, 4).of(jobs))) < 1150 for number in range(1, 5))


def test_the_parts_of_a_run_make_what_one_run_makes(photos: Path, tmp_path: Path, fake_engine: FakeEngine) -> None:
    assert main(["alpha", str(photos), "-o", str(tmp_path / "whole")]) == 0
    one = {path.relative_to(tmp_path / "whole"): path.read_bytes() for path in (tmp_path / "whole").rglob("*.png")}

    for number in (1, 2, 3):
        assert main(["alpha", str(photos), "-o", str(tmp_path / "parts"), "--shard", f"{number}/3"]) == 0

    assert len(one) == 12
    assert {p.relative_to(tmp_path / "parts"): p.read_bytes() for p in (tmp_path / "parts").rglob("*.png")} == one


def test_a_part_without_photos_is_done(
    tmp_path: Path, fake_engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(JPEG)

    codes = [main(["alpha", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--shard", f"{i}/3"]) for i in (1, 2, 3)]

    assert codes == [0, 0, 0]
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["a.png"]
    assert capsys.readouterr().err.count("0 of 0 photos done") == 2


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "-1/4", "1/0", "1/x", "1/4/2", "1.5/4", " 1/4", "٣/٤"])
def test_a_part_that_is_none(text: str) -> None:
    with pytest.raises(PspmError, match=r"--shard .* is not a part such as 3/16"):
        Shard.parse(text)


@pytest.mark.parametrize("photo", ["in/0.jpg", "-"])
def test_one_photo_has_no_parts(
    photo: str, photos: Path, tmp_path: Path, fake_engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = photo if photo == "-" else str(tmp_path / photo)

    assert main(["alpha", photo, "-o", str(tmp_path / "a.png"), "--shard", "1/2"]) == 1
    assert "leave it out for one photo" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
