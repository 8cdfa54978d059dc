"""Windows of two bars, and the numbers that their notes become."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from melodies import bars_of, even_melody, melody_of
from musicassist.score.timing import TimeMap
from musicassist.tokens.vocabulary import METERS
from musicassist.tokens.windows import (
    LOWEST_PITCH,
    MAX_NOTES,
    PITCH_CLASSES,
    WINDOW_STEPS,
    Span,
    fields_of,
    pitch_class,
    reference_pitch,
    spans_of,
)


def lengths(bars: TimeMap, from_step: int, to_step: int) -> list[int]:
    return [span.to_step - span.from_step for span in spans_of(bars, from_step, to_step)]


@pytest.mark.parametrize(
    ("meter", "expected", "read"),
    [
        ((4, 4), [96, 96], "4/4"),
        ((3, 4), [72, 72], "3/4"),
        ((6, 8), [72, 72], "6/8"),
        ((3, 8), [36, 36], "3/8"),
        ((12, 8), [72] * 4, "6/8"),
        ((6, 4), [72] * 4, "3/4"),
        ((5, 4), [60] * 4, "other"),
        ((7, 8), [84, 84], "other"),
        ((10, 4), [96, 24] * 4, "other"),
    ],
)
def test_two_bars_where_they_fit(meter: tuple[int, int], expected: list[int], read: str) -> None:
    bars = bars_of((0, *meter))
    spans = spans_of(bars, 0, bars.bar_start_tick(4))
    assert [span.to_step - span.from_step for span in spans] == expected
    assert {METERS[span.meter] for span in spans} == {read}


def test_they_begin_on_the_bar_line_before_and_cover_all() -> None:
    spans = spans_of(bars_of((0, 4, 4)), 60, 300)
    assert [(span.from_step, span.to_step) for span in spans] == [(48, 144), (144, 240), (240, 300)]


def test_bars_of_two_meters_share_no_window() -> None:
    assert lengths(bars_of((0, 4, 4), (48, 3, 4)), 0, 48 + 72) == [48, 72]


def test_a_meter_that_is_stated_again_is_no_other_meter() -> None:
    assert lengths(bars_of((0, 4, 4), (48, 4, 4), (96, 4, 4)), 0, 96) == [96]


@given(st.integers(-60, 140), st.integers(0, 11))
def test_the_reference_is_the_tonic_at_or_below(pitch: int, tonic: int) -> None:
    reference = reference_pitch(pitch, tonic)
    assert reference % 12 == tonic
    assert reference <= pitch < reference + 12


@given(st.integers(-200, 200))
def test_every_pitch_has_a_class_of_its_own_pitch_class(semitones: int) -> None:
    row = int(pitch_class(np.array([semitones]))[0])
    assert 0 <= row < PITCH_CLASSES
    assert (row + LOWEST_PITCH - semitones) % 12 == 0


def test_a_window_holds_what_starts_in_it_and_cuts_what_sounds_over_its_end() -> None:
    melody = melody_of([(90, 60, 12, 80), (96, 62, 12, 80), (180, 64, 30, 80), (192, 65, 12, 80)])
    fields = fields_of(melody, Span(96, 192, 1), 60)
    assert fields.tolist() == [[0, 2 - LOWEST_PITCH, 12], [84, 4 - LOWEST_PITCH, 12]]


def test_it_is_the_same_in_every_key_and_octave() -> None:
    span = Span(0, WINDOW_STEPS, 1)
    first = fields_of(even_melody(60, 64, 67), span, reference_pitch(63.7, 0))
    for shift in (-12, 1, 5, 19):
        moved = even_melody(60 + shift, 64 + shift, 67 + shift)
        assert (fields_of(moved, span, reference_pitch(63.7 + shift, shift % 12)) == first).all()


def test_no_more_than_the_most_notes() -> None:
    assert len(fields_of(even_melody(*[60] * 40, step=2), Span(0, 96, 1), 60)) == MAX_NOTES
