"""The iOS demo, as far as Python can tell; `make ios` makes what is looked at here."""

import json
from pathlib import Path
from typing import Any

import coremltools as ct  # type: ignore[import-untyped]
import pytest
from coremltools.proto import FeatureTypes_pb2  # type: ignore[import-untyped]
from pspm_runtime.bundle import Bundle, digest, open_bundle

from tests.schema import violations

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "ios_demo"
MODEL = DEMO / "PortraitMatting/Sources/PortraitMatting/Model"
BENCHMARK = DEMO / ".build/benchmark.json"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    if not (MODEL / "manifest.json").is_file():
        pytest.skip("the app's model is not exported; make ios does it")
    return open_bundle(MODEL)


@pytest.fixture(scope="module")
def specification(bundle: Bundle) -> Any:
    return ct.models.MLModel(str(bundle.model), skip_model_load=True).get_spec()


def test_the_model_is_made_of_the_shipped_network(bundle: Bundle) -> None:
    assert (bundle.name, bundle.network, bundle.format) == ("mobile", "mobile", "coreml")
    assert bundle.facts["precision"] == "fp16"
    assert bundle.facts["parameters"] == open_bundle("mobile").facts["parameters"]
    assert digest(bundle.model) == bundle.sha256


def test_the_package_takes_the_pictures_that_its_manifest_lists(specification: Any, bundle: Bundle) -> None:
    (image,) = specification.description.input
    assert image.name == bundle.facts["input"]["name"]
    kind = image.type.imageType
    assert kind.colorSpace == FeatureTypes_pb2.ImageFeatureType.RGB
    assert (kind.width, kind.height) == bundle.size.sizes[0] == (512, 512)
    listed = {(size.width, size.height) for size in kind.enumeratedSizes.sizes}
    assert listed == set(bundle.size.sizes) == {(512, 512), (512, 384), (384, 512)}


def test_the_package_gives_an_alpha_that_the_app_reads(specification: Any, bundle: Bundle) -> None:
    (alpha,) = specification.description.output
    assert alpha.name == bundle.facts["output"]["name"]
    assert alpha.type.imageType.colorSpace == FeatureTypes_pb2.ImageFeatureType.GRAYSCALE_FLOAT16
    assert bundle.facts["output"]["layout"] == "image"


def test_the_package_runs_from_ios_16_on(specification: Any) -> None:
    # Specification version 7 is what Core ML of iOS 16 and macOS 13 reads, and the first with half-precision images.
    assert specification.specificationVersion == 7
    assert specification.WhichOneof("Type") == "mlProgram"


def test_the_package_says_what_it_is(specification: Any, bundle: Bundle) -> None:
    about = specification.description.metadata
    assert about.author == "PSPM"
    assert about.license == bundle.facts["licence"]
    assert about.shortDescription
    assert about.userDefined["pspm.precision"] == "fp16"
    assert int(about.userDefined["pspm.multiple"]) == 32


def test_the_benchmark_obeys_the_schema() -> None:
    if not BENCHMARK.is_file():
        pytest.skip("the Swift tests have written no benchmark; make ios runs them")
    result = json.loads(BENCHMARK.read_text())
    schema = json.loads((ROOT / "runtime/pspm_runtime/bench.schema.json").read_text())
    assert list(violations(result, schema, schema, "benchmark")) == []
    assert result["app"] == "ios"
    assert [set(run) & {"fps", "refused"} for run in result["runs"]] == [{"fps"}, {"refused"}]
