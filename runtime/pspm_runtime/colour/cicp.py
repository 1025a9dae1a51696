"""ICC profiles for the code points of ITU-T H.273, which PNG (cICP), AVIF and HEIC (nclx) store."""

from functools import lru_cache

import numpy as np

from pspm_runtime.colour.icc import Curve, Primaries, write_rgb_profile

UNSPECIFIED = 2
SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SRGB_PRIMARIES = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))

_C: tuple[float, float] = (0.310, 0.316)
_DCI: tuple[float, float] = (0.314, 0.351)
_SMPTE_170M = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_P3 = (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)
_PRIMARIES = {
    1: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _SMPTE_170M,
    7: _SMPTE_170M,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries(*_P3, _DCI),
    12: Primaries(*_P3),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}

_BT_709_CURVE = Curve(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES = {
    1: _BT_709_CURVE,
    4: Curve(2.2),
    5: Curve(2.8),
    6: _BT_709_CURVE,
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: Curve(1.0),
    13: SRGB_CURVE,
    14: _BT_709_CURVE,
    15: _BT_709_CURVE,
}
_PQ, _HLG = 16, 18
_SAMPLES = np.linspace(0, 1, 4096)

# Light of diffuse white and of the brightest highlight, in cd/m2 (ITU-R BT.2408 and BT.2100).
_WHITE, _PEAK = 203.0, 1000.0


@lru_cache(maxsize=32)
def cicp_profile(primaries: int, transfer: int, full_range: bool = True) -> bytes | None:
    """ICC profile of RGB with these code points; None where one is reserved or both are unspecified.

    One that is unspecified is taken from sRGB where the other one is known. PQ (16) and HLG (18) get a curve that
    shows them on an ordinary display: highlights up to 1,000 cd/m2 are compressed below white. The profile also holds
    the code points, so that an HDR viewer can show them as they are.
    full_range: whether codes run from 0 to 255 instead of 16 to 235.
    """
    if primaries == transfer == UNSPECIFIED:
        return None
    primaries = 1 if primaries == UNSPECIFIED else primaries
    transfer = 13 if transfer == UNSPECIFIED else transfer
    curve = _tone_mapped(transfer) if transfer in (_PQ, _HLG) else _CURVES.get(transfer)
    if primaries not in _PRIMARIES or curve is None:
        return None
    if not full_range:
        samples = np.clip((_SAMPLES * 255 - 16) / 219, 0, 1)
        curve = curve.light(samples) if isinstance(curve, Curve) else np.interp(samples, _SAMPLES, curve)
    points = (primaries, transfer) if full_range else None
    return write_rgb_profile(_PRIMARIES[primaries], curve, name=f"CICP {primaries}/{transfer}", cicp=points)


def _tone_mapped(transfer: int) -> np.ndarray:
    """Display light in [0, 1] of equally spaced PQ or HLG codes; diffuse white is at about a half."""
    light = (_pq_light() if transfer == _PQ else _hlg_light()) / _WHITE
    # Chromium's curve for SDR displays: slope 1 in the shadows, and the peak meets 1.
    peak = _PEAK / _WHITE
    return np.minimum(light * (1 + light / peak**2) / (1 + light), 1)


def _pq_light() -> np.ndarray:
    """cd/m2 of equally spaced PQ codes (ITU-R BT.2100, table 4)."""
    power = _SAMPLES ** (1 / 78.84375)
    return 10000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)


def _hlg_light() -> np.ndarray:
    """cd/m2 of equally spaced HLG codes of a neutral grey on a display of 1,000 cd/m2 (ITU-R BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(_SAMPLES <= 0.5, _SAMPLES**2 / 3, (np.exp((_SAMPLES - c) / a) + b) / 12)
    return _PEAK * scene**1.2
