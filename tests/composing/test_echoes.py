"""Bars of a hole are likely those that stand elsewhere among the same bars."""

from __future__ import annotations

import json

import numpy as np
import pytest

from melodies import bars_of, even_melody
from musicassist.composing.echoes import Echoes, echoes, written_bars
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody

BAR = 48
BARS = bars_of((0, 4, 4))
IDEAS = {
    "a": (60, 62, 64, 65),
    "b": (67, 65, 64, 62),
    "c": (60, 64, 67, 72),
    "d": (55, 57, 59, 60),
    "e": (71, 72, 74, 76),
}


def tune(letters: str) -> Melody:
    """Bars of quarters, one a letter."""
    return even_melody(*(pitch for letter in letters for pitch in IDEAS[letter]), step=12)


def distance(letters: str, first: int, last: int, bars: TimeMap = BARS) -> int:
    return echoes().distance(written_bars(tune(letters), bars), range(first, last + 1))


@pytest.mark.parametrize(
    ("letters", "hole", "expected"),
    [
        ("abcdeebaabcdeeba", (2, 3), -8),
        ("abcdeebaabcdeeba", (9, 10), 8),
        ("abcdeabcde", (6, 6), 5),
        ("abcdebac", (4, 5), 0),  # nothing tells
        ("abcd", (0, 3), 0),
    ],
)
def test_what_stands_among_the_same_bars_is_likely_the_same(letters: str, hole: tuple[int, int], expected: int) -> None:
    assert distance(letters, *hole) == expected


def test_bars_of_another_length_are_not_taken_up() -> None:
    letters = "abcdeebaabcdeeba"
    assert distance(letters, 9, 10) == 8
    assert distance(letters, 9, 10, bars_of((0, 4, 4), (8 * BAR, 3, 4))) == 0


def test_what_is_taken_up_lies_outside_the_hole_and_has_notes() -> None:
    random = np.random.default_rng(1)
    found = []
    for _ in range(200):
        letters = "".join(random.choice(list("abc"), 12))
        first = int(random.integers(0, 10))
        last = first + int(random.integers(0, 12 - first))
        found.append(distance(letters, first, last))
        place = range(first - found[-1], last - found[-1] + 1)
        assert not found[-1] or (not set(place) & set(range(first, last + 1)) and set(place) & set(range(12)))
    assert any(found)


def test_what_is_counted_tells_and_comes_back_from_json() -> None:
    tunes = [(tune("abcdeebaabcdeeba"), BARS)] * 20
    model = Echoes.counted(tunes)
    again = Echoes.from_json(json.loads(json.dumps(model.as_json())))
    assert again.as_json() == model.as_json()
    assert again.distance(written_bars(*tunes[0]), range(9, 11)) == 8
    never = Echoes.counted([(tune("abcdeebaabcdeeda"), BARS)] * 2)  # seen too seldom
    assert never.distance(written_bars(*tunes[0]), range(9, 11)) == 0


@pytest.mark.parametrize("page", [{"8 1 1": [0, 0]}, {"8 1 1": 3}, {"8 1 1": ["many", 1]}])
def test_what_are_no_counts_is_refused(page: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"echoes|many"):
        Echoes.from_json(page)
