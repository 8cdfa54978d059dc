from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from musicassist.errors import MidiImportError, SaveError
from musicassist.midi import read_song, save_song
from musicassist.resources import demo_song
from musicassist.ui.screenshot import save_screenshot
from musicassist.ui.theme import DARK
from window_doubles import ScaleEngine


def share_of_accent(picture: QImage) -> float:
    """How much of a picture has the assistant's colour."""
    small = picture.scaled(320, 200)
    accent = [small.pixelColor(x, y).name() for x in range(320) for y in range(200)].count(DARK.accent)
    return accent / (320 * 200)


def test_a_picture_has_its_size_and_the_takes(qtbot: QtBot, tmp_path: Path) -> None:
    plain, composed = tmp_path / "plain.png", tmp_path / "composed.png"
    save_screenshot(demo_song(), plain, width=1280, height=800, theme="dark")
    save_screenshot(demo_song(), composed, width=1280, height=800, theme="dark", make_engine=ScaleEngine)
    first, second = QImage(str(plain)), QImage(str(composed))
    assert (first.width(), first.height()) == (1280, 800)
    assert share_of_accent(second) > share_of_accent(first) > 0


def test_the_chords_that_are_heard_are_in_it(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicassist.ui.chord_hearing.FIRST_MS", 700)  # later than the rest of the picture
    song = read_song(demo_song()).song
    melody = tmp_path / "melody.mid"
    save_song(replace(song, tracks=song.tracks[:1]), melody)
    for path, name in ((demo_song(), "chords.png"), (melody, "none.png")):
        save_screenshot(path, tmp_path / name, width=1280, height=800, theme="dark")
    heard, none = (QImage(str(tmp_path / name)).copy(230, 102, 900, 20) for name in ("chords.png", "none.png"))
    assert heard != none


def test_what_cannot_be_opened_or_written_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(MidiImportError):
        save_screenshot(tmp_path / "none.mid", tmp_path / "a.png", width=640, height=480, theme="dark")
    with pytest.raises(SaveError):
        save_screenshot(None, tmp_path / "none" / "a.png", width=640, height=480, theme="light")
