"""``infill`` and ``vary`` with a tiny model: what they write, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.midi import read_song, save_song
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Event, Note, Notes, Song, Track
from tiny_models import install_tiny_model

BEAT, BAR = 480, 1920
Cli = Callable[..., object]


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two installed models: one continues and fills bars, the other varies."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    install_tiny_model(folder, "lstm")
    install_tiny_model(folder, "shaker", cell="gru", verbs=("vary",))
    monkeypatch.setattr("musicassist.cli.composing.checkpoints_folder", lambda: folder)
    return folder


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Four bars of quarter notes; a note is held from the first bar into the second. Drums are longer."""
    held = Notes.of([Note(3 * BEAT, 48, 4 * BEAT)])
    song = Song(
        tracks=(
            Track("Tune", phrase(*(60, 62, 64, 65) * 4, step_ticks=BEAT).plus(held)),
            Track("Drums", phrase(*(36,) * 24, step_ticks=BEAT), channel=DRUM_CHANNEL),
            Track("Low", phrase(48, from_tick=8 * BAR), channel=1),
        )
    )
    save_song(song, tmp_path / "story.mid")
    return tmp_path / "story.mid"


def outside(notes: Notes, from_tick: int, to_tick: int) -> list[Note]:
    return list(notes.where(~notes.starting_between(from_tick, to_tick)))


def test_infill_replaces_the_bars_and_nothing_else(run_cli: Cli, models: Path, story: Path, tmp_path: Path) -> None:
    before = read_song(story).song
    out = tmp_path / "out.mid"
    answer = run_cli(
        *("infill", story, "-o", out, "--from-bar", 2, "--to-bar", 3, "--seed", 5, "--scale", "C:major", "--json")
    )
    assert (answer.code, answer.err) == (0, "")
    song = read_song(out).song
    new = song.tracks[0].notes.where(song.tracks[0].notes.starting_between(BAR, 3 * BAR))
    assert song.tracks[1:] == before.tracks[1:]
    expected = [note for note in outside(before.tracks[0].notes, BAR, 3 * BAR) if note.pitch != 48]
    assert outside(song.tracks[0].notes, BAR, 3 * BAR) == sorted([*expected, Note(3 * BEAT, 48, BEAT)])
    assert 2 * BAR <= int(new.start_tick.max()) < int(new.end_tick.max()) <= 3 * BAR
    page = json.loads(answer.out)
    assert page["takes"][0].pop("plan")  # some words
    assert page["takes"][0].pop("explained")
    assert page == {
        "model": "lstm",
        "seed": 5,
        "track": "Tune",
        "track_number": 1,
        "takes": [{"file": str(out), "notes": len(new), "from_beat": 4.0, "to_beat": 12.0}],
    }


def test_a_model_that_sees_the_past_only_is_said_to(run_cli: Cli, models: Path, story: Path, tmp_path: Path) -> None:
    answer = run_cli("infill", story, "-o", tmp_path / "out.mid", "--from-bar", 1, "--to-bar", 1, "--takes", 2)
    assert "lstm sees only what stands before the bars" in answer.out
    assert "in bar 1 of track" in answer.out
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out-1.mid", "out-2.mid"]


def test_vary_takes_the_whole_phrase_where_no_bars_are_named(
    run_cli: Cli, models: Path, story: Path, tmp_path: Path
) -> None:
    answer = run_cli("vary", story, "-o", tmp_path / "out.mid", "--amount", 0, "--json")
    take = json.loads(answer.out)["takes"][0]
    assert (take["from_beat"], take["to_beat"]) == (0.0, 16.0)
    assert json.loads(answer.out)["model"] == "shaker"
    assert read_song(tmp_path / "out.mid").song.tracks[0].notes.start_tick.max() >= 3 * BAR


@pytest.mark.parametrize(("first", "last", "beats"), [(2, None, (4, 16)), (None, 2, (0, 8)), (3, 3, (8, 12))])
def test_vary_takes_the_bars_that_are_named(
    run_cli: Cli, models: Path, story: Path, tmp_path: Path, first: int | None, last: int | None, beats: tuple[int, int]
) -> None:
    words = [*(("--from-bar", first) if first else ()), *(("--to-bar", last) if last else ())]
    answer = run_cli("vary", story, "-o", tmp_path / "out.mid", *words, "--json")
    take = json.loads(answer.out)["takes"][0]
    assert (take["from_beat"], take["to_beat"]) == beats


