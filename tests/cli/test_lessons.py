"""``musicassist why`` says what the notes of a bar prove, in three ways of speaking."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.document.song_edits import write_chord
from musicassist.midi import save_song
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.theory import parse_chord

BAR = 1920


@pytest.fixture
def close(tmp_path: Path) -> Path:
    """A full close in C, in bars 1 and 2."""
    line = phrase(67, 71, 74, 71, 72, 72, 72, 72, step_ticks=480)
    song = Song(tracks=(Track("Melody", line),), key_changes=(KeyChange(0, 0, "major", 0),))
    song = write_chord(write_chord(song, 0, BAR, parse_chord("G7")), BAR, 2 * BAR, parse_chord("C"))
    save_song(song, tmp_path / "close.mid")
    return tmp_path / "close.mid"


def test_a_close_is_told_in_the_words_that_were_asked_for(run_cli: Callable, close: Path) -> None:
    assert "Bar 2: The music comes home here: G7 leads to C." in run_cli("why", str(close)).out
    words = run_cli("why", str(close), "--from-bar", "2", "--to-bar", "2", "--level", "musician").out
    assert "Authentic cadence V7\N{EN DASH}I in C major" in words and "Bar 1" not in words


def test_as_json_all_three_ways_stand_beside_each_other(run_cli: Callable, close: Path) -> None:
    found = json.loads(run_cli("why", str(close), "--json").out)
    cadence = next(page for page in found if page["feature"] == "cadence")
    assert cadence["bar"] == 2 and set(cadence["words"]) == {"plain", "learner", "musician"}


def test_where_nothing_is_proved_it_is_said(run_cli: Callable, tmp_path: Path) -> None:
    save_song(Song(tracks=(Track("Melody", phrase(61, step_ticks=1920)),)), tmp_path / "one.mid")
    assert "can be proved" in run_cli("why", str(tmp_path / "one.mid")).out
