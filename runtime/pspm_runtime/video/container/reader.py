"""Reader: the frames of a video file, upright, with their times."""

import errno
from collections import deque
from collections.abc import Generator, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.error import FFmpegError
from av.stream import Disposition
from PIL import Image

from pspm_runtime.errors import VideoError
from pspm_runtime.files.photo import Photo
from pspm_runtime.video.container.colour import StreamColour

# A video is cut short if it ends so many seconds before its header says.
MISSING = Fraction(1, 2)
# How far before a part its frames are looked for at first, in seconds, and by what that grows if it was not enough.
_BACK, _FARTHER = Fraction(1), 4
_IN_ONE_PIECE = "process it in one piece, without --resume and --jobs"
_USUAL_RATE = Fraction(25)
_TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
# What a file says of itself, not of its content, and where it was recorded.
_NOT_COPIED = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration", "handler_name", "vendor_id")
_PLACE = ("location", "gps")
# Files only: a playlist must not fetch anything from a network.
OPTIONS = {"protocol_whitelist": "file,crypto,data"}


class Frame(NamedTuple):
    """An upright frame. time, duration: in units of the reader's `time_base`.

    counts: whether it goes into the result, and is not only there for its neighbours' sake. begins_anew: whether small
    people are looked for at it as if a scene began; see `VideoReader.frames`.
    """

    photo: Photo
    time: int
    duration: int
    counts: bool = True
    begins_anew: bool = False


class Blocks(NamedTuple):
    """Blocks of a video of equal length. Nothing that is known of one is used in the next one.

    seconds: their length. ahead: a block begins so many frames before that, for the filter over time.
    """

    seconds: int
    ahead: int


class TimesError(VideoError):
    """A video cannot be read in parts, since its frames have no times, or their times go back."""


def open_input(path: Path) -> Any:
    """Open a video file. Raises VideoError for what is not one."""
    if not path.is_file():
        reason = "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is not a file"
        raise VideoError(f"{path} {reason}; give the name of a video file")
    try:
        return av.open(f"file:{path}", metadata_errors="ignore", options=OPTIONS)
    except FFmpegError as error:
        if error.errno in (errno.EACCES, errno.EIO):
            raise VideoError(f"{path} cannot be read: {error.strerror}; check the path") from None
        raise VideoError(f"{path} is not a video, or its end is missing; record or copy it again") from None


def copied_tags(tags: dict[str, str]) -> dict[str, str]:
    """The tags of a file or a stream that are about its content; where it was recorded is not among them."""
    return {
        name: value
        for name, value in tags.items()
        if name.lower() not in _NOT_COPIED and not any(word in name.lower() for word in _PLACE)
    }


