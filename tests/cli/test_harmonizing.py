"""``musicassist harmonize``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harmony.test_detection import block
from harmony.test_harmonising import BAR, SONG
from musicassist.cli.main import SUCCESS, USER_ERROR, run
from musicassist.midi import read_song, save_song
from musicassist.score.chord_track import written_chords
from musicassist.score.song import Song, Track


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    save_song(SONG, path)
    return path


def test_chords_are_written_as_texts_and_markers_and_told(
    tune: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mid"
    words = ["harmonize", str(tune), "-o", str(out), "--takes", "2", "--seed", "3", "--style", "rich", "--json"]
    assert run(words) == SUCCESS
    told = json.loads(capsys.readouterr().out)
    assert (told["key"], told["style"], told["seed"], told["track_number"]) == ("C major", "rich", 3, 1)
    assert [Path(one["file"]).name for one in told["progressions"]] == ["out-1.mid", "out-2.mid"]
    for one in told["progressions"]:
        song = read_song(Path(one["file"])).song
        assert [str(mark) for mark in written_chords(song)][:-1] == [piece["chord"] for piece in one["chords"]]
        assert next(event.data for event in song.events) == b"\xff\x06C"
        assert one["chords"][-1]["numeral"].startswith("I") and 0 <= one["outside_share"] <= 0.08
    assert run(words) == SUCCESS
    assert json.loads(capsys.readouterr().out) == told


def test_the_chords_of_other_bars_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "in.mid", tmp_path / "out.mid"
    save_song(Song((SONG.tracks[0], Track("Piano", block("C F C G7 Am Dm G C C F G7 C"), channel=1))), path)
    assert run(["harmonize", str(path), "-o", str(out), "--bars", "5-6", "--seed", "1"]) == SUCCESS
    marks = written_chords(read_song(out).song)
    assert (marks[0].tick, marks[-1].tick, marks[-1].chord) == (4 * BAR, 6 * BAR, None)
    assert "seed 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("style", "names"), [("none", ["Melody", "CHORDS"]), ("bass", ["Melody", "CHORDS", "Chords", "Bass"])]
)
def test_an_accompaniment_is_written_where_it_is_asked_for(
    tune: Path, tmp_path: Path, style: str, names: list[str]
) -> None:
    out = tmp_path / "out.mid"
    assert run(["harmonize", str(tune), "-o", str(out), "--accompaniment", style, "--seed", "1"]) == SUCCESS
    song = read_song(out).song
    assert [track.name for track in song.tracks] == names
    assert max(track.end_tick for track in song.tracks) == SONG.end_tick


def test_each_accompaniment_is_a_file(tune: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.mid"
    words = ["harmonize", str(tune), "-o", str(out), "--accompaniment", "each", "--takes", "4", "--seed", "1"]
    assert run(words) == SUCCESS
    said = capsys.readouterr().out
    assert "out-2.mid: broken chords: " in said and "No more than 3" in said
    songs = [read_song(tmp_path / f"out-{number}.mid").song for number in (1, 2, 3)]
    assert not (tmp_path / "out-4.mid").exists()
    assert len({written_chords(song) for song in songs}) == 1
    assert [track.name for track in songs[2].tracks] == ["Melody", "CHORDS", "Chords", "Bass"]
    assert songs[0].tracks[2].notes != songs[1].tracks[2].notes


@pytest.mark.parametrize("bars", ["5", "0-x", "12-40", "6-5"])
def test_bars_that_are_none_are_said(tune: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bars: str) -> None:
    code = run(["harmonize", str(tune), "-o", str(tmp_path / "out.mid"), "--bars", bars])
    assert code == (SUCCESS if bars == "5" else USER_ERROR)
    if code:
        assert "bar" in capsys.readouterr().err
