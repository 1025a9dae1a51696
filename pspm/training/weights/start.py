"""The weights that a run starts from: random, then ImageNet's for the encoders, then those of other runs."""

from pathlib import Path

from pspm_runtime.bundle import open_bundle
from torch import Tensor, nn

from pspm.bn_folding import is_unfolded, read_folded_onnx, unfold
from pspm.checkpoint import is_shipped, read_weights
from pspm.data.samples.augment import render
from pspm.data.samples.batch import collate
from pspm.data.samples.dataset import TrainingDataset
from pspm.networks.input_range import from_unit
from pspm.training.module import MattingModule
from pspm.training.settings import Settings
from pspm.training.weights.bn_calibration import calibrate
from pspm.training.weights.imagenet import Encoder, start_from_imagenet

CALIBRATION_IMAGES = 32
CALIBRATION_CROP = 256


def start_weights(module: MattingModule, dataset: TrainingDataset, settings: Settings) -> None:
    """Load the starting weights that the settings name into the module's network.

    Raises ValueError for weights that do not fit the network.
    """
    if settings.imagenet:
        encoders = [part for part in module.network.modules() if isinstance(part, Encoder)]
        if not encoders:
            raise ValueError(
                f"{settings.imagenet} is for MobileNetV2, which {module.hparams['network']} does not have; "
                "leave out --imagenet"
            )
        images = calibration_images(dataset)
        for encoder in encoders:
            start_from_imagenet(encoder, settings.imagenet, images)
    for source in settings.start_from:
        start_from(module.network, source)
    if unfolded := [norm for norm in module.learning_norms() if is_unfolded(norm)]:
        calibrate(module.network, unfolded, calibration_images(dataset))


def start_from(network: nn.Module, source: Path | str) -> None:
    """Load the weights of a checkpoint, or of a shipped network by name.

    Weights that the source lacks stay as they are, so a cascade can load each of its two networks, and a network can
    load another one of its family. Raises ValueError if the weights do not fit.
    """
    own = network.state_dict()
    if is_shipped(source):
        weights = unfold(network, read_folded_onnx(open_bundle(str(source)).model))
    else:
        weights = read_weights(Path(source))
    if not weights.keys() <= own.keys():
        weights = {f"segmentation.{key}": value for key, value in weights.items()}
    if not weights.keys() <= own.keys() or any(own[key].shape != value.shape for key, value in weights.items()):
        raise ValueError(f"{source} has the weights of another network; start from a run of the same network")
    network.load_state_dict(weights, strict=False)


def calibration_images(dataset: TrainingDataset) -> Tensor:
    """Render some training images for batch norm calibration: (N, 3, 256, 256) in [-1, 1]."""
    samples = [dataset[CALIBRATION_CROP, index] for index in range(CALIBRATION_IMAGES)]
    return from_unit(render(collate(samples)).image)
