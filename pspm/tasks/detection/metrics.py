"""COCO's average precisions, by pycocotools."""

import contextlib
import importlib
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pspm_runtime.extras import needs_extra

from pspm.tasks.detection.layout import Objects

NAMES = ("AP", "AP50", "AP75", "APS", "APM", "APL")


class Found(NamedTuple):
    """What a network found in a picture: boxes as in `Objects`, labels, and scores in [0, 1]."""

    boxes: np.ndarray
    labels: np.ndarray
    scores: np.ndarray


def average_precisions(found: Sequence[Found], truth: Sequence[Objects]) -> dict[str, float]:
    """AP over overlaps of 0.5 to 0.95, at 0.5, at 0.75, and of small, medium and large objects, in percent.

    Without those of a size that no object has.
    """
    with needs_extra("operators"):
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval

    labels = sorted({int(label) for objects in truth for label in objects.labels})
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i} for i in range(len(truth))],
        "categories": [{"id": label} for label in labels],
        "annotations": [
            {"image_id": i, "bbox": from_corners(box), "category_id": int(label), "iscrowd": int(crowd), "area": area}
            for i, objects in enumerate(truth)
            for box, label, crowd, area in zip(*objects, strict=True)
        ],
    }
    for number, annotation in enumerate(coco.dataset["annotations"], 1):
        annotation["id"] = number
    detections = [
        {"image_id": i, "bbox": from_corners(box), "category_id": int(label), "score": float(score)}
        for i, each in enumerate(found)
        for box, label, score in zip(*each, strict=True)
    ]
    if not labels or not detections:
        return dict.fromkeys(NAMES, 0.0)
    # It prints its progress.
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(detections), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # COCO writes -1 where there is nothing to find.
    named = zip(NAMES, evaluation.stats[: len(NAMES)], strict=True)
    return {name: 100 * float(value) for name, value in named if value >= 0}


def check_pycocotools() -> None:
    """Raise PspmError if pycocotools is missing."""
    with needs_extra("operators"):
        importlib.import_module("pycocotools.coco")


def from_corners(box: np.ndarray) -> list[float]:
    """Left, top, width and height of a box."""
    left, top, right, bottom = map(float, box)
    return [left, top, right - left, bottom - top]
