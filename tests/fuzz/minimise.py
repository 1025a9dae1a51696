"""Make a file that shows a fault small."""

from collections.abc import Callable


def minimise(data: bytes, is_wrong: Callable[[bytes], bool], most: int = 2000) -> bytes:
    """Remove parts, then replace bytes by zeros, as long as `is_wrong` holds; at most `most` trials."""
    trials = 0
    for blank in (False, True):
        size = max(1, len(data) // 2)
        while size and trials < most:
            at = 0
            while at < len(data) and trials < most:
                part = data[at : at + size]
                smaller = data[:at] + bytes(len(part) if blank else 0) + data[at + size :]
                trials += 1
                if smaller != data and is_wrong(smaller):
                    data = smaller
                    at += size if blank else 0
                else:
                    at += size
            size //= 2
    return data
