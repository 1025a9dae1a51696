"""Subjects against sets: every error of every picture, and the pictures that went worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from pspm.evaluation.flicker import flicker
from pspm.evaluation.latency import latencies
from pspm.evaluation.scores import Scores, mean_scores, score
from pspm.evaluation.subject import Subject
from pspm.evaluation.validation import Case
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
    """What came out. latency_ms: by subject, of those with a network; worst: by set."""

    subjects: list[Subject]
    latency_ms: dict[str, float]
    rows: list[Row] = field(default_factory=list)
    worst: dict[str, Worst] = field(default_factory=dict)

    @property
    def sets(self) -> list[str]:
        """The sets by name, in the order in which they were evaluated."""
        return list(self.worst)

    def scores(self, set_name: str, subject: str) -> list[Scores]:
        """The errors of one subject, picture by picture."""
        return [row.scores for row in self.rows if (row.set, row.subject) == (set_name, subject)]

    def means(self, set_name: str, subject: str) -> Scores:
        """The mean errors of one subject over a set."""
        return mean_scores(self.scores(set_name, subject))


def evaluate(
    subjects: Sequence[Subject], sets: Mapping[str, Sequence[Case]], *, with_flicker: bool = False
) -> Evaluation:
    """Run every subject on every picture, one after the other, with a progress bar on standard error.

    Raises ValueError for a picture that cannot be read.
    """
    timed = {subject.name: subject.timed() for subject in subjects if subject.timed}
    result = Evaluation(list(subjects), dict(zip(timed, latencies(list(timed.values())), strict=True)))
    timed.clear()
    for name, cases in sets.items():
        worst = result.worst[name] = Worst()
        for case in tqdm(cases, desc=name, unit="picture", disable=None):
            image, truth = case.read()
            alphas: dict[str, np.ndarray] = {}
            for subject in subjects:
                estimate = subject.estimate(image, truth)
                alphas[subject.name] = estimate.alpha
                scores = score(estimate, truth)
                scores["flicker"] = flicker(subject, image, truth, estimate.alpha) if with_flicker else None
                result.rows.append(Row(name, subject.name, case.name, scores))
            worst.offer(case.name, image, truth, alphas)
    return result
