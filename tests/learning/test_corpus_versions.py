"""Copies and versions of a tune are told from other tunes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from corpora import tune
from melodies import melodies
from musicassist.learning.corpus import steps_of, tunes_of
from musicassist.tokens.codec import Melody


@given(melodies(least=2, pitches=(20, 100)), st.integers(-12, 12), st.sampled_from([1, 2, 3]))
def test_transposed_and_stretched_copies_have_equal_steps(melody: Melody, shift: int, times: int) -> None:
    copy = replace(melody, pitch=melody.pitch + shift, onset_step=melody.onset_step * times)
    assert steps_of(copy) == steps_of(melody)


def test_a_tune_with_another_ending_is_a_version_of_it() -> None:
    ending = tune(99, notes=20)
    own = tune(1, notes=60)
    other = replace(own, pitch=own.pitch.copy())
    other.pitch[40:] = ending.pitch
    assert tunes_of([tune(2), own, tune(3), other]) == [0, 1, 2, 1]


def test_versions_are_joined_by_way_of_others() -> None:
    whole = tune(1, notes=80)
    assert tunes_of([whole.rows(0, 40), tune(2), whole.rows(40, 80), whole]) == [0, 1, 0, 0]


def test_different_tunes_stay_apart() -> None:
    assert tunes_of([tune(number) for number in range(30)]) == list(range(30))
    assert tunes_of([]) == []
