"""The proof that a saved file computes the same matte as its network in torch."""

from pathlib import Path
from typing import NamedTuple

from pspm_runtime.errors import ModelError

from pspm.networks import MattingNetwork
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.verification.parity import Parity, compare
from pspm_export.verification.sad_regression import SadRegression, sad_regressions
from pspm_export.verification.sample_inputs import sample_view
from pspm_export.verification.stored_weights import WeightMatch, match_weights
from pspm_export.writers.find_writer import find_writer

LARGEST_SAD_REGRESSION = 0.03


class Proof(NamedTuple):
    """parities: on the sample portrait, by (height, width).

    regressions: by validation set; None without pictures. weights: how many the file has in common with the network.
    """

    parities: dict[tuple[int, int], Parity]
    regressions: dict[str, SadRegression] | None
    weights: WeightMatch | None = None

    def failure(self, precision: str) -> str | None:
        """What is out of bounds, in words; None if everything is within them."""
        if self.weights and self.weights.failure:
            return self.weights.failure
        for (height, width), found in self.parities.items():
            if not found.holds(precision):
                return f"at {width}x{height} its matte differs from torch's: {found}"
        for name, regression in (self.regressions or {}).items():
            if regression.share > LARGEST_SAD_REGRESSION:
                return (
                    f"its SAD on {name} is {regression.share:.1%} larger than torch's "
                    f"({LARGEST_SAD_REGRESSION:.0%} is the limit)"
                )
        return None


def prove(network: MattingNetwork, model: Path, spec: ExportSpec, data: Path | None, limit: int | None = None) -> Proof:
    """Compare a saved file with its network: on the sample portrait, on validation pictures, and weight by weight.

    network: in eval mode. data: a folder with validation pictures. limit: the largest number of pictures of each set.
    Raises ModelError if they differ, or if `data` cannot be used.
    """
    writer = find_writer(spec.format)
    engine = writer.open_engine(model, spec)
    parities = compare(network, engine, (sample_view(*size) for size in spec.verified_sizes))
    try:
        regressions = sad_regressions(network, engine, spec.size_rule, data, limit) if data else None
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot measure on {data}: {error}") from None
    weights = match_weights(network, writer.convolution_weights(model), spec.precision)
    proof = Proof(dict(zip(spec.verified_sizes, parities, strict=True)), regressions, weights)
    if failure := proof.failure(spec.precision):
        raise ModelError(f"{model.name} is refused: {failure}; report this, or choose another precision")
    return proof
