"""What goes wrong and is told to the user in words, everything else is a bug; the mark of words for translators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:  # noqa: N802  # the name that ``pyside6-lupdate`` looks for
    """``text`` as it is: marks what the window translates where it is shown, also in rooms without Qt."""
    return text


class Words(NamedTuple):
    """A sentence that a room without Qt says to people. As a text it is English; the window translates it.

    Attributes:
        template: With ``{named}`` fields; marked for the context "Errors".
        values: What fills the fields.
    """

    template: str
    values: Mapping[str, str | int | Words] = {}

    def __str__(self) -> str:
        return self.template.format(**self.values)


class MusicAssistError(Exception):
    """A problem the user can understand and mend.

    The template is a plain English sentence with named fields (``"{file} is no MIDI file."``). The command line prints
    it filled in; the window translates the template first, so one that can reach the window is marked for the context
    "Errors".

    Attributes:
        template: The sentence with ``{named}`` fields.
        values: What fills the fields.
    """

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values))

    @property
    def words(self) -> Words:
        """What it says, as it can be told to another process."""
        plain = {name: value if isinstance(value, int) else str(value) for name, value in self.values.items()}
        return Words(self.template, plain)


class MidiImportError(MusicAssistError):
    """A file cannot be opened as music at all."""


class SaveError(MusicAssistError):
    """A file could not be written; the old one, if any, is untouched."""


class SeedError(MusicAssistError):
    """There is nothing in the song that this request could start from."""


class ConstraintError(MusicAssistError):
    """The demands on the new notes cannot be met together."""


class CheckpointError(MusicAssistError):
    """A model file is missing, damaged, hostile or of another vocabulary."""


class SoundError(MusicAssistError):
    """No sound, or no port, and why."""


class TrainingDataError(MusicAssistError):
    """The training music is missing, too small or has changed."""


class UsageError(MusicAssistError):
    """The words on the command line make no sense together."""
