"""Arrangements: where they are cut, and what is counted of hand-made parts."""

from __future__ import annotations

import numpy as np
import pytest

from lab.evaluation.form_features import Tones
from lab.evaluation.form_parts import Seam, arranged, described, places_of, row_of
from musicassist.composing.engine import Engine
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange

BAR, BEAT = 1920, 480
RANDOM = np.random.default_rng(1)


def song_of(names: tuple[str, ...], bars: int = 14) -> Song:
    """Quarters of a scale over a held triad a bar, and whatever else is named."""
    line = Notes.of(Note(i * BEAT, (72, 74, 76, 77, 79)[i % 5], BEAT) for i in range(4 * bars))
    chords = Notes.of(Note(bar * BAR, pitch, BAR) for bar in range(bars) for pitch in (48, 52, 55))
    tracks = tuple(Track(name, line if n == 0 else chords) for n, name in enumerate(names))
    return Song(tracks, 480, (), (MeterChange(0, 4, 4),))


def seam() -> Seam:
    return next(places_of(song_of(("MELODY", "PIANO")), "made/one.mid", RANDOM))


def moved(tracks: tuple[Tones, ...], semitones: int, ticks: int = 0) -> tuple[Tones, ...]:
    return tuple(tuple((tick + ticks, pitch + semitones, length) for tick, pitch, length in own) for own in tracks)


def test_a_seam_has_eight_bars_before_and_four_behind() -> None:
    own = seam()
    assert (own.from_tick, own.bar_ticks) == (8 * BAR, BAR)
    assert [len(tones) for tones in own.seeds] == [32, 24]
    assert [len(tones) for tones in own.truth] == [16, 12]
    assert {tick // BAR for tick, _, _ in own.truth[0]} == {8, 9, 10, 11}


@pytest.mark.parametrize("names", [("MELODY",), ("PIANO_RH", "PIANO_LH", "SOLO"), ("MELODY", "CHORDS")])
def test_one_line_is_no_arrangement(names: tuple[str, ...]) -> None:
    """Chords that only name the harmony are no part, and three tracks are not two hands."""
    assert list(places_of(song_of(names), "made/one.mid", RANDOM)) == []


def test_two_hands_are_one() -> None:
    assert next(places_of(song_of(("PIANO_RH", "PIANO_LH")), "made/one.mid", RANDOM)).piece == "made/one.mid"


def test_what_goes_on_as_before_differs_in_nothing() -> None:
    own = seam()
    row = row_of(own, moved(own.seeds, 0, 8 * BAR)[:1] + own.truth[1:])
    same = row_of(own, own.truth)
    assert same["density of others against seed"] == same["density of leading against seed"] == 1
    assert same["notes at once, others"] == 3 and same["notes at once against seed, others"] == 0
    assert same["bars of others with a rhythm of the seed"] == 1
    assert same["onsets together"] == 0.25  # one of four quarters has a chord
    assert same["notes outside the seed's pitch classes"] == row["notes outside the seed's pitch classes"] == 0
    assert described(own, own.truth).shape == described(own, ((), ())).shape


def test_what_rubs_is_heard() -> None:
    own = seam()
    lead: Tones = tuple((8 * BAR + i * BEAT, 73, BEAT) for i in range(16))  # C sharp over C
    row = row_of(own, (lead, own.truth[1]))
    assert row["semitone clashes"] == 1
    assert row["leading notes that are tones of the others"] == 0
    assert row["notes outside the seed's pitch classes"] > 0.5
    empty = row_of(own, ((), ()))
    assert empty["bars of others without notes"] == 1 and empty["notes at once, others"] == 0


def test_parallel_motion_is_the_share_of_steps_in_one_direction() -> None:
    own = seam()
    up: Tones = tuple((8 * BAR + i * BAR, 60 + 2 * i, BAR) for i in range(4))
    assert row_of(own, (up, moved((up,), -24)[0]))["parallel motion"] == 1
    down: Tones = tuple((tick, 96 - pitch, length) for tick, pitch, length in up)
    assert row_of(own, (up, down))["parallel motion"] == 0


def test_all_tracks_of_a_seam_are_written() -> None:
    own, engine = seam(), Engine(checkpoints_folder(), FAMILIES)
    model = FAMILIES.writing_parts(engine.models(), "continue")[0].name
    for tracks in arranged(engine, model, own, takes=2, seed=1):
        assert len(tracks) == 2
        assert all(8 * BAR <= tick < 12 * BAR for tones in tracks for tick, _, _ in tones)
        assert tracks[0]
