"""What a saved file loses against torch where the truth is known: SAD on the pictures held back for validation."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from pspm_runtime.stages.network_view import InputSize

from pspm.evaluation.datasets import find_cases
from pspm.evaluation.metrics import evaluation_trimap, evaluation_unknown_region, sad, shrink
from pspm.networks import MattingNetwork
from pspm_export.plan.calibration import as_input
from pspm_export.plan.formats import Run


class Drift(NamedTuple):
    """Mean SAD of a set, in the unknown region and at the network's view, of torch and of the file."""

    pictures: int
    torch: float
    file: float

    @property
    def share(self) -> float:
        """By how much of torch's SAD the file's is larger; negative where it is smaller."""
        return self.file / self.torch - 1


def sad_drift(
    network: MattingNetwork, run: Run, size: InputSize, data: Path, limit: int | None = None
) -> dict[str, Drift]:
    """The drift on each validation set of `data`, or on its first `limit` pictures.

    network: takes (1, 3, H, W) in [-1, 1] and gives a Matte, as those of `pspm.networks` in eval mode do; one that must
    be told a trimap is told the true one.
    Raises FileNotFoundError and ValueError where there is nothing to evaluate on.
    """
    drifts = {}
    for name, cases in find_cases(data, limit).items():
        pairs = []
        for case in cases:
            image, truth = case.read()
            width, height = size.fit(image.shape[1], image.shape[0])
            view, small = as_input(Image.fromarray(image), (height, width)), shrink(truth, (height, width))
            region = evaluation_unknown_region(small)
            if network.takes_trimap:
                trimap = torch.from_numpy(evaluation_trimap(small).astype(np.float32) - 1)
                view = network.given(view, trimap[None, None])
            with torch.no_grad():
                expected = network(view).alpha.numpy()
            pairs.append([sad(alpha[0, 0], small, region) for alpha in (expected, run(view.numpy()))])
        before, after = np.mean(pairs, 0)
        drifts[name] = Drift(len(pairs), float(before), float(after))
    return drifts
