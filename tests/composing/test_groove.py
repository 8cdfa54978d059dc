"""New notes are played as the phrase is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.composing.groove import NO_GROOVE, Groove
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Note, Notes
from musicassist.score.timing import TimeMap

MAP = TimeMap()


def groove_of(notes: Notes) -> Groove:
    return Groove.of(MeantTimes.of(notes, MAP), MAP, 16 * 1920)


def swung(share: float, count: int = 32) -> Notes:
    return Notes.of(Note(480 * (i // 2) + round(480 * share) * (i % 2), 60 + i % 5, 200) for i in range(count))


@pytest.mark.parametrize("share", [0.5, 0.55, 0.6, 2 / 3])
def test_a_swing_of_any_share_is_played_on_where_the_phrase_has_it(share: float) -> None:
    notes = swung(share)
    meant = MeantTimes.of(notes, MAP)
    groove = groove_of(notes)
    for row, note in enumerate(meant.notes):
        place = round(note.start_tick % 480 / 40)
        assert abs(groove.played(note, place, 0, 10**6).start_tick - int(notes.start_tick[row])) <= 12


@given(st.integers(0, 2**32))
def test_an_uneven_hand_has_no_groove(seed: int) -> None:
    random = np.random.default_rng(seed)
    notes = Notes.of(Note(1920 + 240 * i + int(random.integers(-14, 15)), 60 + i % 5, 200) for i in range(32))
    assert all(abs(ticks) <= 14 for ticks in groove_of(notes).late_ticks.values())


def test_few_notes_show_none() -> None:
    assert groove_of(swung(0.6, 6)).late_ticks == {}
    assert groove_of(Notes.of()) == NO_GROOVE


def test_what_grew_louder_stays_loud() -> None:
    rising = Notes.of(Note(480 * i, 60, 400, 60 + 3 * i) for i in range(16))
    assert groove_of(rising).louder == 15
    assert groove_of(rising).played(Note(0, 60, 480, 82), 0, 0, 9600).velocity == 97


@given(st.integers(0, 40), st.integers(1, 30), st.integers(-60, 60), st.integers(-60, 60))
def test_notes_stay_in_their_span_and_keep_their_order(step: int, steps: int, late: int, other: int) -> None:
    groove = Groove({0: late, 6: other, 8: late}, 0, 40.0)
    to_tick = 40 * 64
    end = min(step + steps, 64)
    one = groove.played(Note(40 * step, 60, 40 * (end - step)), step, 0, to_tick)
    assert 0 <= one.start_tick < one.end_tick <= to_tick
    if end == 64:
        assert one.end_tick == to_tick
    else:
        two = groove.played(Note(40 * end, 60, 40 * (64 - end)), end, 0, to_tick)
        assert one.end_tick <= max(two.start_tick, one.start_tick + 1)
