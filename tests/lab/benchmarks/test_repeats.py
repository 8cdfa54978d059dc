"""What followed the longest earlier match."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lab.benchmarks.repeats import followers, numbered


def test_a_repeated_phrase_is_followed_and_the_latest_match_is_taken() -> None:
    place, length = followers(np.array([1, 2, 3, 1, 2, 3, 1, 2, 4, 1, 2]))
    assert place.tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 7]
    assert length.tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 1]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_it_agrees_with_looking_at_every_place(music: list[int]) -> None:
    place, length = followers(np.array(music))
    for now in range(len(music)):
        best = (0, 0)
        for other in range(1, now):
            run = 0
            while run < other and music[other - 1 - run] == music[now - 1 - run]:
                run += 1
            best = max(best, (run, other if run else 0))
        assert (length[now], place[now]) == best


def test_equal_rows_get_equal_numbers() -> None:
    one, other, same = numbered(np.array([[1, 0], [0, 1], [1, 0]])).tolist()
    assert one == same != other
