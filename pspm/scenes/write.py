"""Write sets of scenes as folders that `pspm evaluate` reads: SET/image/NAME.jpg and SET/alpha/NAME.png."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from pspm_runtime.files.atomic_write import atomic_write
from tqdm import tqdm

from pspm.scenes.cast import Cast
from pspm.scenes.kinds import SceneSet


def write_scenes(sets: Sequence[SceneSet], cast: Cast, count: int, out: Path) -> dict[str, int]:
    """Write `count` scenes of each set to a new folder, whole or not at all, and return how many each set has.

    Sets of backgrounds alone have at most one scene for each. Shows a progress bar on stderr.
    Raises ValueError for a picture that cannot be read, OSError if the folder cannot be written.
    """
    counts = {each.name: min(count, len(cast.backgrounds)) if each.of_backgrounds else count for each in sets}
    with (
        atomic_write(out) as unfinished,
        tqdm(total=sum(counts.values()), unit="scene", disable=None) as bar,
    ):
        for each in sets:
            images, alphas = (unfinished / each.name / part for part in ("image", "alpha"))
            for folder in (images, alphas):
                folder.mkdir(parents=True)
            for index in range(counts[each.name]):
                scene = each.draw(cast, index)
                jpeg = [cv2.IMWRITE_JPEG_QUALITY, each.quality]
                (images / f"{index:03d}.jpg").write_bytes(_encoded(".jpg", scene.image[..., ::-1], jpeg))
                (alphas / f"{index:03d}.png").write_bytes(_encoded(".png", scene.alpha))
                bar.update()
    return counts


def _encoded(ending: str, picture: np.ndarray, options: Sequence[int] = ()) -> bytes:
    _, data = cv2.imencode(ending, picture, options)
    return data.tobytes()
