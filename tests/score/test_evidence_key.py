"""What the notes of parts say of the key."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.evidence import MAX_NOTES, joined
from musicassist.score.keys import find_key
from musicassist.score.song import Notes
from musicassist.score.theory import SCALES, Key


@given(st.lists(st.integers(48, 72), min_size=1, max_size=20), st.integers(0, 19))
def test_what_parts_say_joins_as_if_one_had_said_it(pitches: list[int], cut: int) -> None:
    notes = phrase(*pitches)
    rows = np.arange(len(notes))
    both = joined(notes.where(rows % 2 == side).key_evidence for side in (0, 1))
    whole = notes.key_evidence
    assert both is not None
    assert whole is not None
    assert (both.strokes == whole.strokes).all()
    assert (both.first_pitch, both.last_pitch) == (whole.first_pitch, whole.last_pitch)


def test_a_long_part_is_heard_at_both_its_ends() -> None:
    rows = np.arange(MAX_NOTES * 2)
    scale = np.array(SCALES["major"])[rows % 7] + 62
    notes = Notes.from_columns(rows * 240, scale, np.full(len(rows), 240), np.full(len(rows), 80))
    evidence = notes.key_evidence
    assert evidence is not None
    assert evidence.strokes.sum() == MAX_NOTES
    assert find_key(notes) == Key(2)
