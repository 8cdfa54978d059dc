"""The grid that a phrase keeps to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.meant_times import (
    MeantTimes,
    next_onset_tick,
)
from musicassist.score.song import Note, Notes
from played_phrases import line, time_map


@given(
    st.sampled_from([1, 2, 3, 4, 6, 8]),
    st.sets(st.integers(0, 60), min_size=1, max_size=40),
    st.sampled_from([(4, 4), (2, 4), (3, 4), (6, 8)]),
)
def test_what_was_drawn_on_a_grid_is_meant_where_it_is(division: int, places: set[int], meter: tuple[int, int]) -> None:
    step, bars = 480 // division, time_map(meter=meter)
    notes = line([place * step for place in sorted(places)], step)
    meant = MeantTimes.of(notes, bars)
    assert np.array_equal(meant.start_tick, notes.start_tick)
    assert np.array_equal(meant.end_tick, notes.end_tick) or division > 4


def test_a_phrase_in_triplets_goes_on_at_a_triplet() -> None:
    assert next_onset_tick(line([0, 160, 320, 480], 160), time_map()) == 640


@pytest.mark.parametrize("swing", [0.57, 0.6, 0.62, 0.667, 0.7])
@pytest.mark.parametrize("tempo_bpm", [80, 110, 140])
def test_swung_eighths_mean_the_last_triplet_of_their_beat(swing: float, tempo_bpm: float) -> None:
    if abs(swing - 2 / 3) * 60 / tempo_bpm > 0.06:
        return  # too far for a person's slip
    rows = [Note(i // 2 * 480 + (i % 2) * round(swing * 480), 60 + i % 7, 150) for i in range(64)]
    meant = MeantTimes.of(Notes.of(rows), time_map(tempo_bpm))
    assert meant.start_tick.tolist() == [i // 2 * 480 + i % 2 * 320 for i in range(64)]
