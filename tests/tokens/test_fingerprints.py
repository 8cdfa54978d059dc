"""Fingerprints: what is alike has equal codes in any key and tempo, and is found where it stands."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicassist.tokens.fingerprints import GRAM_NOTES, Fingerprints, codes_of
from training_index import line_of

LINES = [line_of(seed) for seed in range(12)]
CODES = [codes_of(*line) for line in LINES]
BEGINS = np.concatenate([[0], np.cumsum([len(codes) for codes in CODES])])
KNOWN = Fingerprints(np.concatenate(CODES), BEGINS)


@given(st.integers(0, 2**32), st.integers(-30, 30), st.floats(0.3, 4.0))
def test_another_key_and_another_tempo_leave_the_same_codes(seed: int, semitones: int, share: float) -> None:
    onset, pitch = line_of(seed, 40)
    later = np.rint(onset * share).astype(np.int64) + 77
    assert np.array_equal(codes_of(later, pitch + semitones), codes_of(onset, pitch))


@given(st.integers(0, 2**32), st.integers(1, 38))
def test_another_pitch_changes_the_codes_around_it_and_no_others(seed: int, row: int) -> None:
    onset, pitch = line_of(seed, 40)
    other = pitch.copy()
    other[row] += 1
    changed = np.flatnonzero(codes_of(onset, other) != codes_of(onset, pitch))
    assert len(changed)
    assert changed.min() > row - GRAM_NOTES and changed.max() <= row


def test_another_rhythm_has_other_codes() -> None:
    pitch = np.array([60, 62, 64, 65, 67])
    even, dotted = np.array([0, 240, 480, 720, 960]), np.array([0, 360, 480, 840, 960])
    assert not np.array_equal(codes_of(even, pitch), codes_of(dotted, pitch))


def test_fewer_than_four_notes_leave_no_code() -> None:
    assert len(codes_of(np.array([0, 1, 2]), np.array([60, 61, 62]))) == 0
    assert len(KNOWN.alike(np.zeros(0, dtype=np.uint8))) == 0
    assert len(KNOWN.alike(CODES[0][:1])) == 0


@given(st.integers(0, 11), st.integers(0, 100), st.integers(12, 20))
def test_an_excerpt_is_found_where_it_stands(line: int, first: int, notes: int) -> None:
    onset, pitch = (column[first : first + notes] for column in LINES[line])
    found = KNOWN.alike(codes_of(onset, pitch))
    assert (found.line[0], found.note[0], found.own_note[0]) == (line, first, 0)
    assert found.run_notes[0] == found.aligned_notes[0] == notes


@given(st.integers(0, 11), st.integers(0, 90), st.data())
def test_notes_that_were_changed_do_not_hide_the_rest(line: int, first: int, data: st.DataObject) -> None:
    onset, pitch = (column[first : first + 24].copy() for column in LINES[line])
    one = data.draw(st.integers(7, 10))
    pitch[one] += 3
    found = KNOWN.alike(codes_of(onset, pitch))
    assert (found.line[0], found.note[0] - found.own_note[0]) == (line, first)
    assert 23 - one <= found.run_notes[0] <= 24 - one  # a code of the changed note may be equal by chance
    assert 23 <= found.aligned_notes[0] <= 24


def test_lines_do_not_run_into_each_other() -> None:
    """The end of one line and the beginning of the next are no run."""
    across = np.concatenate([CODES[0][-4:], CODES[1][:4]])
    found = KNOWN.alike(across)
    assert found.run_notes.max() == 7
    assert {0, 1} <= set(found.line[found.run_notes == 7].tolist())
