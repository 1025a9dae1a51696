"""The weights that a run starts from: random, then ImageNet's for the encoders, then those of other runs."""

from pathlib import Path

from pspm_runtime.bundle import open_bundle, shipped
from torch import Tensor

from pspm.bn_folding import is_unfolded, read_folded_onnx, unfold
from pspm.checkpoint import is_shipped, read_checkpoint
from pspm.data.samples.augment import render
from pspm.data.samples.batch import collate
from pspm.data.samples.dataset import TrainingDataset
from pspm.networks import MattingNetwork, build
from pspm.networks.input_range import from_unit
from pspm.training.module import MattingModule
from pspm.training.settings import Settings
from pspm.training.weights.bn_calibration import calibrate
from pspm.training.weights.imagenet import Encoder, kind_of, start_from_imagenet
from pspm.training.weights.imagenet_files import TITLES, read_encoder
from pspm.training.weights.transfer import Transfer, parts, transfer

CALIBRATION_IMAGES = 32
CALIBRATION_CROP = 256


def start_weights(module: MattingModule, dataset: TrainingDataset, settings: Settings) -> list[Transfer]:
    """Load the starting weights that the settings name into the module's network. Returns what each source gave.

    Raises ValueError for weights that do not fit the network.
    """
    if settings.imagenet:
        kind = read_encoder(settings.imagenet).kind
        found = [part for part in module.network.modules() if isinstance(part, Encoder)]
        encoders = [part for part in found if kind_of(part) == kind]
        if not encoders:
            raise ValueError(
                f"{settings.imagenet} is for {TITLES[kind]}, which {module.hparams['network']} does not have; "
                "leave out --imagenet"
            )
        images = calibration_images(dataset)
        for encoder in encoders:
            start_from_imagenet(encoder, settings.imagenet, images)
    transfers = [start_from(module.network, source) for source in settings.start_from]
    if unfolded := [norm for norm in module.learning_norms() if is_unfolded(norm)]:
        calibrate(module.network, unfolded, calibration_images(dataset))
    return transfers


def start_from(network: MattingNetwork, source: Path | str) -> Transfer:
    """Load the weights of a checkpoint, or of a shipped network by name, into the parts that correspond.

    All other parts stay as they are, so a cascade can load each of its two networks. Returns what was taken. Raises
    ValueError if the source cannot be read, is damaged, or shares no part with the network.
    """
    if is_shipped(source):
        name = str(source)
        original = build(name)
        weights = unfold(original, read_folded_onnx(open_bundle(name).model))
    elif not Path(source).exists():
        raise ValueError(
            f"{source} does not exist; name the checkpoint.ckpt of a `pspm train` run, or a shipped network: "
            f"{', '.join(shipped())}"
        )
    else:
        name, weights = read_checkpoint(Path(source))
        original = build(name)
    expected = original.state_dict()
    if wrong := [key for key, value in weights.items() if key not in expected or value.shape != expected[key].shape]:
        raise ValueError(f"{source} is not an intact checkpoint of {name}: {wrong[0]} does not fit; choose another")
    try:
        keys = transfer(network, original, weights)
    except ValueError:
        raise ValueError(
            f"{source} has the weights of another network, {name}, that shares no part with this one; start from a run "
            "of the same network or of one that docs/training.md lists"
        ) from None
    return Transfer(str(source), name, *parts(network, keys))


def calibration_images(dataset: TrainingDataset) -> Tensor:
    """Render some training images for batch norm calibration: (N, 3, 256, 256) in [-1, 1]."""
    samples = [dataset[CALIBRATION_CROP, index] for index in range(CALIBRATION_IMAGES)]
    return from_unit(render(collate(samples)).image)
