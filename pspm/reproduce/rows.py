"""Train and measure one row with one seed. What is done is kept: a stopped table continues where it was."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pspm_runtime.files.atomic_write import atomic_write

from pspm.counting import count
from pspm.evaluation.candidate import Candidate, checkpoint_candidate, closed_form_candidate
from pspm.evaluation.datasets import Case
from pspm.evaluation.run import evaluate
from pspm.networks import build
from pspm.operators import operators
from pspm.operators.complexity import complexity
from pspm.reproduce.budget import Budget
from pspm.reproduce.printed_tables import Row
from pspm.reproduce.schedule import CLOSED_FORM, Run, run_of, runs_before
from pspm.training.callbacks.checkpoint import CHECKPOINT
from pspm.training.recipes import RECIPES
from pspm.training.run import train
from pspm.training.settings import Settings
from pspm.training.weights.imagenet import Encoder, kind_of
from pspm.training.weights.imagenet_files import read_encoder

RUNS, RESULTS, FINISHED = "runs", "results", "finished"
# The channels of the SAPA paper's example.
CHANNELS = 256

Result = dict[str, Any]


@dataclass(frozen=True)
class Machine:
    """How runs are computed, which does not change their budget. See `Settings`."""

    accelerator: str = "auto"
    workers: int = 2
    channels_last: bool = False
    in_memory: bool = False
    threads: int | None = None


def result_path(out: Path, budget: Budget, set_name: str, row: Row, seed: int) -> Path:
    """Where the result of a row is kept."""
    name = CLOSED_FORM if row.run == CLOSED_FORM else f"{run_of(row, budget.recipe)[0]}-{seed}"
    return out / RESULTS / set_name / f"{name}.json"


def read_result(out: Path, budget: Budget, set_name: str, row: Row, seed: int) -> Result | None:
    """The result of a row, None if it is not there yet."""
    path = result_path(out, budget, set_name, row, seed)
    return json.loads(path.read_text()) if path.exists() else None


def reproduce_row(
    row: Row, cases: Sequence[Case], set_name: str, budget: Budget, seed: int, out: Path, machine: Machine
) -> None:
    """Train what the row needs, measure it on the pictures of a set, and keep the result.

    Raises FileNotFoundError or ValueError for data that cannot be used.
    """
    path = result_path(out, budget, set_name, row, seed)
    if path.exists():
        return
    if row.run == CLOSED_FORM:
        candidate = closed_form_candidate()
    else:
        candidate = checkpoint_candidate(trained(row, budget, seed, out, machine), None, machine.threads)
    result = measured(candidate, cases, set_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        unfinished.write_text(json.dumps(result, indent=2) + "\n")


def trained(row: Row, budget: Budget, seed: int, out: Path, machine: Machine) -> Path:
    """Train the runs behind a row that are not finished yet. Returns the checkpoint of the last one."""
    folder = Path()
    for name, run in runs_before(*run_of(row, budget.recipe)):
        folder = out / RUNS / f"{name}-{seed}"
        if not (folder / FINISHED).exists():
            train(run.network, budget.of(RECIPES[run.recipe]), settings(run, folder, budget, seed, out, machine))
            (folder / FINISHED).touch()
    return folder / CHECKPOINT


def settings(run: Run, folder: Path, budget: Budget, seed: int, out: Path, machine: Machine) -> Settings:
    """The settings of a run: ImageNet's weights only for runs that start from no other."""
    return Settings(
        data=budget.data,
        out=folder,
        steps=round(budget.steps * run.share),
        seed=seed,
        accelerator=machine.accelerator,
        workers=machine.workers,
        channels_last=machine.channels_last,
        in_memory=machine.in_memory,
        save_every=max(1, budget.steps // 10),
        validate_every=0,
        imagenet=None if run.start_from else imagenet_for(run.network, budget.imagenet),
        start_from=tuple(out / RUNS / f"{name}-{seed}" / CHECKPOINT for name in run.start_from),
    )


def imagenet_for(network: str, files: Sequence[Path]) -> Path | None:
    """The file for the encoder of a network, None if there is none for it. Raises ValueError for unreadable files."""
    kinds = {kind_of(part) for part in build(network).modules() if isinstance(part, Encoder)}
    return next((path for path in files if read_encoder(path).kind in kinds), None)


def measured(candidate: Candidate, cases: Sequence[Case], set_name: str) -> Result:
    """The mean errors of a candidate on a set, its size and its speed, as JSON values."""
    evaluation = evaluate([candidate], {set_name: cases})
    return {
        "pictures": len(cases),
        "parameters": candidate.parameters,
        "gflops_at_224": candidate.gflops,
        "cpu_ms_at_512": evaluation.latency_ms.get(candidate.name),
        "means": evaluation.means(set_name, candidate.name),
    }


def counted(row: Row) -> Result:
    """The size of a row's network or the cost of its operator, as JSON values."""
    if row.network:
        size = count(build(row.network))
        return {"parameters": size.parameters, "gflops_at_224": size.gflops, "means": {}}
    cost = complexity(operators(row.operator)(CHANNELS), CHANNELS)
    return {"parameters": cost.parameters, "multiply-adds": cost.madds, "means": {}}
