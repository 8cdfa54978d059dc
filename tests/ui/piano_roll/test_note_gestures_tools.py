"""Which gesture a press begins: the table of the mouse."""

from __future__ import annotations

import numpy as np
import pytest

from musicassist.score.grid import SongGrid
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.geometry import Hit
from musicassist.ui.piano_roll.gestures import Base, DragVelocity, EraseNotes, Keys, Marquee, Pan, Pointer, SplitNote
from musicassist.ui.piano_roll.note_gestures import DrawNote, MoveNotes, ResizeNotes, begin_gesture, cursor_for

SONG = Song(tracks=(Track(notes=Notes.of([Note(0, 60, 480)])),))
BASE = Base(SONG, 0, np.zeros(1, dtype=bool), SongGrid(TimeMap(480), 120), Note(0, 60, 240))
BODY, END = Hit(0, "body"), Hit(0, "end")
PLAIN, CTRL = Keys(), Keys(ctrl=True)


@pytest.mark.parametrize(
    ("tool", "button", "hit", "keys", "kind"),
    [
        ("edit", "left", None, PLAIN, Marquee),
        ("edit", "left", BODY, PLAIN, MoveNotes),
        ("edit", "left", BODY, CTRL, MoveNotes),
        ("edit", "left", END, PLAIN, ResizeNotes),
        ("edit", "right", BODY, PLAIN, type(None)),
        ("edit", "middle", None, PLAIN, Pan),
        ("edit", "middle", BODY, PLAIN, DragVelocity),
        ("draw", "left", None, PLAIN, DrawNote),
        ("draw", "left", None, CTRL, Marquee),
        ("draw", "left", BODY, PLAIN, MoveNotes),
        ("draw", "left", END, PLAIN, ResizeNotes),
        ("draw", "right", BODY, PLAIN, EraseNotes),
        ("draw", "right", None, PLAIN, EraseNotes),
        ("erase", "left", BODY, PLAIN, EraseNotes),
        ("erase", "left", None, PLAIN, EraseNotes),
        ("split", "left", BODY, PLAIN, SplitNote),
        ("split", "left", END, PLAIN, SplitNote),
        ("split", "left", None, PLAIN, Marquee),
        ("split", "right", BODY, PLAIN, type(None)),
    ],
)
def test_a_press_begins(tool: str, button: str, hit: Hit | None, keys: Keys, kind: type) -> None:
    gesture = begin_gesture(tool, button, BASE, Pointer(10, 10, 100, 60, keys), hit)
    assert type(gesture) is kind


@pytest.mark.parametrize(
    ("tool", "hit", "keys", "name"),
    [
        ("edit", None, PLAIN, "arrow"),
        ("edit", BODY, PLAIN, "move"),
        ("edit", BODY, CTRL, "copy"),
        ("edit", END, PLAIN, "resize"),
        ("edit", END, CTRL, "stretch"),
        ("draw", None, PLAIN, "draw"),
        ("draw", None, CTRL, "arrow"),
        ("erase", None, PLAIN, "erase"),
        ("split", BODY, PLAIN, "split"),
    ],
)
def test_the_cursor_tells_the_gesture(tool: str, hit: Hit | None, keys: Keys, name: str) -> None:
    assert cursor_for(tool, hit, keys) == name
