"""Jobs on Ray. `make cluster-test` runs them; on a busy machine a cluster takes a minute to start."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pspm_runtime import PhotoError, PspmError
from pspm_runtime.command.cli import main
from pspm_runtime.command.job.ray_workers import AHEAD, Cluster, _places, on_ray

from tests.runtime.command.job.conftest import Batch, make
from tests.runtime.pictures import snapshot


def test_the_places_for_workers() -> None:
    assert _places({"CPU": 16.0}, Cluster()) == (16, 0)
    assert _places({"CPU": 16.0}, Cluster(threads=3)) == (5, 0)
    assert _places({"CPU": 1.0}, Cluster(threads=3)) == (1, 0)
    assert _places({"CPU": 16.0, "GPU": 2.0}, Cluster(workers=64)) == (64, 0)
    assert _places({"CPU": 16.0, "GPU": 2.0}, Cluster(gpu=True)) == (2, 1)
    assert _places({"CPU": 16.0, "GPU": 2.0}, Cluster(workers=8, gpu=True)) == (8, 0.25)
    assert _places({"CPU": 16.0}, Cluster(workers=8, gpu=True)) == (8, 1)
    with pytest.raises(PspmError, match="the cluster has no GPU"):
        _places({"CPU": 16.0}, Cluster(gpu=True))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--engine", "ray", "--jobs", "2"],
            "--jobs is for processes of this machine; with --engine ray, give --workers",
        ),
        (["--engine", "ray", "--workers", "0"], "--workers must be at least 1"),
        (["--workers", "2"], "--workers is for --engine ray; leave it out, or give both"),
        (["--address", "auto"], "--address is for --engine ray; leave it out, or give both"),
    ],
)
def test_options_that_do_not_fit(options: list[str], sentence: str, photos: Path, out: Path, batch: Batch) -> None:
    assert batch(photos, "-o", out, *options) == (1, f"pspm: {sentence}\n")
    assert not out.exists()


def test_without_ray(photos: Path, out: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)

    code, err = batch(photos, "-o", out, "--engine", "ray")

    assert code == 1
    assert "pspm: this needs ray; install it in a clone of PSPM with: pip install '.[cluster]'" in err


@dataclass(frozen=True)
class Job:
    """A job that writes how often it was begun to a file, and that may end its worker some times."""

    name: str
    kills: int = 0


@dataclass(frozen=True)
class DeadlyTask:
    folder: Path

    def for_jobs(self) -> Callable[[Job], str | PspmError]:
        def do(job: Job) -> str:
            with (self.folder / job.name).open("a") as file:
                file.write("x")
            if (self.folder / job.name).stat().st_size <= job.kills:
                os.kill(os.getpid(), signal.SIGKILL)
            return job.name

        return do

    def in_one_of(self, processes: int) -> "DeadlyTask":
        return self

    def ended_its_process(self, job: Job) -> str | PspmError:
        return PhotoError(f"{job.name} ended its process")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("ray", reason="Ray is not installed; run make cluster-test")
    yield Cluster(workers=2)


@pytest.mark.exhaustive
def test_jobs_whose_workers_end(cluster: Cluster, tmp_path: Path) -> None:
    jobs = [Job(f"{i:02d}") for i in range(20)]
    # The first one cannot be lost beside another one before it is begun.
    jobs = [Job("once", 1), *jobs[:10], Job("always", 9), *jobs[10:]]
    taken = 0

    def counted() -> Iterator[Job]:
        nonlocal taken
        for job in jobs:
            taken += 1
            assert taken - len(found) <= AHEAD * 2 + 1  # none is taken long before it can be done
            yield job

    found: dict[str, str | PspmError] = {}
    for job, outcome in on_ray(counted(), DeadlyTask(tmp_path), cluster):
        assert job.name not in found
        found[job.name] = outcome

    assert isinstance(found.pop("always"), PspmError)
    assert found == {job.name: job.name for job in jobs if job.name != "always"}
    assert 1 <= len((tmp_path / "always").read_text()) <= 3  # it may also have waited behind another one
    assert (tmp_path / "once").read_text() in ("xx", "xxx")


@pytest.mark.exhaustive
def test_a_job_on_ray_is_that_of_one_process(cluster: Cluster, tmp_path: Path, out: Path, batch: Batch) -> None:
    photos = make(tmp_path / "in", *(f"{i}.jpg" for i in range(12)))
    (photos / "bad.jpg").write_bytes(b"no photo")
    (tmp_path / "behind.png").write_bytes((photos / "0.jpg").read_bytes())
    options = ["--with", str(tmp_path / "behind.png"), "--quality", "fast", "--threads", "1"]

    code, err = batch(photos, "-o", out, "--engine", "ray", "--workers", "2", *options, effect="background")

    assert code == 1
    assert "12 of 13 photos done" in err
    assert "bad.jpg is not a picture" in err
    (photos / "bad.jpg").unlink()
    plain = tmp_path / "plain"
    # In a process of its own, because the model of this one is not the real one.
    assert main(["background", str(photos), "-o", str(plain), "--jobs", "2", *options]) == 0
    expected = {name: data for name, data in snapshot(plain).items() if not name.startswith(".")}
    assert {name: data for name, data in snapshot(out).items() if not name.startswith("_pspm/")} == expected
