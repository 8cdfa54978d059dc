"""Says to a screen reader what has just happened to the notes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key, pitch_name
from musicassist.score.timing import TimeMap

LENGTHS: dict[float, Any] = {
    6.0: QT_TRANSLATE_NOOP("PianoRoll", "dotted whole"),
    4.0: QT_TRANSLATE_NOOP("PianoRoll", "whole"),
    3.0: QT_TRANSLATE_NOOP("PianoRoll", "dotted half"),
    2.0: QT_TRANSLATE_NOOP("PianoRoll", "half"),
    1.5: QT_TRANSLATE_NOOP("PianoRoll", "dotted quarter"),
    1.0: QT_TRANSLATE_NOOP("PianoRoll", "quarter"),
    0.75: QT_TRANSLATE_NOOP("PianoRoll", "dotted eighth"),
    2 / 3: QT_TRANSLATE_NOOP("PianoRoll", "triplet quarter"),
    0.5: QT_TRANSLATE_NOOP("PianoRoll", "eighth"),
    1 / 3: QT_TRANSLATE_NOOP("PianoRoll", "triplet eighth"),
    0.25: QT_TRANSLATE_NOOP("PianoRoll", "sixteenth"),
    1 / 6: QT_TRANSLATE_NOOP("PianoRoll", "triplet sixteenth"),
    0.125: QT_TRANSLATE_NOOP("PianoRoll", "thirty-second"),
}


def note_words(note: Note, time_map: TimeMap, key: Key | None) -> str:
    """``E4, bar 2 beat 1, quarter, velocity 80``, translated."""
    bar, beat, _ = time_map.position(note.start_tick)
    name = pitch_name(note.pitch, key)
    length = length_words(time_map.tick_to_beats(note.duration_ticks))
    template = QCoreApplication.translate("PianoRoll", "{name}, bar {bar} beat {beat}, {length}, velocity {velocity}")
    return template.format(name=name, bar=bar, beat=beat, length=length, velocity=note.velocity)


def length_words(beats: float) -> str:
    """``quarter``, ``dotted half`` and so on, to a twentieth of the length; else a number of beats."""
    for value, name in LENGTHS.items():
        if abs(beats - value) <= value / 20:
            return QCoreApplication.translate("PianoRoll", name)
    return QCoreApplication.translate("PianoRoll", "{beats} beats").format(beats=f"{beats:.2f}".rstrip("0").rstrip("."))


def notes_words(notes: Notes, time_map: TimeMap, key: Key | None) -> str:
    """The one note in full, or how many there are."""
    if len(notes) == 1:
        return note_words(notes[0], time_map, key)
    return QCoreApplication.translate("PianoRoll", "{count} notes").format(count=len(notes))


def announce(widget: QObject, words: str) -> None:
    """Speaks, if anybody listens."""
    if words and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
