"""``musicassist extract`` and ``join``: songs of their own, and songs together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.midi import read_song, save_song
from musicassist.score.song import Song, Track
from musicassist.score.timing import tempo_change

BAR = 1920


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Four bars of a flute and a bass; the tempo changes in bar 3."""
    tracks = (
        Track("Flute", phrase(*range(60, 76), step_ticks=480), 0, 73),
        Track("Bass", phrase(*range(40, 48), step_ticks=960), 1, 32),
    )
    tempos = (tempo_change(0, 100), tempo_change(2 * BAR, 140))
    save_song(Song(tracks, tempo_changes=tempos), tmp_path / "song.mid")
    return tmp_path / "song.mid"


def test_extract_writes_a_track_with_its_name_instrument_and_tempo(
    run_cli: Callable, song: Path, tmp_path: Path
) -> None:
    answer = run_cli("extract", song, "-o", tmp_path / "bass.mid", "--track", "Bass")
    assert (answer.code, answer.err) == (0, "")
    written = read_song(tmp_path / "bass.mid").song
    assert [(track.name, track.program) for track in written.tracks] == [("Bass", 32)]
    assert written.tracks[0].notes == read_song(song).song.tracks[1].notes
    assert written.tempo_changes == read_song(song).song.tempo_changes


def test_extract_writes_bars_from_their_first_on(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    words = ("extract", song, "-o", tmp_path / "bars.mid", "--track", "1", "--from-bar", 3, "--to-bar", 3)
    facts = json.loads(run_cli(*words, "--json").out)
    assert (facts["tracks"], facts["notes"]) == (["Flute"], 4)
    written = read_song(tmp_path / "bars.mid").song
    assert written.tracks[0].notes.start_tick.tolist() == [0, 480, 960, 1440]
    assert written.tracks[0].notes.pitch.tolist() == [68, 69, 70, 71]
    assert written.time_map.tempo_bpm_at(0) == pytest.approx(140, abs=0.01)


def test_join_adds_the_tracks_of_another_song_at_a_bar(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    save_song(Song((Track("Lead", phrase(80, 82, step_ticks=96), 0, 80),), ticks_per_beat=96), tmp_path / "other.mid")
    answer = run_cli("join", song, tmp_path / "other.mid", "-o", tmp_path / "both.mid", "--at-bar", 2)
    assert (answer.code, answer.err) == (0, "")
    written = read_song(tmp_path / "both.mid").song
    assert [track.name for track in written.tracks] == ["Flute", "Bass", "Lead"]
    assert written.tracks[2].notes.start_tick.tolist() == [BAR, BAR + 480]
    assert len({track.channel for track in written.tracks}) == 3


def test_what_cannot_be_taken_or_added_is_one_line(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    save_song(Song((Track("Empty"),)), tmp_path / "empty.mid")
    out = ("-o", tmp_path / "out.mid")
    for words in (
        ("extract", song, *out, "--track", "Harp"),
        ("extract", song, *out, "--from-bar", 9),
        ("join", song, tmp_path / "empty.mid", *out),
        ("join", song, tmp_path / "none.mid", *out),
        ("join", song, song, *out, "--at-bar", 9),
    ):
        answer = run_cli(*words)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "out.mid").exists()
