"""Models, photos and errors cross to other processes, as multiprocessing, joblib and Spark send them."""

import copy
import multiprocessing
import pickle
from pathlib import Path

import numpy as np
import pytest
from pspm_runtime import Model, NoPersonError, PhotoError, load, open_photo
from pspm_runtime.files.sample import sample_photo

from tests.runtime.pictures import gradient


@pytest.mark.slow
def test_a_new_process_gets_the_model_and_gives_the_matte(tmp_path: Path) -> None:
    model = load("mobile", threads=1)
    photo = gradient(64, 48)

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert np.array_equal(pool.apply(model.predict_alpha, (photo,)), model.predict_alpha(photo))
        with pytest.raises(PhotoError, match=r"nowhere\.jpg does not exist"):
            pool.apply(model.predict_alpha, (tmp_path / "nowhere.jpg",))


def test_a_copy_of_a_model_has_its_settings() -> None:
    model = load("mobile", threads=2, max_megapixels=3, quality="fast")
    for same in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):  # noqa: S301
        assert isinstance(same, Model)
        assert same.bundle == model.bundle
        assert same.max_megapixels == 3
        assert same.quality == "fast"


def test_a_photo_that_is_pickled_is_the_same_photo() -> None:
    photo = open_photo(sample_photo())
    same = pickle.loads(pickle.dumps(photo))  # noqa: S301
    assert np.array_equal(same.image, photo.image)
    assert same.icc_profile == photo.icc_profile


def test_errors_keep_their_class_and_text() -> None:
    for error in (PhotoError("a.jpg is damaged"), NoPersonError("no person was found")):
        same = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (type(same), str(same)) == (type(error), str(error))
