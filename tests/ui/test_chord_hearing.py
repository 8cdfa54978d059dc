"""Heard chords come into the lane beside everything else."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from harmony.test_detection import block
from musicassist.document.song_edits import write_chord
from musicassist.errors import CheckpointError
from musicassist.harmony import heard_chords
from musicassist.harmony.heard_chords import HeardChords, hear_chords
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from musicassist.score.theory import parse_chord
from window_doubles import Stage

BAR = 1920


def song_of(names: str) -> Song:
    return Song((Track("Piano", block(names)),))


def open_song(stage: Stage, names: str) -> None:
    stage.session.open(ImportedSong(song_of(names), (), 0, 0), None)


def shown(stage: Stage) -> list[str]:
    return [str(span.chord) for span in stage.window.roll.chord_lane.spans]


def test_chords_are_heard_after_a_song_is_opened_and_after_an_edit(empty_stage: Stage, qtbot: QtBot) -> None:
    open_song(empty_stage, "C Am F G")
    qtbot.waitUntil(lambda: shown(empty_stage) == ["C", "Am", "F", "G"])
    empty_stage.document.apply("Change", song_of("C Am F E"))
    assert shown(empty_stage) == ["C", "Am", "F", "G"]  # they stay until there are others
    qtbot.waitUntil(lambda: shown(empty_stage) == ["C", "Am", "F", "E"])
    open_song(empty_stage, "D")
    assert shown(empty_stage) == []


def test_the_window_does_not_wait_and_hears_again_what_changed_meanwhile(
    empty_stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, threads = threading.Event(), []

    def slow(song: Song, *given: object) -> HeardChords | None:
        threads.append(threading.current_thread())
        may_end.wait(10)
        return hear_chords(song, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(heard_chords, "hear_chords", slow)
    open_song(empty_stage, "C Am F G")
    qtbot.waitUntil(lambda: len(threads) == 1)
    empty_stage.document.apply("Write chord", write_chord(empty_stage.document.song, 0, BAR, parse_chord("E7")))
    assert shown(empty_stage) == ["E7"]
    may_end.set()
    qtbot.waitUntil(lambda: shown(empty_stage) == ["E7", "Am", "F", "G"])
    assert threading.main_thread() not in threads


def test_without_the_net_what_is_written_is_shown_and_it_is_said(
    empty_stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_given: object, **_named: object) -> None:
        raise CheckpointError("The model {name} is damaged.", name="chord-detector")

    monkeypatch.setattr(heard_chords, "hear_chords", missing)
    open_song(empty_stage, "C Am")
    qtbot.waitUntil(lambda: any("is damaged" in text for text in empty_stage.window.notices.texts))
    empty_stage.document.apply("Write chord", write_chord(empty_stage.document.song, 0, BAR, parse_chord("E7")))
    assert shown(empty_stage) == ["E7"]


def test_closing_ends_it(empty_stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def endless(_song: Song, _before: object, is_cancelled: object) -> None:
        assert callable(is_cancelled)
        while not is_cancelled():
            asked.append(True)
            threading.Event().wait(0.001)

    monkeypatch.setattr(heard_chords, "hear_chords", endless)
    open_song(empty_stage, "C Am")
    qtbot.waitUntil(lambda: bool(asked))
    empty_stage.window.shut_down(keep_recovery=False)
    assert empty_stage.window.is_over
