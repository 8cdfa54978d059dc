"""Several tracks by the command line: all that play, or those that are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ensemble_songs import BAR, band
from musicassist.midi import read_song, save_song

pytestmark = pytest.mark.slow


@pytest.fixture
def song(tmp_path: Path) -> Path:
    save_song(band(), tmp_path / "song.mid")
    return tmp_path / "song.mid"


def test_all_tracks_go_on_together(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    words = ("continue", song, "-o", tmp_path / "out.mid", "--all-tracks", "--bars", 2, "--seed", 4)
    answer = run_cli(*words, "--json")
    page = json.loads(answer.out)
    assert (page["model"], page["track"], page["seed"]) == ("ensemble", "Melody", 4)
    (take,) = page["takes"]
    assert [(part["track"], part["track_number"]) for part in take["parts"]] == [
        ("Piano", 2),
        ("Bass", 3),
        ("Drums", 4),
    ]
    before, after = band(), read_song(tmp_path / "out.mid").song
    counts = [take["notes"], *(part["notes"] for part in take["parts"])]
    *played, chords = after.tracks
    assert chords.name == "CHORDS"  # proposed for the new bars, since those of the song end
    for was, now, count in zip(before.tracks, played, counts, strict=True):
        new = now.notes.where(now.notes.start_tick >= 4 * BAR)
        assert now.notes.where(now.notes.start_tick < 4 * BAR) == was.notes
        assert len(new) == count > 0
        assert new.end_tick.max() <= 6 * BAR
    said = run_cli(*words)
    assert "in track 3, Bass" in said.out and "no drum music was learned" in said.out


def test_named_tracks_are_written_and_the_others_stay(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    words = ("--tracks", "bass, 1", "--bars", 2, "--seed", 1)
    assert run_cli("continue", song, "-o", tmp_path / "out.mid", *words).code == 0
    *played, _chords = read_song(tmp_path / "out.mid").song.tracks
    assert [track.end_tick > 4 * BAR for track in played] == [True, False, True, False]


def test_a_part_that_is_not_there_yet_is_written_to_the_others(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    words = ("--tracks", "Second voice", "--from-bar", 1, "--to-bar", 2, "--seed", 1)
    answer = run_cli("infill", song, "-o", tmp_path / "out.mid", *words)
    assert answer.code == 0, answer.err
    *_, added = read_song(tmp_path / "out.mid").song.tracks
    assert (added.name, added.program) == ("Second voice", 71)
    assert len(added.notes) and BAR < added.notes.end_tick.max() <= 2 * BAR
    assert len({track.channel for track in read_song(tmp_path / "out.mid").song.tracks}) == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tracks", "Tuba"), "There is no track 'Tuba'"),
        (("--tracks", ","), "No track is named"),
        (("--tracks", "Drums"), "Drums cannot be continued"),
        (("--all-tracks", "--model", "lstm"), "writes one line"),
        (("--all-tracks", "--tracks", "Bass"), "not allowed with"),
    ],
)
def test_what_cannot_be_written_is_said(
    run_cli: Callable, song: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    answer = run_cli("continue", song, "-o", tmp_path / "out.mid", *words)
    assert answer.code != 0
    assert said in answer.err
    assert not (tmp_path / "out.mid").exists()


def test_a_track_with_chords_goes_on_with_chords(run_cli: Callable, song: Path, tmp_path: Path) -> None:
    words = ("--track", "Piano", "--bars", 2, "--seed", 1, "--json")
    assert json.loads(run_cli("continue", song, "-o", tmp_path / "out.mid", *words).out)["model"] == "ensemble"
    new = read_song(tmp_path / "out.mid").song.tracks[1].notes
    new = new.where(new.start_tick >= 4 * BAR)
    assert len(new) > len(set(new.start_tick.tolist()))
    words = ("--track", "Piano", "--polyphony", 1, "--bars", 2, "--seed", 1)
    run_cli("continue", song, "-o", tmp_path / "line.mid", *words)
    line = read_song(tmp_path / "line.mid").song.tracks[1].notes
    line = line.where(line.start_tick >= 4 * BAR)
    assert (line.end_tick[:-1] <= line.start_tick[1:]).all()
