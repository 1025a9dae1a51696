"""Twelve pairs of profiles: a background has the codes that ImageCms gives, and looks as it was asked for."""

from pathlib import Path

import numpy as np

from tests.runtime.colour.colour_table import rows, table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "pictures.md"


def test_backgrounds_have_the_codes_of_imagecms_within_a_level() -> None:
    found = list(rows())

    assert len(found) == 12
    for row in found:
        pair = f"{row.pair.photo}, {row.pair.background}"
        assert np.abs(np.subtract(row.code, row.wanted_code)).max() <= 1, pair
        # Codes of 8 bits lie farther apart in wide spaces and in tables than in sRGB.
        assert np.abs(np.subtract(row.shown, row.asked)).max() <= 2, pair
    assert sum(row.code != row.asked for row in found) >= 7, "the spaces do not differ"


def test_the_page_shows_the_table() -> None:
    assert table() in PAGE.read_text()
