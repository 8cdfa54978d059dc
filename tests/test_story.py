"""The story of the product: sketch a phrase, continue it, hear it, export it. All of it is real but the loudspeaker."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import mido
import pretty_midi
import pytest
import symusic
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from musicassist.app import make_engine, model_facts
from musicassist.session.comping import Comp
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window
from musicassist.ui.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier


def opened(qtbot: QtBot, folder: Path, path: Path | None) -> MainWindow:
    """The window as ``musicassist`` opens it, with a file or the demo phrase."""
    world = Surroundings(
        Settings(take_seed=11), lambda _settings: None, make_engine, model_facts, folder / "recovery", is_silent=True
    )
    window = build_window(world)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    window.start(path)
    return window


def closed(window: MainWindow) -> None:
    window.shut_down(keep_recovery=False)
    window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The window with the demo phrase."""
    window = opened(qtbot, tmp_path, None)
    yield window
    closed(window)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key for whatever has the keyboard."""
    QTest.keyClick(QApplication.focusWidget(), key, modifiers)


def counts_elsewhere(path: Path) -> tuple[int, int, int]:
    """How many notes three other programs find in a file.

    The key stands in the first part, too, where MuseScore looks for it; pretty_midi reads it and warns of that.
    """
    messages = (message for track in mido.MidiFile(path).tracks for message in track)
    mido_count = sum(message.type == "note_on" and message.velocity > 0 for message in messages)
    symusic_count = sum(len(track.notes) for track in symusic.Score(path).tracks)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tempo, Key or Time signature change events")
        pretty_count = sum(len(instrument.notes) for instrument in pretty_midi.PrettyMIDI(str(path)).instruments)
    return mido_count, symusic_count, pretty_count


@pytest.mark.slow
def test_story(window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, phrase = window.session, window.session.document.song
    assert session.document.track.name == "Melody"
    assert QApplication.focusWidget() is window.roll.view

    # Continue this phrase: pressed while the model still loads, so it is queued; then notes stream in as ghosts.
    press(Qt.Key.Key_Return, CTRL)
    assert session.takes.phase == "waiting"
    qtbot.waitUntil(lambda: len(session.takes.ghosts(1)) > 0)
    qtbot.waitUntil(lambda: session.takes.phase == "offered")
    assert len(session.takes.offer) == 4

    # Audition: the second take, and it plays.
    press(Qt.Key.Key_2)
    take = session.takes.offer[1]
    assert session.takes.auditioned == 2
    if not session.transport.is_playing:
        press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.transport.is_playing)

    # It goes on where the phrase ended, in key, up to a bar line.
    assert int(take.notes.start_tick.min()) >= phrase.tracks[0].end_tick
    bars_end_tick = phrase.time_map.bar_start_tick(8)
    assert int(take.notes.end_tick.max()) <= bars_end_tick == take.to_tick
    assert take.in_scale_share == 1.0

    # Keep it: one step.
    press(Qt.Key.Key_Return)
    kept = session.document.song
    assert kept.note_count == phrase.note_count + len(take.notes)
    press(Qt.Key.Key_Z, CTRL)
    assert session.document.song == phrase
    press(Qt.Key.Key_Z, CTRL_SHIFT)
    assert session.document.song == kept

    # Export: every other program opens it with all its notes.
    path = tmp_path / "story.mid"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_asked: (str(path), ""))
    press(Qt.Key.Key_E, CTRL_SHIFT)
    qtbot.waitUntil(lambda: not window.files.saving.is_busy)
    assert counts_elsewhere(path) == (kept.note_count,) * 3


@pytest.mark.slow
def test_the_song_goes_on_in_all_its_tracks(window: MainWindow, qtbot: QtBot) -> None:
    session, before = window.session, window.session.document.song
    press(Qt.Key.Key_Return, CTRL | Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: session.takes.phase == "offered")
    take = session.takes.offer[0]
    assert take.model == "ensemble"
    assert [part.track_index for part in take.parts] == [1, 2]
    press(Qt.Key.Key_Return)
    after = session.document.song
    for index, notes in ((0, take.notes), *((part.track_index, part.notes) for part in take.parts)):
        assert len(notes)
        assert set(after.tracks[index].notes) == {*before.tracks[index].notes, *notes}
    press(Qt.Key.Key_Z, CTRL)
    assert session.document.song is before
    session.tracks.select(2)
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    song = session.document.song
    assert song.tracks[0] is before.tracks[0]
    assert song.tracks[1].notes is before.tracks[1].notes  # it has got the names of the chords
    assert len(song.tracks[2].notes) > len(before.tracks[2].notes)


def offered(window: MainWindow, qtbot: QtBot) -> None:
    """Ctrl+Return, and the takes are there."""
    press(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.session.takes.phase == "offered")


@pytest.mark.slow
def test_sixteen_bars_from_four_offers_are_found_again_after_a_close_in_the_middle(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, path, bar = window.session, tmp_path / "piece.musicassist", 1920
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_asked: (str(path), ""))
    window.files.save_as()
    qtbot.waitUntil(lambda: session.document.path == path and not window.files.saving.is_busy)

    offered(window, qtbot)  # bars 5 to 8: a take
    press(Qt.Key.Key_3)
    press(Qt.Key.Key_Return)
    offered(window, qtbot)  # bars 9 to 12: let go, asked again, and mixed: its second half from another take
    press(Qt.Key.Key_Escape)
    offered(window, qtbot)
    span = session.takes.span
    assert span is not None and 7 * bar <= span[0] and span[1] == 12 * bar
    session.mixing.mix(Comp.of(*span, 1).swiped(10 * bar, 12 * bar, 2))
    press(Qt.Key.Key_Return)
    offered(window, qtbot)  # bars 13 to 16: the window is closed while they are on offer
    third, on_desk = session.document.song, session.takes.offer
    window.close()

    again = opened(qtbot, tmp_path, path)
    try:
        qtbot.waitUntil(lambda: again.session.document.song == third)
        assert again.session.document.path == path and again.session.document.undo_name == "Continue phrase"
        press(Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.AltModifier)  # the last offer comes back
        takes = again.session.takes
        qtbot.waitUntil(lambda: takes.phase == "offered")
        assert [take.notes for take in takes.offer] == [take.notes for take in on_desk]
        assert takes.span is not None and takes.span[1] == 16 * bar
        press(Qt.Key.Key_2)
        press(Qt.Key.Key_Return)
        melody = again.session.document.song.tracks[0]
        assert 15 * bar < melody.end_tick <= 16 * bar
        assert len(melody.origins) >= 3  # each kept bar knows where it comes from
        for _ in range(3):
            press(Qt.Key.Key_Z, CTRL)
        assert again.session.document.song.tracks[0].end_tick <= 4 * bar  # undo reaches behind the close
    finally:
        closed(again)
