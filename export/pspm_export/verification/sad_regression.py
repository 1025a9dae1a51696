"""SAD regression: how much larger a file's SAD is than torch's on the held-out pictures."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from pspm_runtime.engines.engine import Engine
from pspm_runtime.stages.network_view import InputSize, resize_to_view

from pspm.evaluation.datasets import find_cases
from pspm.evaluation.metrics import evaluation_trimap, evaluation_unknown_region, sad, shrink
from pspm.networks import MattingNetwork
from pspm_export.verification.parity import torch_alpha


class SadRegression(NamedTuple):
    """Mean SAD of a set in the unknown region, at the size of the view: of torch and of the file."""

    pictures: int
    torch: float
    file: float

    @property
    def share(self) -> float:
        """The file's SAD relative to torch's, minus 1; negative if the file's is smaller."""
        return self.file / self.torch - 1


def sad_regressions(
    network: MattingNetwork, engine: Engine, size: InputSize, data: Path, limit: int | None = None
) -> dict[str, SadRegression]:
    """The SAD regression on each validation set of `data`, or on the first `limit` pictures of each set.

    network: in eval mode; one that takes a trimap gets the true one. engine: runs the file.
    Raises FileNotFoundError and ValueError if there are no usable pictures.
    """
    regressions = {}
    for name, cases in find_cases(data, limit).items():
        pairs = []
        for case in cases:
            image, truth = case.read()
            width, height = size.fit(image.shape[1], image.shape[0])
            view = np.asarray(resize_to_view(Image.fromarray(image), (width, height)))
            small = shrink(truth, (height, width))
            region = evaluation_unknown_region(small)
            trimap = evaluation_trimap(small).astype(np.float32) - 1 if network.takes_trimap else None
            alphas = torch_alpha(network, view, trimap), engine.alpha(view, trimap)
            pairs.append([sad(alpha, small, region) for alpha in alphas])
        before, after = np.mean(pairs, 0)
        regressions[name] = SadRegression(len(pairs), float(before), float(after))
    return regressions
