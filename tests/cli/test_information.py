"""``info``: the facts of a file, as JSON and in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.cli.information import facts_of
from musicassist.cli.main import run
from musicassist.document.entry import Entry
from musicassist.document.pages import Page
from musicassist.document.project_file import begin_project
from musicassist.midi import read_song, save_song
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange
from musicassist.terminal import width as terminal_width
from session_desk import Desk
from smf import notes, program, smf

C_MAJOR = (60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60, 60)


@pytest.fixture
def waltz(tmp_path: Path) -> Path:
    song = Song(
        tracks=(
            Track("Tune", phrase(*C_MAJOR, step_ticks=480), program=73),
            Track("Drums", phrase(36, 38), channel=DRUM_CHANNEL),
        ),
        tempo_changes=(TempoChange(0, 400_000),),
        meter_changes=(MeterChange(0, 3, 4),),
        key_changes=(KeyChange(0, 10, "major"),),
    )
    save_song(song, tmp_path / "waltz.mid")
    return tmp_path / "waltz.mid"


def test_the_json_has_what_scripts_rely_on(run_cli: Callable, waltz: Path) -> None:
    answer = run_cli("info", waltz, "--json")
    assert answer.code == 0
    assert json.loads(answer.out) == {
        "format": 1,
        "ticks_per_beat": 480,
        "note_ons": 14,
        "notes": 14,
        "bars": 4,
        "key": "Bb:major",
        "tempo_bpm": 150.0,
        "tracks": [
            {"name": "Tune", "program": 73, "channel": 0, "notes": 12},
            {"name": "Drums", "program": 0, "channel": 9, "notes": 2},
        ],
        "warnings": [],
        "suspected_pickup_beats": None,
    }


def test_the_words_say_the_same(run_cli: Callable, waltz: Path) -> None:
    out = run_cli("info", waltz).out
    for said in ("14 notes", "4 bars", "3/4", "Bb major", "150 bpm", "Tune", "drums"):
        assert said in out
    assert "estimated" not in out


def test_a_key_that_the_file_does_not_name_is_estimated(run_cli: Callable, tmp_path: Path) -> None:
    drums = Track("Drums", phrase(*[61] * 40, step_ticks=960), channel=DRUM_CHANNEL)
    save_song(Song(tracks=(Track("Tune", phrase(*C_MAJOR)), drums)), tmp_path / "x.mid")
    assert json.loads(run_cli("info", tmp_path / "x.mid", "--json").out)["key"] == "C:major"
    assert "C major (estimated)" in run_cli("info", tmp_path / "x.mid").out


def test_a_song_without_notes_has_no_bars_and_no_key(run_cli: Callable, tmp_path: Path) -> None:
    save_song(Song(), tmp_path / "empty.mid")
    facts = json.loads(run_cli("info", tmp_path / "empty.mid", "--json").out)
    assert (facts["notes"], facts["bars"], facts["key"], facts["tempo_bpm"]) == (0, 0, None, 120.0)
    assert run_cli("info", tmp_path / "empty.mid").code == 0


@pytest.mark.parametrize("content", [b"", b"RIFF and more", b"MThd", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\xff\xff"])
def test_what_is_no_music_is_refused_in_one_line(run_cli: Callable, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mid"
    path.write_bytes(content)
    answer = run_cli("info", path)
    if answer.code == 0:  # a truncated track may be opened as far as it goes, and then that is said
        assert "Warning" in answer.out
    else:
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert "broken.mid" in answer.err


HOSTILE = "Lead\x1b[2J\x1b]0;title\x07\nWarning: forged\r\u202etxt\x9b31m"


def test_names_in_a_file_give_the_terminal_no_orders_and_begin_no_lines(run_cli: Callable, tmp_path: Path) -> None:
    path = tmp_path / "song\x1b[31m\n.mid"
    save_song(Song((Track(HOSTILE, phrase(60)), Track("x" * 20_000, phrase(62)), Track("ピアノ", phrase(64)))), path)
    out = run_cli("info", path).out
    assert out.isascii() is False and all(sign.isprintable() for sign in out.replace("\n", ""))
    assert len(out.splitlines()) == 5 and max(map(len, out.splitlines())) < 120
    assert r"Lead\x1b[2J\x1b]0;title\x07\nWarning: forged\r\u202e" in out
    columns = [line[: line.rindex("0  ")] for line in out.splitlines()[2:]]
    assert len({terminal_width(column) for column in columns}) == 1


@pytest.mark.parametrize("word", ["info", "render", "continue"])
def test_names_of_files_give_the_terminal_no_orders(run_cli: Callable, tmp_path: Path, word: str) -> None:
    path = tmp_path / "gone\x1b[31m.mid"
    answer = run_cli(word, path, *([] if word == "info" else ["-o", tmp_path / "out.wav"]))
    assert answer.code == 2
    assert r"\x1b[31m" in answer.err and "\x1b" not in answer.err


def amazing_grace() -> Song:
    """A tune in 3/4 whose pickup of a beat stands at tick 0."""
    verse = [(62, 1), (67, 2), (71, 0.5), (67, 0.5), (71, 2), (69, 1), (67, 2), (64, 1), (62, 2), (62, 1), (67, 2),
        (71, 0.5), (67, 0.5), (71, 2), (69, 1), (74, 3), (74, 2)]  # fmt: skip
    rows, beat = [], 0.0
    for pitch, beats in verse * 2:
        rows.append(Note(round(beat * 480), pitch, round(beats * 480)))
        beat += beats
    return Song((Track(notes=Notes.of(rows)),), meter_changes=(MeterChange(0, 3, 4),))


def test_a_hidden_pickup_is_said_and_the_option_puts_it_right(tmp_path: Path, run_cli: Callable) -> None:
    path = tmp_path / "grace.mid"
    save_song(amazing_grace(), path)
    assert json.loads(run_cli("info", path, "--json").out)["suspected_pickup_beats"] == 1
    assert "a pickup of 1 beat, so" in run_cli("info", path).out
    assert "--pickup 1\n" in run_cli("info", path).out
    told = json.loads(run_cli("info", path, "--pickup", "1", "--json").out)
    assert told["suspected_pickup_beats"] is None
    assert told["bars"] == 17
    refused = run_cli("info", path, "--pickup", "0.123")
    assert refused.code == 2
    assert "grid" in refused.err


def test_a_track_that_shares_a_channel_is_told_with_the_program_that_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "organ.mid"
    path.write_bytes(smf([], [(0, program(0, 19)), *notes(0, (72,))], notes(0, (48,))))
    tracks = facts_of(read_song(path))["tracks"]
    assert isinstance(tracks, list)
    assert [track["program"] for track in tracks] == [19, 19]


def test_the_earlier_takes_of_a_project_are_counted(tmp_path: Path, run_cli: Callable) -> None:
    desk = Desk()
    for _ in range(2):
        desk.session.takes.ask()
        desk.makes(3)
    desk.session.shelf.pin("0001", is_pinned=True)
    desk.document.keep_page("shelf/0009", Page("{"))
    path = tmp_path / "song.musicassist"
    begin_project(path, Entry(desk.document.song, None, 0, pages=desk.document.pages)).close()
    facts = json.loads(run_cli("info", path, "--json").out)
    assert facts["shelf"] == {"offers": 2, "takes": 6, "starred": 1, "damaged": 1}


def test_a_project_is_read_like_a_midi_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "song.musicassist"
    begin_project(path, Entry(Song((Track("Lead", phrase(60, 62, 64)),)), None, 0)).close()
    assert run(["info", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["notes"] == 3 and facts["tracks"][0]["name"] == "Lead" and facts["warnings"] == []
    assert facts["shelf"] == {"offers": 0, "takes": 0, "starred": 0, "damaged": 0}
    assert run(["continue", str(path), "-o", str(tmp_path / "out.musicassist")]) == 2
    assert "end it in .mid" in capsys.readouterr().err
