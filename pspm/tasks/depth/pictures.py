"""Training and test pictures of depth: of NYU Depth v2, or rendered rooms."""

from collections.abc import Sequence

import numpy as np

from pspm.tasks.depth.rendered_rooms import room
from pspm.tasks.pictures.augment import Labelled, augmented
from pspm.tasks.recipe import Recipe

# Of the stand-in: rooms of an epoch and of the test set.
TRAIN, TEST = 2000, 100


class TrainingDepths:
    """Crops of pictures with depths, augmented by a recipe. Who enlarges a picture divides its depths."""

    def __init__(self, pictures: Sequence[Labelled], recipe: Recipe) -> None:
        self.pictures, self.recipe = pictures, recipe

    def __len__(self) -> int:
        return len(self.pictures)

    def sample(self, index: int, rng: np.random.Generator) -> Labelled:
        """A crop of picture `index`."""
        (image, depth), scale = augmented(self.pictures[index], self.recipe, rng, 0)
        return Labelled(image, depth / np.float32(scale))


class TrainingRooms:
    """Rendered rooms, a new one for each sample."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size

    def __len__(self) -> int:
        return TRAIN

    def sample(self, index: int, rng: np.random.Generator) -> Labelled:
        """A room."""
        return room(self.size, rng)


def rooms(size: tuple[int, int], count: int) -> list[Labelled]:
    """Rooms that are the same each time, and that no training run sees."""
    return [room(size, np.random.default_rng((2, 0, i))) for i in range(count)]
