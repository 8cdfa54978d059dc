"""``originality``: what a file has in common with the training music, and the switch that refuses takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from musicassist.cli.originality import STRETCH_BARS
from musicassist.composing.training_music import training_music_in
from musicassist.midi import save_song
from musicassist.score.song import Notes, Song, Track
from training_index import BAR, install_index, line_of, notes_of

LINES = [line_of(seed, 160) for seed in range(3)]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models with an index of three tunes."""
    folder = tmp_path / "models"
    folder.mkdir()
    install_index(folder, LINES)
    monkeypatch.setattr("musicassist.cli.originality.checkpoints_folder", lambda: folder)
    training_music_in.cache_clear()
    return folder


def file_of(path: Path, *parts: Notes, name: str = "Tune") -> Path:
    """A file of one track: the parts one after the other, each from a bar line."""
    whole, at = Notes.of(), 0
    for part in parts:
        ticks = at - int(part.start_tick[0])
        whole = whole.plus(Notes.from_columns(part.start_tick + ticks, part.pitch, part.duration_ticks, part.velocity))
        at = -(-int(whole.end_tick.max()) // BAR) * BAR
    save_song(Song(tracks=(Track("Bass", notes_of(*line_of(77, 20))), Track(name, whole))), path)
    return path


def planted(line: int, first: int, notes: int) -> Notes:
    onset, pitch = (column[first : first + notes] for column in LINES[line])
    return notes_of(onset * 2, pitch + 5)


def test_a_story_of_a_tune_that_was_taken_from_elsewhere(run_cli: Callable, installed: Path, tmp_path: Path) -> None:
    own = notes_of(*line_of(500, 60))
    file = file_of(tmp_path / "song.mid", own, planted(1, 20, 18))
    page = json.loads(run_cli("originality", file, "--track", "tune", "--json").out)
    assert (page["track"], page["track_number"], page["from_bar"]) == ("Tune", 2, 1)
    assert (page["notes"], page["longest_run_notes"], page["usual_notes"], page["is_above_usual"]) == (78, 18, 9, True)
    shared = page["shared"][0]
    bars = LINES[1][0][[20, 37]] // BAR + 1
    assert (shared["piece"], shared["composer"], shared["collection"]) == ("Tune 1", "Nobody", "made")
    assert [shared["from_bar"], shared["to_bar"]] == bars.tolist()
    assert (shared["from_note"], shared["notes"], shared["aligned_notes"]) == (61, 18, 18)
    own_bars = -(-int(own.end_tick.max()) // BAR)
    assert shared["own_from_bar"] == own_bars + 1
    assert page["stretches"][0]["to_bar"] == STRETCH_BARS
    assert not page["stretches"][0]["is_above_usual"]
    assert any(part["is_above_usual"] for part in page["stretches"])

    out = run_cli("originality", file, "--track", "tune").out
    assert "18 notes, “Tune 1” (Nobody)" in out
    assert "95 % of human pieces share up to 9" in out
    assert "More than is usual in bars" in out


def test_some_bars_alone(run_cli: Callable, installed: Path, tmp_path: Path) -> None:
    file = file_of(tmp_path / "song.mid", planted(0, 0, 40), notes_of(*line_of(501, 30)))
    bars = run_cli("originality", file, "--track", "tune", "--json", "--from-bar", 1, "--to-bar", 2)
    page = json.loads(bars.out)
    assert (page["to_bar"], page["stretches"]) == (2, [])
    assert page["longest_run_notes"] == page["notes"] < 40


def test_a_file_with_nothing_in_common(run_cli: Callable, installed: Path, tmp_path: Path) -> None:
    file = file_of(tmp_path / "song.mid", Notes.of([*notes_of(*line_of(502, 5))][:3]))
    answer = run_cli("originality", file, "--track", "tune")
    assert answer.code == 0
    assert "shares no run of notes with the training music" in answer.out


def test_without_an_index_it_is_said(run_cli: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicassist.cli.originality.checkpoints_folder", lambda: tmp_path)
    answer = run_cli("originality", file_of(tmp_path / "song.mid", planted(0, 0, 9)))
    assert answer.code == 2
    assert "index of the training music is missing" in answer.err


def test_takes_say_what_they_share_and_keep_the_line(run_cli: Callable, tmp_path: Path) -> None:
    """With what ships: the phrase goes on, and each take says how new it is."""
    phrase = file_of(tmp_path / "song.mid", notes_of(*line_of(503, 24)))
    words = ("continue", phrase, "-o", tmp_path / "out.mid", "--model", "markov", "--bars", 4, "--takes", 2)
    answer = run_cli(*words, "--track", "tune", "--seed", 1, "--new-to-training", "--json")
    assert answer.code == 0, answer.err
    for take in json.loads(answer.out)["takes"]:
        said = take["originality"]
        assert said["notes"] > 4
        assert said["longest_run_notes"] <= said["usual_notes"]
        assert not said["is_above_usual"]
