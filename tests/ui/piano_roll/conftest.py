"""A piano roll with some notes on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from musicassist.document.document import Document
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.ui.piano_roll.roll import PianoRoll
from roll_desk import BASS, PHRASE, Desk


@pytest.fixture
def desk_of(qtbot: QtBot) -> Callable[..., Desk]:
    """Makes a desk with some notes, 900 pixels wide, at a tenth of a pixel to the tick."""

    def make(*notes: Note, other: tuple[Note, ...] = ()) -> Desk:
        tracks = [Track("Melody", Notes.of(notes))]
        if other:
            tracks.append(Track("Bass", Notes.of(other), channel=1))
        document = Document(Song(tracks=tuple(tracks)))
        heard: list[tuple[int, int]] = []
        roll = PianoRoll(document, preview=lambda pitch, velocity: heard.append((pitch, velocity)))
        roll.keys.struck.connect(lambda pitch, velocity: heard.append((pitch, velocity)))
        qtbot.addWidget(roll, before_close_func=lambda widget: widget.scene.close())
        roll.resize(900, 626)
        with qtbot.waitExposed(roll):
            roll.show()
        roll.viewport.zoom_time(0.1 / roll.viewport.ticks.pixels_per_tick, 0)
        roll.viewport.scroll_to(0, roll.viewport.pitches.scroll_px)
        roll.viewport.center_pitch(64)
        return Desk(document, roll, heard)

    return make


@pytest.fixture
def desk(desk_of: Callable[..., Desk]) -> Desk:
    """A phrase of four quarter notes over a bass."""
    return desk_of(*PHRASE, other=(BASS,))
