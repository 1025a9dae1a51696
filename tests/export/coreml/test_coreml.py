"""Core ML packages: compare them with torch through the interpreter of their program."""

from importlib.metadata import version
from pathlib import Path

import coremltools as ct  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from coremltools.proto import FeatureTypes_pb2  # type: ignore[import-untyped]
from pspm_export.plan.export_spec import spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.plan.source_network import find_trained
from pspm_export.verification.parity import torch_alpha
from pspm_export.verification.sample_inputs import sample_image, sample_view
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.coreml.engine import CoreMLEngine
from pspm_export.writers.coreml.mil.constants import BLOB_HEADER, WEIGHTS
from pspm_export.writers.coreml.mil.program import SPECIFICATION, Program
from pspm_export.writers.coreml.writer import CoreMLWriter
from pspm_export.writers.lowering import lower
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm.networks import Matte, MattingNetwork
from tests.networks import settle

pytestmark = pytest.mark.slow

SIZE = (256, 192)
UNTRACED = (256, 256)
OFF_THE_LIST = (192, 320)
PRECISIONS = FORMATS["coreml"].precisions


class Tiny(MattingNetwork):
    """A network that is exported within a second."""

    MULTIPLE = 2

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Matte:
        alpha = self.convolution(image).sigmoid()
        return Matte(alpha, alpha)


class Adaptive(Tiny):
    """A network whose pooling coremltools cannot convert for flexible sizes."""

    def forward(self, image: Tensor) -> Matte:
        alpha = F.adaptive_avg_pool2d(self.convolution(image).sigmoid(), 3)
        return Matte(alpha, alpha)


class Alien(Tiny):
    """A network with an operator of Core ML that the interpreter lacks."""

    def forward(self, image: Tensor) -> Matte:
        alpha = torch.erf(self.convolution(image)).clamp(0, 1)
        return Matte(alpha, alpha)


def settled(name: str) -> MattingNetwork:
    """A network that has seen the sample portrait with noise."""
    portraits = sample_image(*SIZE).repeat(2, 1, 1, 1)
    return settle(
        name,
        lambda _: (portraits + torch.randn(2, 3, *SIZE) / 8 for _ in range(2)),
        momentum=None,
    )


def open_engine(package: Path) -> CoreMLEngine:
    return CoreMLEngine(package, InputSize(512, 32, 1024))


def mean_error(network: MattingNetwork, package: Path, size: tuple[int, int]) -> float:
    view = sample_view(*size)
    expected = torch_alpha(network, view)
    assert 0.05 < expected.mean() < 0.95, "no matte to compare"
    found = open_engine(package).alpha(view)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    return float(np.abs(found - expected).mean())


def write(network: MattingNetwork, path: Path, precision: str = "fp32", *, dynamic: bool = False) -> Path:
    CoreMLWriter().write(network, path, spec_for(network, FORMATS["coreml"], precision, SIZE, dynamic=dynamic))
    return path


@pytest.fixture(scope="module")
def mobile() -> MattingNetwork:
    """The shipped network, because rounding changes random weights far more."""
    return find_trained(None, "mobile")[0]


@pytest.fixture(scope="module")
def packages(mobile: MattingNetwork, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("coreml")
    return {p: write(mobile, folder / f"{p}.mlpackage", p) for p in PRECISIONS}


@pytest.mark.parametrize("size", [SIZE, UNTRACED])
@pytest.mark.parametrize(("precision", "bound"), [("fp32", 1e-5), ("fp16", 2e-3), ("int8", 1e-2), ("palette6", 2e-2)])
def test_a_saved_package_computes_what_torch_computes(
    mobile: MattingNetwork, packages: dict[str, Path], precision: str, bound: float, size: tuple[int, int]
) -> None:
    error = mean_error(mobile, packages[precision], size)
    assert error <= bound
    assert precision == "fp32" or error > 1e-5, "nothing was rounded"


def test_compressed_packages_are_smaller(packages: dict[str, Path]) -> None:
    sizes = [(packages[precision] / WEIGHTS).stat().st_size for precision in PRECISIONS]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] < 0.55 * sizes[0]
    assert sizes[3] < 0.5 * sizes[1]


@pytest.mark.parametrize("name", ["mobile", "b5-fm"])
def test_a_dynamic_package_takes_other_sizes(name: str, tmp_path: Path) -> None:
    """Compare with the lowered network, with a larger bound: rounding decides the near-ties of random weights."""
    network = settled(name)
    package = write(network, tmp_path / "model.mlpackage", dynamic=True)
    for size in (SIZE, OFF_THE_LIST):
        assert mean_error(lower(fold_norms(network)), package, size) <= 5e-4
    with pytest.raises(ModelError, match="does not take 1056x16 pixels; its sides are"):
        open_engine(package).alpha(np.zeros((16, 1056, 3), np.uint8))


def test_a_size_that_is_not_listed_is_refused(packages: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="does not take 320x192 pixels; it takes 192x256, 256x256, 256x192"):
        open_engine(packages["fp32"]).alpha(sample_view(*OFF_THE_LIST))


