"""Whatever a hand does, the roll stays whole: no exception, legal notes, and undo leads back to the beginning."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt

from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.ui.piano_roll.scene import Offer
from roll_desk import BASS, PHRASE, Desk, Hand

MODIFIERS = [
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
]
BUTTONS = [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton]


def some_act(desk: Desk, dice: random.Random) -> None:
    roll = desk.roll
    widget = dice.choice([roll.view] * 6 + [roll.keys, roll.ruler, roll.velocity_lane, roll.minimap])
    hand = Hand(widget, dice.choice([BUTTONS[0], *BUTTONS]), dice.choice(MODIFIERS))
    near = [desk.place(note.start_tick + dice.randint(0, note.duration_ticks), note.pitch) for note in desk.notes]
    spots = [(dice.uniform(-60, widget.width() + 60), dice.uniform(-60, widget.height() + 60)) for _ in range(3)]
    if near and dice.random() < 0.6:
        spots[0] = dice.choice(near)
    act = dice.randrange(12)
    if act < 6:
        hand.drag(*spots)
    elif act == 6:
        hand.double_click(*spots[0])
    elif act == 7:
        hand.wheel(*spots[0], dice.randint(-240, 240), dice.randint(-240, 240), pixels=QPoint(0, 0))
    elif act == 8:
        hand.press(*spots[0])
        hand.move(*spots[1])
        desk.hand().escape()
    elif act == 9:
        roll.set_tool(dice.choice(["edit", "draw", "erase", "split"]))
        step = dice.choice([None, 60, 120, 480])
        roll.set_grid(step * 2 / 3 if step is not None and dice.random() < 0.5 else step)
    elif act == 10:
        dice.choice([desk.document.undo, desk.document.redo, roll.zoom_in, roll.zoom_out, roll.zoom_to_selection])()
    else:
        desk.document.select_track(dice.randrange(2))
        roll.set_key(dice.choice([None, Key(2), Key(3, "minor")]))
        roll.set_takes(Offer(Notes.of([Note(1920, 66, 960)]), (Notes.of([Note(1920, 60, 960)]),), 1920, 3840))


@pytest.mark.parametrize("seed", range(6))
def test_any_hand(desk_of: Callable[..., Desk], seed: int) -> None:
    desk, dice = desk_of(*PHRASE, other=(BASS,)), random.Random(seed)
    first_song = desk.document.song
    for _ in range(120):
        some_act(desk, dice)
        desk.roll.grab()
        assert not desk.roll.scene.is_dragging
        for track in desk.document.song.tracks:
            assert ((track.notes.pitch >= 0) & (track.notes.pitch <= 127)).all()
            assert ((track.notes.velocity >= 1) & (track.notes.velocity <= 127)).all()
            assert (track.notes.start_tick >= 0).all()
            assert (track.notes.duration_ticks >= 1).all()
        assert len(desk.document.selection) == len(desk.notes)
    while desk.document.undo_name is not None:
        desk.document.undo()
    assert desk.document.song == first_song
