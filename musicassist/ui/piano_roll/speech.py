"""Says to a screen reader what has just happened to the notes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key, pitch_name
from musicassist.score.timing import TimeMap


def note_words(note: Note, time_map: TimeMap, key: Key | None) -> str:
    """``E4, bar 2 beat 1, 1 beats, velocity 80``, translated."""
    bar, beat, _ = time_map.position(note.start_tick)
    name = pitch_name(note.pitch, flats=key is not None and key.uses_flats)
    beats = f"{time_map.tick_to_beats(note.duration_ticks):g}"
    template = QCoreApplication.translate(
        "PianoRoll", "{name}, bar {bar} beat {beat}, {beats} beats long, velocity {velocity}"
    )
    return template.format(name=name, bar=bar, beat=beat, beats=beats, velocity=note.velocity)


def notes_words(notes: Notes, time_map: TimeMap, key: Key | None) -> str:
    """The one note in full, or how many there are."""
    if len(notes) == 1:
        return note_words(notes[0], time_map, key)
    return QCoreApplication.translate("PianoRoll", "{count} notes").format(count=len(notes))


def announce(widget: QObject, words: str) -> None:
    """Speaks, if anybody listens."""
    if words and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
