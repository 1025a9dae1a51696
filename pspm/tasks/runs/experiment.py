"""An experiment: every operator with every seed, on one budget. What is done is kept, so it can be stopped."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from pspm.budget_file import claim_folder
from pspm.tasks.recipe import Recipe
from pspm.tasks.runs.run import Machine, Run, train
from pspm.tasks.task import Made, Pictures, Task

RESULTS, RUNS = "results.jsonl", "runs"

Result = dict[str, Any]


@dataclass(frozen=True)
class Experiment:
    """What every operator gets. recipe_name, steps and seeds: for each. width: see `Made`.

    facts: what else its results depend on. out: the folder of runs and results; it takes one budget only.
    start: weights of every encoder, see `train`.
    """

    task: Task
    network: str
    operators: Sequence[str]
    recipe_name: str
    recipe: Recipe
    steps: int
    seeds: int
    width: int | None
    facts: dict[str, Any]
    out: Path
    machine: Machine
    start: Mapping[str, Tensor] | None = None

    def run(self, pictures: Pictures) -> list[Result]:
        """Train and measure what is not done yet, and return all results. Appends a line for each run to a file.

        Raises ValueError for a folder with another budget or an accelerator that is not here, FileNotFoundError if
        there are no training pictures.
        """
        if pictures.train is None:
            raise FileNotFoundError(
                "the folder has no training pictures; --evaluate measures a checkpoint without them"
            )
        _ = self.machine.device
        self.claim()
        planned = [(operator, seed) for seed in range(self.seeds) for operator in self.operators]
        with tqdm(total=len(planned), unit="run", disable=None) as bar:
            for operator, seed in planned:
                if self.result(operator, seed) is None:
                    self.append(self.one(pictures, operator, seed))
                bar.update()
        return self.results()

    def one(self, pictures: Pictures, operator: str, seed: int) -> Result:
        """Train and measure one operator with one seed."""
        began = time.process_time()
        folder = self.folder(operator, seed)
        made = Made(self.network, operator, pictures.classes, self.width)
        run = Run(made, self.recipe_name, self.steps, seed, folder)
        network = train(self.task, self.recipe, pictures, run, self.machine, self.start)
        trained = time.process_time()
        return {
            "network": self.network,
            "operator": operator,
            "seed": seed,
            "steps": self.steps,
            "parameters": count_parameters(network),
            "tests": measure(self.task, network, pictures, self.machine.device),
            "train_cpu_s": round(trained - began, 1),
            "test_cpu_s": round(time.process_time() - trained, 1),
        }

    def folder(self, operator: str, seed: int) -> Path:
        """The folder of a run."""
        return self.out / RUNS / f"{self.network}-{operator}-{seed}"

    def claim(self) -> None:
        """Write the budget into the folder. Raises ValueError if the folder has runs of another one."""
        budget = {
            "task": self.task.name,
            "recipe": self.recipe_name,
            "batch": self.recipe.batch,
            "steps": self.steps,
            "width": self.width,
            **self.facts,
        }
        claim_folder(self.out, budget, "runs")

    def results(self) -> list[Result]:
        """The results that are done, in the order of the operators and the seeds."""
        found = [self.result(operator, seed) for operator in self.operators for seed in range(self.seeds)]
        return [result for result in found if result is not None]

    def result(self, operator: str, seed: int) -> Result | None:
        """The result of a run; None if it is not done."""
        path, wanted = self.out / RESULTS, (self.network, operator, seed)
        results = read_lines(path) if path.exists() else []
        return next((r for r in results if (r["network"], r["operator"], r["seed"]) == wanted), None)

    def append(self, result: Result) -> None:
        """Add a result to the file."""
        path = self.out / RESULTS
        half = path.exists() and not path.read_text().endswith("\n")
        with path.open("a") as file:
            file.write(("\n" if half else "") + json.dumps(result) + "\n")


def read_lines(path: Path) -> list[Result]:
    """The results in a file. Leaves out half a line, which a run that was killed may leave."""
    results = []
    for line in path.read_text().splitlines():
        with suppress(json.JSONDecodeError):
            results.append(json.loads(line))
    return results


def measure(task: Task, network: nn.Module, pictures: Pictures, device: torch.device) -> dict[str, dict[str, float]]:
    """The metrics of a network on each test set, computed on a device."""
    network.eval().to(device)
    return {name: task.measure(network, test) for name, test in pictures.tests.items()}


def count_parameters(network: nn.Module) -> int:
    """The number of parameters."""
    return sum(p.numel() for p in network.parameters())
