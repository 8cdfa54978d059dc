"""Which gesture a press begins, and which cursor says so beforehand. No Qt."""

from __future__ import annotations

from typing import Literal

from musicassist.ui.piano_roll.gestures import (
    Base,
    DragVelocity,
    EraseNotes,
    Gesture,
    Keys,
    Marquee,
    Pan,
    Pointer,
    SplitNote,
)
from musicassist.ui.piano_roll.note_gestures import DrawNote, MoveNotes, ResizeNotes
from musicassist.ui.piano_roll.note_index import Hit

Tool = Literal["edit", "draw", "erase", "split"]
Button = Literal["left", "middle", "right"]
TOOLS: tuple[Tool, ...] = ("edit", "draw", "erase", "split")


def begin_gesture(tool: str, button: Button, base: Base, pointer: Pointer, hit: Hit | None) -> Gesture | None:
    """The gesture that a press begins; None if it begins none (a right press then opens the menu)."""
    if button == "middle":
        return Pan(base, pointer) if hit is None else DragVelocity(base, pointer, hit.row)
    if button == "right":
        return EraseNotes(base, pointer) if tool in ("draw", "erase") else None
    if tool == "erase":
        return EraseNotes(base, pointer)
    if hit is not None:
        return _on_note(tool, base, pointer, hit)
    if tool == "draw" and not pointer.keys.ctrl:
        return DrawNote(base, pointer)
    return Marquee(base, pointer)


def _on_note(tool: str, base: Base, pointer: Pointer, hit: Hit) -> Gesture:
    if tool == "split":
        return SplitNote(base, pointer, hit.row)
    if hit.part == "body":
        return MoveNotes(base, pointer, hit.row)
    return ResizeNotes(base, pointer, hit.row, hit.part)


def cursor_for(tool: str, hit: Hit | None, keys: Keys) -> str:
    """What the pointer looks like before the press."""
    if tool == "erase":
        return "erase"
    if hit is None:
        return "draw" if tool == "draw" and not keys.ctrl else "arrow"
    if tool == "split":
        return "split"
    if hit.part != "body":
        return "stretch" if keys.ctrl else "resize"
    return "copy" if keys.ctrl and not keys.alt else "move"
