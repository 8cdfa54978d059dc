"""``musicassist fit``: the file that is written meets the times of the picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.midi import read_song, save_song
from musicassist.score.song import Song, Track


def song_file(folder: Path, bars: int) -> Path:
    song = Song((Track("Tune", phrase(*[60, 62, 64, 65] * bars, step_ticks=480)),))
    save_song(song, folder / "song.mid")
    return folder / "song.mid"


def test_fit_writes_a_song_whose_points_are_where_it_says(run_cli: Callable, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    words = ("fit", song_file(tmp_path, 14), "-o", out, "--end", "0:30.0", "--accent", "0:12.5", "--accent", "20.1")
    answer = run_cli(*words)
    assert (answer.code, answer.err) == (0, "")
    assert "14 bars at" in answer.out
    assert "end 0:30.0: bar line 15, off by 0.0" in answer.out
    facts = json.loads(run_cli(*words, "--json").out)
    times = read_song(out).song.time_map
    assert times.tick_to_seconds(times.bar_start_tick(14)) == pytest.approx(30.0, abs=0.010)
    beats = [times.tick_to_seconds(480 * beat) for beat in range(56)]
    for accent, fact in zip((12.5, 20.1), facts["accents"], strict=True):
        assert min(abs(beat - accent) for beat in beats) <= 0.010
        assert abs(fact["off_ms"]) <= 10


def test_fewer_bars_end_the_music_there(run_cli: Callable, tmp_path: Path) -> None:
    answer = run_cli("fit", song_file(tmp_path, 14), "-o", tmp_path / "out.mid", "--end", "20", "--bars", "10")
    assert "10 bars (the song has 14) at 120 bpm" in answer.out
    song = read_song(tmp_path / "out.mid").song
    assert song.end_tick == 10 * 1920
    assert song.note_count == 40


def test_what_cannot_be_met_is_one_line_and_writes_nothing(run_cli: Callable, tmp_path: Path) -> None:
    words = ("fit", song_file(tmp_path, 4), "-o", tmp_path / "out.mid", "--end", "8")
    for more in (("--accent", "9"), ("--bars", "9"), ("--accent", "3.0", "--accent", "3.1")):
        answer = run_cli(*words, *more)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "no time" in run_cli("fit", tmp_path / "song.mid", "-o", tmp_path / "out.mid", "--end", "soon").err
    assert not (tmp_path / "out.mid").exists()
