from hypothesis import given
from hypothesis import strategies as st
from pspm_runtime.stages.network_view import InputSize

LENGTHS = st.integers(1, 20_000)


@st.composite
def rules(draw: st.DrawFn) -> InputSize:
    multiple = draw(st.sampled_from([8, 16, 32]))
    side = multiple * draw(st.integers(4, 40))
    return InputSize(side, multiple, side + multiple * draw(st.integers(0, 40)))


def interval(length: int, multiple: int) -> tuple[float, float]:
    """Where a length was before it was rounded to a multiple."""
    return length - multiple / 2 - 1e-6, length + multiple / 2 + 1e-6


@given(rule=rules(), width=LENGTHS, height=LENGTHS)
def test_fitted_sides_are_multiples_within_the_bounds(rule: InputSize, width: int, height: int) -> None:
    for length in rule.fit(width, height):
        assert length % rule.multiple == 0
        assert rule.multiple <= length <= rule.longest


@given(rule=rules(), width=LENGTHS, height=LENGTHS)
def test_fit_keeps_the_aspect_ratio_within_rounding(rule: InputSize, width: int, height: int) -> None:
    w, h = rule.fit(width, height)
    (w_low, w_high), (h_low, h_high) = interval(w, rule.multiple), interval(h, rule.multiple)
    if w > rule.multiple:
        assert w_low / h_high <= width / height
    if h > rule.multiple:
        assert width / height <= w_high / h_low


@given(rule=rules(), width=LENGTHS, height=LENGTHS)
def test_fit_gives_the_requested_area_unless_a_bound_applies(rule: InputSize, width: int, height: int) -> None:
    w, h = rule.fit(width, height)
    if rule.multiple < min(w, h) and max(w, h) < rule.longest:
        (w_low, w_high), (h_low, h_high) = interval(w, rule.multiple), interval(h, rule.multiple)
        assert w_low * h_low <= rule.side**2 <= w_high * h_high


@given(rule=rules(), width=LENGTHS, height=LENGTHS)
def test_fit_of_a_turned_photo_is_the_turned_fit(rule: InputSize, width: int, height: int) -> None:
    assert rule.fit(height, width) == rule.fit(width, height)[::-1]


@given(rule=rules(), length=LENGTHS)
def test_square_photo_gets_the_side(rule: InputSize, length: int) -> None:
    assert rule.fit(length, length) == (rule.side, rule.side)


def test_a_photo_gets_the_listed_size_of_the_nearest_aspect_ratio() -> None:
    rule = InputSize(512, 32, 512, ((512, 512), (512, 384), (384, 512)))
    assert rule.fit(4000, 3000) == rule.fit(1920, 1080) == (512, 384)
    assert rule.fit(3000, 4000) == rule.fit(1, 900) == (384, 512)
    assert rule.fit(1000, 1100) == (512, 512)