def test_a_flipped_weight_is_noticed(mobile: MattingNetwork, packages: dict[str, Path]) -> None:
    weights = packages["fp16"] / WEIGHTS
    intact = weights.read_bytes()
    last = 0
    for offset in range(64, len(intact) - BLOB_HEADER.size, 64):
        sentinel, _, size, start = BLOB_HEADER.unpack_from(intact, offset)
        if sentinel == 0xDEADBEEF and size > 1000:
            last = start
    flipped = bytearray(intact)
    flipped[last + 1] ^= 0x80 | 0x40  # the sign and the top of the exponent
    weights.write_bytes(flipped)
    try:
        assert mean_error(mobile, packages["fp16"], SIZE) > 2e-3
        weights.write_bytes(intact[: last + 8])
        with pytest.raises(ModelError, match=r"weight\.bin holds no weight at byte"):
            open_engine(packages["fp16"])
    finally:
        weights.write_bytes(intact)


def test_the_specification_says_what_an_app_must_know(packages: dict[str, Path]) -> None:
    specification = Program(packages["fp16"]).specification
    assert specification.specificationVersion == ct.target.iOS16
    (image,) = specification.description.input
    kinds = FeatureTypes_pb2.ImageFeatureType
    assert image.name == "image"
    assert image.type.imageType.colorSpace == kinds.RGB
    assert (image.type.imageType.height, image.type.imageType.width) == SIZE
    (alpha,) = specification.description.output
    assert alpha.name == "alpha"
    assert alpha.type.imageType.colorSpace == kinds.GRAYSCALE_FLOAT16
    metadata = specification.description.metadata
    assert metadata.author == "PSPM"
    assert "research and evaluation only" in metadata.license
    assert metadata.versionString == version("pspm")
    assert metadata.shortDescription.startswith("Portrait matting")
    assert metadata.userDefined["pspm.multiple"] == "32"
    assert "multiples of 32" in image.shortDescription


def test_full_precision_gives_an_array(packages: dict[str, Path]) -> None:
    (alpha,) = Program(packages["fp32"]).specification.description.output
    assert alpha.type.multiArrayType.dataType == FeatureTypes_pb2.ArrayFeatureType.FLOAT32
    assert CoreMLWriter().interface("fp32")["output"]["layout"] == "NCHW"
    assert CoreMLWriter().interface("fp16")["output"]["layout"] == "image"


def test_a_package_tells_nothing_of_the_machine_it_was_made_on(packages: dict[str, Path]) -> None:
    data = (packages["fp32"] / SPECIFICATION).read_bytes()
    assert str(Path(__file__).parents[3]).encode() not in data
    assert b"site-packages" not in data
    assert b"conversion_date" not in data


def test_operators_are_counted(packages: dict[str, Path]) -> None:
    assert CoreMLWriter().operator_counts(packages["fp32"])["conv"] == 72
    assert CoreMLWriter().operator_counts(packages["int8"])["constexpr_affine_dequantize"] > 20
    assert CoreMLWriter().operator_counts(packages["palette6"])["constexpr_lut_to_dense"] > 20
    assert "const" not in CoreMLWriter().operator_counts(packages["fp16"])


@pytest.mark.parametrize(
    ("precision", "size", "complaint"),
    [
        ("fp8", SIZE, "no precision fp8; it has fp32, fp16, int8, palette6"),
        ("fp16", (96, 127), "not a multiple of 2"),
        ("fp16", (96, 2048), "up to 1024"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_sentence(
    precision: str, size: tuple[int, int], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=complaint):
        CoreMLWriter().write(Tiny(), tmp_path / "m.mlpackage", spec_for(Tiny(), FORMATS["coreml"], precision, size))
    assert not list(tmp_path.iterdir())


def test_a_network_that_core_ml_cannot_express_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^Adaptive cannot be written for Core ML \([^\n]*\); export it to onnx$"):
        write(Adaptive(), tmp_path / "m.mlpackage", dynamic=True)
    assert not list(tmp_path.iterdir())


def test_writing_replaces_quietly_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "m.mlpackage"
    (package / "old").mkdir(parents=True)
    write(Tiny(), package)
    assert [path.name for path in tmp_path.iterdir()] == ["m.mlpackage"]
    assert not (package / "old").exists()
    before = (package / SPECIFICATION).read_bytes()

    def fail(model: ct.models.MLModel, path: str) -> None:
        Path(path).mkdir()
        raise OSError(28, "no space left")

    monkeypatch.setattr(ct.models.MLModel, "save", fail)
    with pytest.raises(OSError, match="no space left"):
        write(Tiny(), package)
    assert [path.name for path in tmp_path.iterdir()] == ["m.mlpackage"]
    assert (package / SPECIFICATION).read_bytes() == before
    assert capfd.readouterr() == ("", "")


def test_an_unknown_operator_is_refused_by_name(tmp_path: Path) -> None:
    package = write(Alien(), tmp_path / "m.mlpackage")
    with pytest.raises(ModelError, match="computes erf, which the interpreter of MIL does not know"):
        open_engine(package)


@pytest.mark.parametrize("content", [None, b"no model", b""])
def test_what_is_no_package_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / SPECIFICATION).parent.mkdir(parents=True)
        (tmp_path / SPECIFICATION).write_bytes(content)
    with pytest.raises(ModelError, match="export it again"):
        open_engine(tmp_path)


@pytest.mark.parametrize("precision", ["int8", "palette6"])
def test_compressed_weights_are_those_that_coremltools_decompresses(
    packages: dict[str, Path], precision: str, tmp_path: Path
) -> None:
    model = ct.models.MLModel(str(packages[precision]), skip_model_load=True)
    with quiet():
        ct.optimize.coreml.decompress_weights(model).save(str(tmp_path / "m.mlpackage"))
    plain = open_engine(tmp_path / "m.mlpackage").alpha(sample_view(*SIZE))
    assert np.array_equal(plain, open_engine(packages[precision]).alpha(sample_view(*SIZE)))
