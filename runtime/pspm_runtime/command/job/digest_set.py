"""Sets of digests: eight bytes for each text, so that many millions fit into memory."""

import hashlib
from collections.abc import Iterable

import numpy as np

# Two of a hundred million texts have one digest with a probability of 0.0003.
_BYTES = 8


def digest(*parts: str) -> int:
    """A number for some texts."""
    text = "\0".join(parts).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=_BYTES).digest(), "big")


def digests(texts: Iterable[int]) -> np.ndarray:
    """An array of digests, uint64 (n,)."""
    return np.fromiter(texts, np.uint64)


def last_of(found: np.ndarray) -> np.ndarray:
    """Which digests are not followed by an equal one: bool (n,) for uint64 (n,)."""
    last = np.zeros(len(found), bool)
    # Sixteen parts, one after the other, because each is sorted in memory of its own.
    parts = (found >> np.uint64(60)).astype(np.uint8)
    for part in range(16):
        places = np.flatnonzero(parts == part)
        from_the_end = places[::-1]
        last[from_the_end[np.unique(found[from_the_end], return_index=True)[1]]] = True
    return last


class DigestSet:
    """A set that grows by arrays. It keeps sorted ones, each at least twice as long as the next, so adding is cheap."""

    def __init__(self) -> None:
        self._sorted: list[np.ndarray] = []

    def __len__(self) -> int:
        return sum(map(len, self._sorted))

    def contains(self, asked: np.ndarray) -> np.ndarray:
        """Which digests are in the set: bool (n,) for uint64 (n,)."""
        found = np.zeros(len(asked), bool)
        for part in self._sorted:
            places = np.minimum(np.searchsorted(part, asked), len(part) - 1)
            found |= part[places] == asked
        return found

    def add(self, more: np.ndarray) -> None:
        """Add digests, uint64 (n,)."""
        if not len(more):
            return
        part = np.sort(more)
        while self._sorted and len(self._sorted[-1]) < 2 * len(part):
            part = np.concatenate([self._sorted.pop(), part])
            part.sort(kind="stable")  # of two sorted halves, so it only merges them
        self._sorted.append(part)
