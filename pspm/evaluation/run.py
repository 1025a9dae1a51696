"""Run an evaluation: every candidate on every picture of every set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pspm_runtime.looks.quality import Quality
from tqdm import tqdm

from pspm.evaluation.candidate import EVALUATED_QUALITY, Candidate, Estimate
from pspm.evaluation.datasets import Case
from pspm.evaluation.flicker import flicker
from pspm.evaluation.latency import latencies
from pspm.evaluation.metrics import UNKNOWN_RADIUS, dilation_radius, evaluation_trimap
from pspm.evaluation.scores import Scores, mean_scores, score
from pspm.evaluation.traits import Traits, measure
from pspm.evaluation.worst import Worst

# Smallest and largest radius of the trimaps.
DILATION = (UNKNOWN_RADIUS, UNKNOWN_RADIUS)


@dataclass(frozen=True)
class Row:
    """The errors of one candidate on one picture."""

    set: str
    candidate: str
    picture: str
    scores: Scores


@dataclass
class Evaluation:
    """The results of an evaluation.

    latency_ms: by candidate, for those with a network. rows: one per set, picture and candidate.
    worst: the pictures with the largest errors, by set.
    traits: of each picture, by set, to group the pictures by; empty lists if groups were not asked for.
    dilation: smallest and largest radius of the trimaps, in pixels. quality: of the mattes of models and checkpoints.
    """

    candidates: list[Candidate]
    latency_ms: dict[str, float]
    rows: list[Row] = field(default_factory=list)
    worst: dict[str, Worst] = field(default_factory=dict)
    traits: dict[str, list[Traits]] = field(default_factory=dict)
    dilation: tuple[int, int] = DILATION
    quality: Quality = EVALUATED_QUALITY

    @property
    def sets(self) -> list[str]:
        """Names of the sets, in the order of evaluation."""
        return list(self.worst)

    def rows_of(self, set_name: str, candidate: str) -> list[Row]:
        """Rows of one candidate on one set, by picture."""
        return [row for row in self.rows if (row.set, row.candidate) == (set_name, candidate)]

    def scores(self, set_name: str, candidate: str) -> list[Scores]:
        """Errors of one candidate on one set, by picture."""
        return [row.scores for row in self.rows_of(set_name, candidate)]

    def means(self, set_name: str, candidate: str) -> Scores:
        """Mean errors of one candidate over a set."""
        return mean_scores(self.scores(set_name, candidate))


def evaluate(
    candidates: Sequence[Candidate],
    sets: Mapping[str, Sequence[Case]],
    *,
    with_flicker: bool = False,
    with_groups: bool = False,
    dilation: tuple[int, int] = DILATION,
    quality: Quality = EVALUATED_QUALITY,
) -> Evaluation:
    """Measure the latency of every candidate, then its errors on every picture. Shows a progress bar on stderr.

    dilation: smallest and largest radius of the unknown region, in pixels, for trimaps and errors alike. Each picture
        has a radius of its own (`dilation_radius`).
    quality: with which the candidates were made; the tables name it.
    Raises ValueError that names the picture, if it cannot be read or a candidate fails on it.
    """
    result = Evaluation(list(candidates), measure_latencies(candidates), dilation=dilation, quality=quality)
    for set_name, cases in sets.items():
        worst = result.worst[set_name] = Worst()
        traits: list[Traits] = result.traits.setdefault(set_name, [])
        for case in tqdm(cases, desc=set_name, unit="picture", disable=None):
            image, truth = case.read()
            if with_groups:
                traits.append(measure(truth))
            trimap = case.read_trimap(truth.shape)
            if trimap is None:
                trimap = evaluation_trimap(truth, dilation_radius(case.name, dilation))
            alphas: dict[str, np.ndarray] = {}
            for candidate in candidates:
                try:
                    if candidate.saved:
                        estimate, flickering = Estimate(candidate.saved(set_name, case.name, truth.shape)), None
                    else:
                        estimate = candidate.estimate(image, trimap)
                        flickering = flicker(candidate, image, trimap, estimate.alpha) if with_flicker else None
                except ValueError as error:
                    raise ValueError(f"{case.name} of {set_name}: {error}") from None
                alphas[candidate.name] = estimate.alpha
                scores = score(estimate, truth, trimap) | {"flicker": flickering}
                result.rows.append(Row(set_name, candidate.name, case.name, scores))
            worst.offer(case.name, image, truth, alphas)
    return result


def measure_latencies(candidates: Sequence[Candidate]) -> dict[str, float]:
    """Measure the latency, in CPU milliseconds, of the candidates that have a network. Returns it by name."""
    return latencies({c.name: c.open_for_timing() for c in candidates if c.open_for_timing})