class VideoReader:
    """Reads the frames of a video's first or best video stream.

    start: in seconds from the first frame; frames before it are left out. duration: in seconds, None for all.
    size: (width, height) of the upright frames. time_base: seconds per unit of `Frame.time`. rate: frames a second on
        average. aspect: width of a pixel by its height. colour: of the first frame.
    begin: of the frames that are read, in seconds of the file. seconds: how long they last, None if unknown.
    lost: how many packets or frames were damaged, so far. cut_short: whether the file ends before its header says.
    end: of the last frame of a part that was read, in seconds of the file. ended: whether no frame is behind it.
    Times are those of the file; with `start`, they count from there.
    Raises VideoError for a file without a video that can be decoded, and for a start behind its end.
    """

    def __init__(self, path: Path, start: Fraction = Fraction(0), duration: Fraction | None = None) -> None:
        self.path = path
        self.lost = 0
        self.cut_short = False
        self.end = Fraction(0)
        self.ended = False
        self._start = start
        self._container = open_input(path)
        try:
            self._stream = self._choose()
            self.time_base: Fraction = self._stream.time_base or Fraction(1, 1000)
            self.rate: Fraction = self._stream.average_rate or _USUAL_RATE
            first_time = (self._stream.start_time or 0) * self.time_base
            self.begin = first_time + start
            self._shift = round(self.begin / self.time_base) if start else 0
            self._end = None if duration is None else self.begin + duration
            whole = self._whole(first_time)
            left = None if whole is None else max(Fraction(0), whole - start)
            self.seconds = left if duration is None else duration if left is None else min(duration, left)
            self._declared_end = None if whole is None else first_time + whole
            if start:
                self._seek()
            self._frames = self._decode()
            self._first = self._read_first(start)
            first = self._first
            self._turn = round(first.rotation / 90) % 4
            self._shape = first.width, first.height
            self.size = self._shape if self._turn % 2 == 0 else self._shape[::-1]
            aspect = self._stream.sample_aspect_ratio or Fraction(1)
            self.aspect = aspect if self._turn % 2 == 0 else 1 / aspect
            self.colour = StreamColour.of(first)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    @property
    def span(self) -> tuple[Fraction | None, Fraction | None, Fraction]:
        """Begin and end of what is read, in seconds of the file, None for all, and what is subtracted from times."""
        return (self.begin if self._shift else None), self._end, self._shift * self.time_base

    @property
    def total(self) -> int | None:
        """About how many frames there are, None if the header does not tell."""
        return None if self.seconds is None else max(1, round(self.seconds * self.rate))

    def describe(self, out: Any) -> None:
        """Copy the tags and the chapters into another file, before its header is written."""
        out.metadata.update(copied_tags(self._container.metadata))
        begin, end, shift = self.span
        chapters = []
        for chapter in self._container.chapters():
            unit = chapter["time_base"] or Fraction(1, 1000)
            first, last = (Fraction(chapter[side] * unit) for side in ("start", "end"))
            if (begin is not None and last <= begin) or (end is not None and first >= end):
                continue
            first, last = max(first, begin or first) - shift, min(last, end or last) - shift
            chapters.append({**chapter, "start": round(first / unit), "end": round(last / unit)})
        if chapters:
            out.set_chapters(chapters)

    def frames(self, blocks: Blocks | None = None) -> Iterator[Frame]:
        """Read the frames, once. blocks: mark the frames with which they begin.

        Raises VideoError where their size changes.
        """
        yield from self._timed(self._marked(((frame, True) for frame in chain([self._first], self._frames)), blocks))

    def part(self, begin: Fraction, end: Fraction | None, blocks: Blocks) -> Generator[Frame]:
        """Read the frames from `begin` to before `end`, in seconds of the file, and some around them.

        end: None for the end of what is read. blocks: mark the frames with which they begin; `ahead` frames before and
        behind come along, as far as there are so many, and do not count. Parts may be read in any order, but one at a
        time. `lost` counts what was lost in the part, `ended` says whether the video has no frame behind it.
        Raises TimesError for a video that cannot be read in parts; see `check_times`.
        """
        self.lost, self.ended, self.end = 0, False, begin
        yield from self._timed(self._marked(self._around(begin, end, blocks.ahead), blocks))

    def check_times(self) -> None:
        """Read through the file, without decoding it, and raise TimesError if its times go back somewhere.

        In such a file, as of two that were put behind each other, a place cannot be found by its time.
        """
        self._rewind()
        last: int | None = None
        for packet in self._packets():
            if packet.dts is None:
                continue
            if last is not None and packet.dts < last:
                raise self._backward(last * self.time_base)
            last = packet.dts

    def is_short(self, end: Fraction) -> bool:
        """Whether the file ends before its header says, if the last frame that was read ends at `end`."""
        wanted = self._end is None or self._declared_end is None or self._end >= self._declared_end
        return wanted and self._declared_end is not None and end < self._declared_end - MISSING

    def _marked(
        self, frames: Iterator[tuple[Any, bool | None]], blocks: Blocks | None
    ) -> Iterator[tuple[Any, bool, bool]]:
        """Decoded frames, whether they count, and whether a block begins with them.

        Those of which it is not said whether they count are left out.
        """
        ahead = blocks.ahead if blocks else 0
        read: deque[tuple[Any, bool | None]] = deque()
        last: int | None = None
        try:
            for frame, counts in frames:
                read.append((frame, counts))
                number = self._block(frame, blocks) if blocks else None
                if len(read) > ahead:
                    shown, counts = read.popleft()
                    if counts is not None:
                        yield shown, counts, last is not None and number is not None and number > last
                last = number
        except Exception:
            yield from ((frame, counts, False) for frame, counts in read if counts is not None)
            raise
        yield from ((frame, counts, False) for frame, counts in read if counts is not None)

    def _block(self, frame: Any, blocks: Blocks) -> int | None:
        """The number of the block in whose time a frame is; None if it has no time."""
        if frame.pts is None:
            return None
        return int((self._at(frame) - self.begin + self.time_base / 2) // blocks.seconds)

    def _timed(self, frames: Iterator[tuple[Any, bool, bool]]) -> Iterator[Frame]:
        """Decoded frames, with whether they count and begin a block, as upright ones with increasing times."""
        last: int | None = None
        usual = max(1, round(1 / self.rate / self.time_base))
        for frame, counts, begins in frames:
            if (frame.width, frame.height) != self._shape:
                at = "" if last is None else f" after {float(last * self.time_base):.2f} s"
                raise VideoError(
                    f"{self.path} changes its size from {self._shape[0]}x{self._shape[1]} to "
                    f"{frame.width}x{frame.height}{at}; cut it into two videos there"
                )
            if frame.is_corrupt and counts:
                self.lost += 1
            duration = frame.duration or usual
            time = frame.pts - self._shift if frame.pts is not None else 0 if last is None else last + usual
            if last is not None and time <= last:  # encoders take increasing times only
                time = last + 1
            yield Frame(self._upright(frame), time, duration, counts, begins)
            last = time

    def _choose(self) -> Any:
        streams = [s for s in self._container.streams.video if not s.disposition & Disposition.attached_pic]
        if not streams:
            raise VideoError(f"{self.path} has no video; give a file with one")
        best = self._container.streams.best("video")
        stream = best if best in streams else streams[0]
        if stream.codec_context is None:
            raise VideoError(f"{self.path} has video of a kind that cannot be decoded here; convert it to H.264")
        stream.thread_type = "SLICE"
        return stream

    def _whole(self, first_time: Fraction) -> Fraction | None:
        """Seconds from the first frame to the end, as the header says; None if it does not."""
        if self._stream.duration:
            return Fraction(self._stream.duration * self.time_base)
        tag = self._stream.metadata.get("DURATION", "")  # Matroska
        try:
            hours, minutes, seconds = tag.split(":")
            return 3600 * int(hours) + 60 * int(minutes) + Fraction(seconds) - first_time
        except ValueError:
            return None

    def _seek(self) -> None:
        try:
            self._container.seek(round(self.begin / self.time_base), stream=self._stream)
        except FFmpegError:
            return  # frames before the start are left out all the same

    def _rewind(self) -> None:
        """Go back to where reading began."""
        self._container.close()
        self._container = open_input(self.path)
        self._stream = self._choose()
        if self._start:
            self._seek()

    def _around(self, begin: Fraction, end: Fraction | None, around: int) -> Iterator[tuple[Any, bool | None]]:
        """The frames of a part and those around it, and whether they are of the part.

        Behind those come as many of which this is not said. They tell where blocks begin.
        """
        half = self.time_base / 2
        end = self._end if end is None else end if self._end is None else min(end, self._end)
        before, frame, rest = self._approach(begin, end, around)
        if frame is None:
            self.ended = True
            return
        yield from ((one, False) for one in before)
        behind = 0
        while frame is not None:
            at = self._at(frame)
            inside = end is None or at < end - half
            behind += not inside
            if behind > 2 * around or (self._end is not None and at >= self._end - half):
                return
            if inside:
                self.end = at + (frame.duration or 0) * self.time_base
            yield frame, inside if behind <= around else None
            frame = next(rest, None)
        self.ended = behind == 0

    def _approach(self, begin: Fraction, end: Fraction | None, around: int) -> tuple[deque[Any], Any, Iterator[Any]]:
        """The frames just before a time, the first one from it on, None if there is none, and those that follow."""
        half, back = self.time_base / 2, _BACK
        while True:
            from_start = begin - back <= self.begin
            if from_start:
                self._rewind()
            else:
                try:
                    self._container.seek(round((begin - back) / self.time_base), stream=self._stream)
                except FFmpegError:
                    from_start = True
                    self._rewind()
            before: deque[Any] = deque(maxlen=around)
            rest = self._in_order(begin, end)
            frame = None
            for frame in rest:
                if self._at(frame) >= begin - half:
                    break
                if self._at(frame) >= self.begin - half:
                    before.append(frame)
                frame = None
            if from_start or len(before) == around:
                return before, frame, rest
            back *= _FARTHER

    def _in_order(self, begin: Fraction, end: Fraction | None) -> Iterator[Any]:
        """Decode from where the file is. Only what is damaged between two times counts. Raises VideoError."""
        last: Fraction | None = None
        for packet in self._packets():
            try:
                frames = packet.decode()
            except FFmpegError:
                at = None if packet.pts is None else packet.pts * self.time_base
                self.lost += at is None or (at >= begin and (end is None or at < end))
                continue
            for frame in frames:
                if frame.pts is None:
                    raise TimesError(f"the frames of {self.path} have no times; {_IN_ONE_PIECE}")
                if last is not None and self._at(frame) < last:
                    raise self._backward(last)
                last = self._at(frame)
                yield frame

    def _backward(self, last: Fraction) -> TimesError:
        return TimesError(f"the times of {self.path} go back after {float(last - self.begin):.2f} s; {_IN_ONE_PIECE}")

    def _at(self, frame: Any) -> Fraction:
        """When a frame is shown, in seconds of the file."""
        return Fraction(frame.pts * self.time_base)

    def _read_first(self, start: Fraction) -> Any:
        first = next(self._frames, None)
        if first is not None:
            return first
        if start and not self.lost:
            raise VideoError(f"{self.path} has no frame after {float(start):g} s; start earlier")
        reason = "is damaged: none of its frames can be decoded" if self.lost else "has no frames"
        raise VideoError(f"{self.path} {reason}; record or copy it again")

    def _decode(self) -> Iterator[Any]:
        """Decode the frames from the start to the end that were asked for."""
        half = self.time_base / 2
        end = self.begin
        for packet in self._packets():
            try:
                frames = packet.decode()
            except FFmpegError:
                self.lost += 1
                continue
            for frame in frames:
                at = self.begin if frame.pts is None else frame.pts * self.time_base
                if at < self.begin - half:
                    continue
                if self._end is not None and at >= self._end - half:
                    return
                end = at + (frame.duration or 0) * self.time_base
                yield frame
        self.cut_short = self.is_short(end)

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                yield next(packets)
            except StopIteration:
                return
            except FFmpegError:  # what follows in the file cannot be found
                self.lost += 1
                return

    def _upright(self, frame: Any) -> Photo:
        image = self.colour.to_rgb(frame)
        if self._turn:
            image = image.transpose(_TURNS[self._turn])
        return Photo(image, None, self.colour.profile)
