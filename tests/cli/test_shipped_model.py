"""The composing words with the model that is shipped: what they promise about the notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from musicassist.midi import read_song
from musicassist.resources import demo_song
from musicassist.score.song import Notes, Song
from musicassist.score.theory import parse_chord, parse_key

pytestmark = pytest.mark.slow


def new_notes(song: Song, before: Song) -> Notes:
    """The notes of the continued track that were not there."""
    (changed,) = [i for i, track in enumerate(before.tracks) if song.tracks[i].notes != track.notes]
    after, seed = song.tracks[changed].notes, before.tracks[changed]
    assert after.where(after.start_tick < seed.end_tick) == seed.notes
    return after.where(after.start_tick >= seed.end_tick)


@pytest.fixture
def before() -> Song:
    return read_song(demo_song()).song


def continued(run_cli: Callable, tmp_path: Path, *words: str | int) -> Song:
    answer = run_cli("continue", demo_song(), "-o", tmp_path / "out.mid", *words)
    assert (answer.code, answer.err) == (0, "")
    return read_song(tmp_path / "out.mid").song


def test_the_same_number_gives_the_same_notes(run_cli: Callable, tmp_path: Path) -> None:
    songs = [continued(run_cli, tmp_path, "--seed", seed) for seed in (5, 5, 6)]
    assert songs[0] == songs[1]
    assert songs[0] != songs[2]


@pytest.mark.parametrize("bars", [1, 4, 9])
def test_it_fills_the_bar_that_is_begun_and_whole_bars_after_it(
    run_cli: Callable, tmp_path: Path, before: Song, bars: int
) -> None:
    song = continued(run_cli, tmp_path, "--seed", 1, "--bars", bars)
    new = new_notes(song, before)
    seed_end = next(track.end_tick for track in before.tracks if track.notes != song.tracks[0])
    last_bar = before.time_map.bar_at(before.time_map.bar_line_at_or_after(seed_end)) + bars
    end = before.time_map.bar_start_tick(last_bar)
    assert (new.end_tick <= end).all()
    assert (new.start_tick >= before.time_map.bar_start_tick(last_bar - 1)).any()


def test_what_is_demanded_of_the_notes_holds(run_cli: Callable, tmp_path: Path, before: Song) -> None:
    song = continued(
        run_cli, tmp_path, "--seed", 2, "--bars", 8, "--scale", "E:minor_pentatonic", "--range", "E4:E5", "--density", 1
    )
    new = new_notes(song, before)
    assert all(parse_key("E:minor_pentatonic").has_pitch(note.pitch) for note in new)
    assert ((new.pitch >= 64) & (new.pitch <= 76)).all()
    beats = (new.end_tick.max() - new.start_tick.min()) / song.ticks_per_beat
    assert len(new) <= beats + 4


def test_notes_on_the_beat_follow_the_chords(run_cli: Callable, tmp_path: Path, before: Song) -> None:
    song = continued(run_cli, tmp_path, "--seed", 3, "--bars", 4, "--chords", "D A Bm G")
    new = new_notes(song, before)
    first_bar = song.time_map.bar_at(int(new.start_tick[0]))
    chords = [parse_chord(name) for name in ("D", "A", "Bm", "G")]
    for note in new:
        bar, offset_ticks = song.time_map.bar_and_offset_ticks(note.start_tick)
        if offset_ticks % song.ticks_per_beat == 0 and bar - first_bar < 4:
            assert note.pitch % 12 in chords[bar - first_bar].pitch_classes


def test_from_nothing_comes_a_phrase_in_the_scale(run_cli: Callable, tmp_path: Path) -> None:
    answer = run_cli(
        "generate", "-o", tmp_path / "new.mid", "--bars", 4, "--scale", "Bb:major", "--seed", 4, "--takes", 2, "--json"
    )
    assert (answer.code, answer.err) == (0, "")
    for take in json.loads(answer.out)["takes"]:
        song = read_song(Path(take["file"])).song
        assert song.note_count == take["notes"] >= 4
        assert all(parse_key("Bb:major").has_pitch(note.pitch) for note in song.tracks[0].notes)
        assert song.end_tick <= 16 * song.ticks_per_beat


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "mozart"), "no model named mozart"),
        (("--model", "gone/mine.safetensors"), "model gone/mine.safetensors does not exist"),
        (("--model", "none/mine.safetensors"), "mine"),
        (("--scale", "C:major", "--range", "C#4:C#4"), "widen the range"),
    ],
)
def test_what_cannot_be_met_is_told_in_words(
    run_cli: Callable, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    answer = run_cli("continue", demo_song(), "-o", tmp_path / "out.mid", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert said in answer.err
    assert not (tmp_path / "out.mid").exists()


def test_a_damaged_model_file_is_told_in_words(run_cli: Callable, tmp_path: Path) -> None:
    (tmp_path / "mine.safetensors").write_bytes(b"\x80\x04cposix\nsystem\n")
    (tmp_path / "mine.json").write_text("{}")
    answer = run_cli("continue", demo_song(), "-o", tmp_path / "out.mid", "--model", tmp_path / "mine.safetensors")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "damaged" in answer.err
