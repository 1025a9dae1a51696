"""Save the pictures of an evaluation, so that other tools can matte exactly the same ones."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from pspm_runtime.files.atomic_write import atomic_write
from tqdm import tqdm

from pspm.evaluation.datasets import PARTS, TRIMAPS, Case


def save_pictures(sets: Mapping[str, Sequence[Case]], out: Path) -> None:
    """Write OUT/SET/image/NAME.png and OUT/SET/alpha/NAME.png, and given trimaps, to a new folder, whole or not at all.

    `pspm.evaluation.datasets.find_cases` reads the folder and finds the same sets in it, with the same pictures.
    Raises ValueError if a picture cannot be read, OSError if the folder cannot be written.
    """
    with atomic_write(out) as unfinished, tqdm(total=sum(map(len, sets.values())), unit="picture", disable=None) as bar:
        for name, cases in sets.items():
            for case in cases:
                image, truth = case.read()
                alpha = np.rint(truth * 255).astype(np.uint8)
                for part, picture in zip(PARTS, (image[..., ::-1], alpha), strict=True):
                    file = unfinished / name / part / f"{case.name}.png"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
                if case.trimap:
                    (unfinished / name / TRIMAPS).mkdir(exist_ok=True)
                    shutil.copyfile(case.trimap, unfinished / name / TRIMAPS / f"{case.name}.png")
                bar.update()
