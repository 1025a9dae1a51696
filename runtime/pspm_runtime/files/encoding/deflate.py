"""A fast deflate with the interface of zlib: isal's, or zlib itself where isal is missing, which only takes longer."""

from typing import Any

fast_zlib: Any
try:
    from isal import isal_zlib as fast_zlib
except ImportError:
    import zlib as fast_zlib

__all__ = ["fast_zlib"]
