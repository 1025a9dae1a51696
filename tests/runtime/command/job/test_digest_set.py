"""Sets of digests against Python's own sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pspm_runtime.command.job.digest_set import DigestSet, digest, digests, last_of

TEXTS = st.lists(st.text("abc", max_size=3))


@given(TEXTS)
def test_the_last_of_equal_ones(texts: list[str]) -> None:
    expected = [text not in texts[i + 1 :] for i, text in enumerate(texts)]

    assert last_of(digests(map(digest, texts))).tolist() == expected


@given(st.lists(TEXTS), TEXTS)
def test_a_set_that_grows(added: list[list[str]], asked: list[str]) -> None:
    found, known = DigestSet(), set[str]()
    for texts in added:
        found.add(digests(map(digest, texts)))
        known.update(texts)

    assert found.contains(digests(map(digest, asked))).tolist() == [text in known for text in asked]


def test_texts_are_kept_apart() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", "")}) == 4
    assert digests([]).dtype == np.uint64
