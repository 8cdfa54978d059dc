"""Origins: stretches that never overlap, whatever is cut out of them or laid over them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.origins import Origin, Origins, apart, shifted, wholly_in, with_origins, without_span
from musicassist.score.song import Song, Track
from musicassist.score.song_bytes import pack_changes, sound_song, with_changes

ORIGINS = st.lists(
    st.builds(lambda start, length: Origin(start, start + length, "a"), st.integers(1, 60), st.integers(1, 60)),
    max_size=8,
).map(lambda drawn: with_origins((), drawn))


def places(origins: Origins) -> set[int]:
    return {tick for own in origins for tick in range(own.from_tick, own.to_tick)}


def check(origins: Origins) -> None:
    assert all(own.is_sound for own in origins)
    assert all(left.to_tick <= right.from_tick for left, right in pairwise(origins))


@given(ORIGINS, st.integers(0, 80), st.integers(0, 80))
def test_what_is_cut_out_is_gone_and_nothing_else(origins: Origins, start: int, length: int) -> None:
    left = without_span(origins, start, start + length)
    check(left)
    assert places(left) == places(origins) - set(range(start, start + length))


@given(ORIGINS, st.integers(0, 80), st.integers(1, 80))
def test_what_is_laid_over_others_lies_there_alone(origins: Origins, start: int, length: int) -> None:
    new = Origin(start, start + length, "b")
    both = with_origins(origins, (new,))
    check(both)
    assert new in both
    assert places(both) == places(origins) | places((new,))


@given(ORIGINS, st.integers(-90, 90))
def test_what_is_shifted_knows_how_far(origins: Origins, ticks: int) -> None:
    moved = shifted(origins, ticks)
    check(moved)
    assert places(moved) == {tick + ticks for tick in places(origins) if tick + ticks >= 0}
    assert all(own.shift_ticks == ticks for own in moved)


@given(ORIGINS, st.lists(st.tuples(st.integers(0, 130), st.booleans()), max_size=20))
def test_a_stretch_is_chosen_when_all_its_notes_are(origins: Origins, notes: list[tuple[int, bool]]) -> None:
    notes.sort()
    starts, chosen = np.array([n[0] for n in notes], dtype=np.int64), np.array([n[1] for n in notes], dtype=np.bool_)
    inside = [[is_own for start, is_own in notes if own.from_tick <= start < own.to_tick] for own in origins]
    meant = tuple(own for own, rows in zip(origins, inside, strict=True) if rows and all(rows))
    assert wholly_in(origins, starts, chosen) == meant


@given(ORIGINS)
def test_they_are_kept_with_their_song(origins: Origins) -> None:
    song = Song((Track(origins=origins),))
    assert sound_song(with_changes(Song(), pack_changes(Song(), song))) == song


def test_made_up_ones_are_left_out() -> None:
    good = Origin(0, 10, "a"), Origin(10, 20, "b", -5)
    bad = Origin(5, 12, "c"), Origin(-5, 2, "d"), Origin(30, 30, "e"), Origin(40, 50, ""), Origin(60, 2**40, "f")
    song = Song((Track(origins=(good[0], bad[0], good[1], *bad[1:])),))
    assert sound_song(with_changes(Song(), pack_changes(Song(), song))).tracks[0].origins == good
    assert apart(good) == good


@pytest.mark.parametrize("row", [(0, 1, 2), (0.5, 1, "a"), ("x", 1, "a"), (0, 1, "a", None)])
def test_values_of_another_kind_are_refused(row: tuple[object, ...]) -> None:
    song = Song((Track(origins=(Origin(*row),)),))  # type: ignore[arg-type]
    with pytest.raises((ValueError, TypeError)):
        sound_song(with_changes(Song(), pack_changes(Song(), song)))
