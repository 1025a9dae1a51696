"""Subjects against sets: every error of every picture, and the pictures that went worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from pspm.evaluation.candidate import Subject
from pspm.evaluation.datasets import Case
from pspm.evaluation.flicker import flicker
from pspm.evaluation.groups.traits import Traits, measure
from pspm.evaluation.latency import latencies
from pspm.evaluation.scores import Scores, mean_scores, score
from pspm.evaluation.worst import Worst


@dataclass(frozen=True)
class Row:
    """The errors of one subject on one picture."""

    set: str
    subject: str
    picture: str
    scores: Scores


@dataclass
class Evaluation:
    """What came out. latency_ms: by subject, of those with a network; worst: by set.

    traits: by set, of each picture, for groups of them; none where they were not asked for.
    """

    subjects: list[Subject]
    latency_ms: dict[str, float]
    rows: list[Row] = field(default_factory=list)
    worst: dict[str, Worst] = field(default_factory=dict)
    traits: dict[str, list[Traits]] = field(default_factory=dict)

    @property
    def sets(self) -> list[str]:
        """The sets by name, in the order in which they were evaluated."""
        return list(self.worst)

    def of(self, set_name: str, subject: str) -> list[Row]:
        """One subject on one set, picture by picture."""
        return [row for row in self.rows if (row.set, row.subject) == (set_name, subject)]

    def scores(self, set_name: str, subject: str) -> list[Scores]:
        """The errors of one subject, picture by picture."""
        return [row.scores for row in self.of(set_name, subject)]

    def means(self, set_name: str, subject: str) -> Scores:
        """The mean errors of one subject over a set."""
        return mean_scores(self.scores(set_name, subject))


def evaluate(
    subjects: Sequence[Subject],
    sets: Mapping[str, Sequence[Case]],
    *,
    with_flicker: bool = False,
    with_groups: bool = False,
) -> Evaluation:
    """Run every subject on every picture, one after the other, with a progress bar on standard error.

    Raises ValueError, which names the picture, for one that cannot be read and one that a subject cannot matte.
    """
    timed = {subject.name: subject.timed() for subject in subjects if subject.timed}
    result = Evaluation(list(subjects), dict(zip(timed, latencies(list(timed.values())), strict=True)))
    timed.clear()
    for name, cases in sets.items():
        worst = result.worst[name] = Worst()
        traits: list[Traits] = result.traits.setdefault(name, [])
        for case in tqdm(cases, desc=name, unit="picture", disable=None):
            image, truth = case.read()
            if with_groups:
                traits.append(measure(image, truth))
            alphas: dict[str, np.ndarray] = {}
            for subject in subjects:
                try:
                    estimate = subject.estimate(image, truth)
                    moved = flicker(subject, image, truth, estimate.alpha) if with_flicker else None
                except ValueError as error:
                    raise ValueError(f"{case.name} of {name}: {error}") from None
                alphas[subject.name] = estimate.alpha
                result.rows.append(Row(name, subject.name, case.name, score(estimate, truth) | {"flicker": moved}))
            worst.offer(case.name, image, truth, alphas)
    return result
