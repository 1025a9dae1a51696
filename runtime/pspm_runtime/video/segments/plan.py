"""Plan: where a video is cut into segments."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from typing import NamedTuple

from pspm_runtime.video.container.reader import Blocks, VideoReader
from pspm_runtime.video.steady.between import AROUND

# Shorter ones lose less when a run ends early, and cost more: each is read some frames farther than it reaches.
SECONDS = 5
# What is known of a scene is forgotten in time for the next segment, which so needs no frames far before it.
BLOCKS = Blocks(SECONDS, AROUND)


class Span(NamedTuple):
    """A segment: its number from 0, and where it begins and ends, in seconds of the file. end: None for the last."""

    number: int
    begin: Fraction
    end: Fraction | None


def spans(reader: VideoReader, seconds: int = SECONDS) -> Iterator[Span]:
    """The segments of a video, without end where nobody said how long it is to be: the header may be wrong."""
    end = reader.span[1]
    for number in count():
        begin = reader.begin + number * seconds
        if end is not None and begin + seconds >= end:
            yield Span(number, begin, None)
            return
        yield Span(number, begin, begin + seconds)


def expected(reader: VideoReader, seconds: int = SECONDS) -> int | None:
    """How many segments the header of a video promises, at least 1; None if it does not say."""
    return None if reader.seconds is None else max(1, -int(-reader.seconds // seconds))
