"""The shipped weights: their size, and mattes against the truth where the validation pictures are at hand."""

import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from pspm_runtime.bundle import DEFAULT_MODEL, TRIMAP_MODEL, open_bundle, shipped
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.looks.quality import QUALITIES

import pspm
from pspm.bn_folding import read_folded_onnx
from pspm.data.folders.pairs import list_pictures
from pspm.data.folders.split import held_back
from pspm.evaluation import metrics
from pspm.evaluation.datasets import SETS, held_back_pictures
from pspm.networks import NETWORKS, build

pytestmark = pytest.mark.slow

DATA = Path(os.environ.get("PSPM_DATA", "../shared/data"))
LARGEST_MB = 15
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no validation pictures at {DATA}; set PSPM_DATA to their folder"
)


@pytest.fixture(scope="module", params=[name for name in shipped() if not open_bundle(name).takes_trimap])
def model(request: pytest.FixtureRequest) -> pspm.Model:
    return pspm.load(request.param, threads=2)


@pytest.mark.parametrize("name", shipped())
def test_the_manifest_says_what_an_app_must_know(name: str) -> None:
    bundle = open_bundle(name)
    assert bundle.model.stat().st_size <= LARGEST_MB * 1e6
    assert bundle.network in NETWORKS
    assert bundle.facts["licence"]
    assert bundle.facts["data"]
    network = build(bundle.network)
    assert bundle.size == network.view_size
    low, high = bundle.facts["input"]["range"]
    for mean, std in zip(bundle.mean, bundle.std, strict=True):
        assert ((0 - mean) / std, (1 - mean) / std) == (low, high)


def test_half_precision_loses_nothing_of_the_default_model() -> None:
    """Its weights were rounded before they were verified (docs/model-card.md): Core ML and TFLite store such halves."""
    for weight in read_folded_onnx(open_bundle(DEFAULT_MODEL).model).values():
        assert torch.equal(weight.half().float(), weight)


def test_the_sample_portrait(model: pspm.Model) -> None:
    alpha = model.predict_alpha(sample_photo(), require_person=True)
    face, suit, sky, flag = alpha[80:140, 190:250], alpha[300:400, 150:300], alpha[10:110, 300:380], alpha[:60, :60]
    assert face.min() > 0.95
    assert np.median(suit) > 0.95
    assert sky.mean() < 0.02
    assert flag.mean() < 0.1


def test_a_blank_picture_has_an_empty_matte(model: pspm.Model) -> None:
    grey = np.full((300, 400, 3), 128, np.uint8)
    assert model.predict_alpha(grey).mean() < 0.02
    with pytest.raises(pspm.NoPersonError):
        model.predict_alpha(grey, require_person=True)


def test_the_model_for_trimaps_is_small_and_takes_one() -> None:
    bundle = open_bundle(TRIMAP_MODEL)
    assert bundle.takes_trimap
    assert bundle.size.overlap > 0
    assert bundle.model.stat().st_size <= 8e6
    assert bundle.facts["parameters"] <= 3e6


def test_a_trimap_of_the_sample_portrait() -> None:
    """The trimap is made of the matte of `mobile`. The result is near that matte, and known pixels are kept."""
    alpha = pspm.predict_alpha(sample_photo())
    classes = metrics.evaluation_trimap(alpha, 15)
    trimap = np.array([0, 128, 255], np.uint8)[classes]
    found = pspm.predict_alpha(sample_photo(), trimap=trimap)
    assert (found[classes != 1] * 255 == trimap[classes != 1]).all()
    assert np.abs(found - alpha)[classes == 1].mean() < 0.08
    assert len(np.unique(found[classes == 1])) > 100


@needs_data
def test_unseen_cutouts_with_a_trimap_are_better_than_closed_form_matting() -> None:
    """On these eight, closed-form matting with the same trimap has a mean SAD of 2.588."""
    errors = []
    for _, image, truth in islice(held_back_pictures(DATA, "cutouts"), 0, None, 4):
        classes = metrics.evaluation_trimap(truth)
        trimap = np.array([0, 128, 255], np.uint8)[classes]
        errors.append(metrics.sad(pspm.predict_alpha(image, trimap=trimap), truth, classes == 1))
    assert np.mean(errors) < 0.65 * 2.588


@needs_data
def test_most_photos_without_a_person_have_an_almost_empty_matte(model: pspm.Model) -> None:
    """Not all: the model card names the share that the first weights get wrong."""
    unseen = [path for path in list_pictures(DATA / "backgrounds") if path.stem in held_back("backgrounds")]
    shares = np.array([model.predict_alpha(path).mean() for path in unseen])
    assert np.median(shares) < 0.01
    assert (shares < 0.1).mean() > 0.8


@needs_data
@pytest.mark.parametrize("name", SETS)
def test_mattes_of_unseen_people_overlap_the_truth(model: pspm.Model, name: str) -> None:
    scores = [
        metrics.iou(model.predict_alpha(image), truth) for _, image, truth in islice(held_back_pictures(DATA, name), 10)
    ]
    assert np.mean(scores) >= 0.95


@needs_data
def test_a_second_look_makes_hair_better() -> None:
    """On these three, the mean SAD of balanced is 0.91 of that of fast, and that of best 0.78."""
    errors: dict[str, list[float]] = {}
    models = {quality: pspm.load(DEFAULT_MODEL, threads=2, quality=quality) for quality in QUALITIES}
    for _, image, truth in islice(held_back_pictures(DATA, "cutouts-2"), 0, None, 12):
        region = metrics.evaluation_unknown_region(truth)
        for quality, model in models.items():
            errors.setdefault(quality, []).append(metrics.sad(model.predict_alpha(image), truth, region))
    fast, balanced, best = (float(np.mean(errors[quality])) for quality in QUALITIES)
    assert balanced < 0.97 * fast
    assert best < 0.9 * fast
