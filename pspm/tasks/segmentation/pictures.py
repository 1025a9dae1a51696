"""Training and test pictures of segmentation: of a data set, or generated scenes of people."""

from collections.abc import Sequence

import numpy as np

from pspm.tasks.pictures.augment import Labelled, augmented
from pspm.tasks.pictures.people import Crowd
from pspm.tasks.recipe import Recipe
from pspm.tasks.segmentation.layouts import IGNORED

# Of the stand-in: scenes of an epoch and of the test set, people in one, and their heights as shares of the picture's.
TRAIN, TEST = 2000, 100
MOST, HEIGHTS = 3, (0.4, 1.2)
BACKGROUND, PERSON = 0, 1


class TrainingCrops:
    """Crops of labelled pictures, augmented by a recipe."""

    def __init__(self, pictures: Sequence[Labelled], recipe: Recipe) -> None:
        self.pictures, self.recipe = pictures, recipe

    def __len__(self) -> int:
        return len(self.pictures)

    def sample(self, index: int, rng: np.random.Generator) -> Labelled:
        """A crop of picture `index`."""
        return augmented(self.pictures[index], self.recipe, rng, IGNORED)[0]


class TrainingScenes:
    """Scenes of people, a new one for each sample."""

    def __init__(self, crowd: Crowd, size: tuple[int, int]) -> None:
        self.crowd, self.size = crowd, size

    def __len__(self) -> int:
        return TRAIN

    def sample(self, index: int, rng: np.random.Generator) -> Labelled:
        """A scene with the labels `BACKGROUND` and `PERSON`, which is alpha of one half and more."""
        return drawn(self.crowd, self.size, rng)


def scenes(crowd: Crowd, size: tuple[int, int], count: int) -> list[Labelled]:
    """Scenes that are the same each time."""
    return [drawn(crowd, size, np.random.default_rng((1, i))) for i in range(count)]


def drawn(crowd: Crowd, size: tuple[int, int], rng: np.random.Generator) -> Labelled:
    """Draw a scene."""
    scene = crowd.scene(size, rng, MOST, HEIGHTS)
    return Labelled(scene.image, (scene.people.sum(0) >= 0.5).astype(np.uint8))
