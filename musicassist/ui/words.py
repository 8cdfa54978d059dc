"""Words for the user: translated, filled in, short."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from musicassist.errors import MusicAssistError
from musicassist.score.timing import MeterChange, spoken_bpm
from musicassist.ui.foreign_text import literal


def tr(context: str, text: str) -> str:
    """``text`` in the user's language; ``context`` tells the translators where it stands."""
    return QCoreApplication.translate(context, text)


def filled(context: str, template: str, values: Mapping[str, object]) -> str:
    """A translated template with its ``{named}`` fields filled in; the English one where a translation is broken.

    Names in the fields stand as they are written, whatever letters they have.
    """
    values = {name: literal(str(value)) if isinstance(value, str | Path) else value for name, value in values.items()}
    try:
        return tr(context, template).format(**values)
    except (KeyError, IndexError, ValueError):
        return template.format(**values)


def tempo_words(tempo_bpm: float, meter: MeterChange) -> str:
    """A tempo as it is read in a meter: in dotted quarters in 6/8 and the like, in quarters everywhere else."""
    pulse_beats = tempo_pulse_beats(meter)
    return f"{note_sign(pulse_beats)} {round(spoken_bpm(tempo_bpm, pulse_beats), 2):g}"


def tempo_pulse_beats(meter: MeterChange) -> float:
    """What a tempo is counted in, in quarter notes."""
    return meter.pulse_beats if meter.is_compound else 1.0


def note_sign(beats: float) -> str:
    """The note of some quarter notes: a quarter, or three eighths or sixteenths."""
    return {1.5: "♩.", 0.75: "♪."}.get(beats, "♩")


def words_of(error: MusicAssistError) -> str:
    """What an error says to the user."""
    return filled("Errors", error.template, error.values)
