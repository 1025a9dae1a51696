"""Training and test pictures of detection: of COCO, or people pasted over photographs."""

from collections.abc import Sequence

import cv2
import numpy as np

from pspm.tasks.detection.layout import Annotated, Objects
from pspm.tasks.pictures.people import Crowd
from pspm.tasks.recipe import Recipe

# Of the stand-in: scenes of an epoch and of the test set, people in one, and their heights as shares of the picture's.
TRAIN, TEST = 2000, 100
MOST, HEIGHTS = 3, (0.25, 0.9)
# A person counts if this many pixels of it are seen.
SMALLEST = 30


class TrainingAnnotated:
    """Annotated pictures, mirrored at random if the recipe says so. The network resizes them itself."""

    def __init__(self, pictures: Sequence[Annotated], recipe: Recipe) -> None:
        self.pictures, self.recipe = pictures, recipe

    def __len__(self) -> int:
        return len(self.pictures)

    def sample(self, index: int, rng: np.random.Generator) -> Annotated:
        """Picture `index`, without objects that are crowds."""
        image, objects = self.pictures[index]
        objects = Objects(*(field[~objects.crowd] for field in objects))
        mirror = self.recipe.flip and rng.integers(2)
        return mirrored(Annotated(image, objects)) if mirror else Annotated(image, objects)


class TrainingScenes:
    """Scenes of people, a new one for each sample."""

    def __init__(self, crowd: Crowd, size: tuple[int, int]) -> None:
        self.crowd, self.size = crowd, size

    def __len__(self) -> int:
        return TRAIN

    def sample(self, index: int, rng: np.random.Generator) -> Annotated:
        """A scene with a box around each person."""
        return drawn(self.crowd, self.size, rng)


def scenes(crowd: Crowd, size: tuple[int, int], count: int) -> list[Annotated]:
    """Scenes that are the same each time."""
    return [drawn(crowd, size, np.random.default_rng((1, i))) for i in range(count)]


def drawn(crowd: Crowd, size: tuple[int, int], rng: np.random.Generator) -> Annotated:
    """Draw a scene. A box encloses the pixels where one half of a person or more is seen."""
    scene = crowd.scene(size, rng, MOST, HEIGHTS)
    masks = [(person >= 0.5).astype(np.uint8) for person in scene.people]
    masks = [mask for mask in masks if np.count_nonzero(mask) >= SMALLEST]
    rectangles = np.array([cv2.boundingRect(mask) for mask in masks], np.float32).reshape(-1, 4)
    rectangles[:, 2:] += rectangles[:, :2]
    areas = np.array([np.count_nonzero(mask) for mask in masks], np.float64)
    return Annotated(scene.image, Objects(rectangles, np.ones(len(masks), np.int64), np.zeros(len(masks), bool), areas))


def mirrored(picture: Annotated) -> Annotated:
    """The picture and its boxes, left and right exchanged."""
    boxes = picture.objects.boxes.copy()
    boxes[:, [0, 2]] = picture.image.shape[1] - boxes[:, [2, 0]]
    return Annotated(np.ascontiguousarray(picture.image[:, ::-1]), picture.objects._replace(boxes=boxes))
