"""Read the colour description in an AV1 sequence header (AV1 Bitstream Specification, sections 5.5.1 to 5.5.5)."""

_SEQUENCE_HEADER = 1
_MOST_UNITS = 16


class _Bits:
    """Reads numbers of several bits; raises IndexError behind the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self._data[self._at // 8] >> (7 - self._at % 8) & 1
            self._at += 1
        return value

    def flag(self) -> bool:
        return self.read(1) == 1

    def skip_variable(self) -> None:
        """Skip a number of variable length (uvlc)."""
        zeros = 0
        while not self.flag():
            zeros += 1
        self.read(min(zeros, 32))


def colour_points(units: bytes) -> tuple[int, int] | None:
    """Primaries and transfer (H.273) by the first sequence header among open bitstream units.

    None where the header describes no colours. Raises IndexError for damaged units and without a sequence header.
    """
    at = 0
    for _ in range(_MOST_UNITS):
        head = units[at]
        kind, has_extension, has_size = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        at += 1 + has_extension
        size, used = _leb128(units[at:]) if has_size else (len(units) - at, 0)
        at += used
        if kind == _SEQUENCE_HEADER:
            return _sequence_header(_Bits(units[at : at + size]))
        at += size
    raise IndexError("no sequence header")


def _leb128(data: bytes) -> tuple[int, int]:
    """A number in seven bits a byte, and how many bytes it has."""
    value = 0
    for index in range(8):
        value |= (data[index] & 127) << (7 * index)
        if data[index] < 128:
            return value, index + 1
    raise IndexError("a number without an end")


def _sequence_header(bits: _Bits) -> tuple[int, int] | None:
    profile = bits.read(3)
    bits.read(1)  # still picture
    reduced = bits.flag()
    if reduced:
        bits.read(5)
    else:
        _skip_operating_points(bits)
    widths = bits.read(4) + 1, bits.read(4) + 1
    for width in widths:
        bits.read(width)
    if not reduced and bits.flag():
        bits.read(7)  # lengths of frame ids
    bits.read(3)
    if not reduced:
        _skip_tools(bits)
    bits.read(3)
    return _colour_config(bits, profile)


def _skip_operating_points(bits: _Bits) -> None:
    has_model = False
    delay_length = 0
    if bits.flag():
        bits.read(64)
        if bits.flag():
            bits.skip_variable()
        has_model = bits.flag()
        if has_model:
            delay_length = bits.read(5) + 1
            bits.read(42)
    has_delay = bits.flag()
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if has_model and bits.flag():
            bits.read(2 * delay_length + 1)
        if has_delay and bits.flag():
            bits.read(4)


def _skip_tools(bits: _Bits) -> None:
    bits.read(4)
    has_order = bits.flag()
    if has_order:
        bits.read(2)
    screen_content = 2 if bits.flag() else bits.read(1)
    if screen_content > 0 and not bits.flag():
        bits.read(1)
    if has_order:
        bits.read(3)


def _colour_config(bits: _Bits, profile: int) -> tuple[int, int] | None:
    deep = bits.flag()
    if profile == 2 and deep:
        bits.read(1)
    if profile != 1:
        bits.read(1)  # monochrome
    if not bits.flag():
        return None
    return bits.read(8), bits.read(8)
