"""Notes go onto the grid and come back where they stood, to half a step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from melodies import melodies
from musicassist.score.song import Note, Notes, Song
from musicassist.score.theory import SCALES, Key
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.codec import Melody, Surroundings, decode, encode, meter_class, step_map, surroundings
from musicassist.tokens.vocabulary import METERS, MODES, UNKNOWN_TONIC

DIVISIONS = st.sampled_from([24, 96, 100, 480, 960, 1024])


@given(melodies(), DIVISIONS)
def test_what_lies_on_the_grid_comes_back_as_it_was(melody: Melody, ticks_per_beat: int) -> None:
    again = encode(decode(melody, ticks_per_beat), ticks_per_beat)
    assert list(again) == list(melody)


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 127), st.integers(1, 4000)), min_size=1), DIVISIONS)
def test_decoding_what_was_encoded_quantises(steps: list[tuple[int, int, int]], ticks_per_beat: int) -> None:
    starts = np.cumsum([step for step, _, _ in steps]).tolist()
    notes = Notes.of(Note(start, p, d, 80) for start, (_, p, d) in zip(starts, steps, strict=True))
    quantised = decode(encode(notes, ticks_per_beat), ticks_per_beat)
    assert decode(encode(quantised, ticks_per_beat), ticks_per_beat) == quantised
    half_step = ticks_per_beat / 24
    nearest = np.abs(quantised.start_tick[:, None] - notes.start_tick[None, :]).min(1)
    assert (nearest <= half_step + 1).all()
    assert (quantised.end_tick[:-1] <= quantised.start_tick[1:]).all()


def test_of_notes_that_start_together_the_highest_is_the_melody() -> None:
    notes = phrase(60, 62).plus(phrase(72, 55))
    assert encode(notes, 480).pitch.tolist() == [72, 62]


def test_a_note_is_cut_where_the_next_one_begins() -> None:
    notes = Notes.of([Note(0, 60, 4800), Note(480, 64, 10), Note(960, 65, 99_999)])
    assert encode(notes, 480).duration_steps.tolist() == [12, 1, 96]


def test_notes_that_touch_on_the_grid_touch_in_ticks() -> None:
    triplets = decode([(0, 60, 4, 80), (4, 62, 4, 80), (8, 64, 4, 80), (12, 65, 12, 80)], 100)
    assert triplets.end_tick[:-1].tolist() == triplets.start_tick[1:].tolist()


def test_no_notes_are_an_empty_melody() -> None:
    assert len(encode(Notes.of(), 480)) == 0
    assert len(decode([], 480)) == 0


def test_the_bars_of_a_song_are_the_same_bars_in_steps() -> None:
    song = Song(ticks_per_beat=960, meter_changes=(MeterChange(0, 3, 4), MeterChange(5760, 7, 8)))
    bars = step_map(song)
    assert [bars.bar_start_tick(bar) for bar in range(5)] == [0, 36, 72, 114, 156]


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_counts_as_major_or_minor_by_its_third(scale: str) -> None:
    place = Surroundings(TimeMap(12)).with_key(Key(2, scale))
    assert place.tonic == 2
    has_only_minor_third = 3 in SCALES[scale] and 4 not in SCALES[scale]
    assert MODES[place.mode] == ("minor" if has_only_minor_third else "major")


def test_without_a_key_the_tonic_is_unknown() -> None:
    place = surroundings(Song(), style="folk")
    assert (place.tonic, place.mode) == (UNKNOWN_TONIC, 0)
    with pytest.raises(ValueError, match="not in"):
        surroundings(Song(), style="polka")


def test_a_meter_that_has_no_name_of_its_own_is_other() -> None:
    bars = TimeMap(12, meter_changes=(MeterChange(0, 13, 16), MeterChange(39, 6, 8)))
    assert [METERS[meter_class(bars, step)] for step in (0, 39)] == ["other", "6/8"]