def test_the_amount_reaches_the_request(
    run_cli: Cli, models: Path, story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amounts: list[float] = []

    def refuse(request: object, _folder: Path) -> None:
        amounts.append(request.amount)  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr("musicassist.cli.composing.make_takes", refuse)
    for words in ((), ("--amount", 0), ("--amount", 1)):
        run_cli("vary", story, "-o", tmp_path / "out.mid", *words)
    assert amounts == [0.5, 0, 1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("infill", "--from-bar", 3, "--to-bar", 12), "There is no bar 12: the song ends with bar 9."),
        (("infill", "--from-bar", 20, "--to-bar", 21), "There is no bar 21"),
        (("infill", "--from-bar", 3, "--to-bar", 2), "Bar 3 comes after bar 2."),
        (("infill", "--from-bar", 0, "--to-bar", 2), "There is no bar 0: the song begins with bar 1."),
        (("infill", "--from-bar", 1), "--to-bar"),
        (("infill", "--from-bar", 1, "--to-bar", 9), "no notes around these bars"),
        (("infill", "--from-bar", 1, "--to-bar", 2, "--track", "Drums"), "Drums cannot be filled in"),
        (("infill", "--from-bar", 1, "--to-bar", 2, "--model", "shaker"), "does not infill. Models that do: lstm."),
        (("vary", "--from-bar", 6, "--to-bar", 7), "no notes to vary"),
        (("vary", "--track", "Drums"), "Drums cannot be varied"),
        (("vary", "--amount", "1.5"), "1.5 is not at least 0 and at most 1"),
        (("vary", "--model", "lstm"), "The model lstm does not vary. Models that do: shaker."),
        (("continue", "--model", "shaker"), "The model shaker does not continue. Models that do: lstm."),
        (("interpolate",), "No model that can interpolate is installed."),
    ],
)
def test_what_makes_no_sense_is_one_line_of_words(
    run_cli: Cli, models: Path, story: Path, tmp_path: Path, words: tuple[object, ...], said: str
) -> None:
    files = (story, story) if words[0] == "interpolate" else (story,)
    answer = run_cli(words[0], *files, "-o", tmp_path / "out.mid", *words[1:])
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "out.mid").exists()


@pytest.mark.parametrize("words", [["continue"], ["infill", "--from-bar", "2", "--to-bar", "2"], ["vary"]])
def test_a_file_that_was_cut_is_told_and_is_never_replaced(
    run_cli: Cli, models: Path, story: Path, tmp_path: Path, words: list[str]
) -> None:
    cut = story.read_bytes()[:-10]
    story.write_bytes(cut)
    (tmp_path / "link.mid").symlink_to(story)
    for out in (story, tmp_path / "link.mid"):
        answer = run_cli(words[0], story, *words[1:], "--seed", "1", "-o", out)
        assert answer.code == 2 and "could not be read completely" in answer.err
        assert story.read_bytes() == cut
    (tmp_path / "out-2.mid").symlink_to(story)
    answer = run_cli(words[0], story, *words[1:], "--takes", "2", "-o", tmp_path / "out.mid")
    assert answer.code == 2 and story.read_bytes() == cut
    answer = run_cli(words[0], story, *words[1:], "--seed", "1", "-o", tmp_path / "out.mid")
    assert answer.code == 0 and "10 bytes of it are missing" in answer.err


@pytest.mark.parametrize(
    ("left", "words", "put_right"),
    [
        (b"\xb0\x07\x00", "volume back to 100", b"\xb0\x07\x64"),
        (b"\xb0\x0b\x05", "expression back to 127", b"\xb0\x0b\x7f"),
        (b"\xe0\x7f\x7f", "pitch bend released", b"\xe0\x00\x40"),
        (b"\xb0\x40\x7f", "pedal released", b"\xb0\x40\x00"),
    ],
)
def test_what_the_phrase_left_behind_is_put_right_in_the_file_and_said(
    run_cli: Cli, models: Path, tmp_path: Path, left: bytes, words: str, put_right: bytes
) -> None:
    tune = Track("Tune", phrase(*(60, 62, 64, 65) * 4, step_ticks=BEAT), events=(Event(4 * BAR - 60, left),))
    save_song(Song(tracks=(tune,)), tmp_path / "left.mid")
    out = tmp_path / "out.mid"
    answer = run_cli("continue", tmp_path / "left.mid", "-o", out, "--seed", 5, "--json")
    assert json.loads(answer.out)["takes"][0]["put_right"] == [words]
    track = read_song(out).song.tracks[0]
    first_new = int(track.notes.start_tick[track.notes.start_tick >= 4 * BAR][0])
    assert [(event.tick, event.data) for event in track.events] == [(4 * BAR - 60, left), (first_new, put_right)]
    assert words in run_cli("continue", tmp_path / "left.mid", "-o", out, "--seed", 5).out


@pytest.mark.parametrize("keep", ["rhythm", "pitches", "notes"])
def test_infill_keeps_what_it_is_told_to(run_cli: Cli, models: Path, story: Path, tmp_path: Path, keep: str) -> None:
    before, out = read_song(story).song.tracks[0].notes, tmp_path / "out.mid"
    words = ("--from-bar", 2, "--to-bar", 3, "--keep", keep, "--seed", 5)
    answer = run_cli("infill", story, "-o", out, *words)
    assert (answer.code, answer.err) == (0, "")
    after = read_song(out).song.tracks[0].notes
    assert outside(after, BAR, 3 * BAR) == outside(before, BAR, 3 * BAR)  # what is held into the bars as well
    assert after != before and len(after) == len(before)
    if keep != "rhythm":
        assert sorted(after.pitch.tolist()) == sorted(before.pitch.tolist())
    if keep != "pitches":
        assert after.start_tick.tolist() == before.start_tick.tolist()
        assert after.duration_ticks.tolist() == before.duration_ticks.tolist()
