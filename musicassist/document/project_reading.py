"""Opens projects, ``song.musicassist``, in a child process with limits, as ``midi.reading_process`` does MIDI files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.disk import read_whole
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.journal_file import Journal, NewerJournalError, journal_of
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError, Words
from musicassist.midi.reading_process import answer_parent, ask_child
from musicassist.score.song_bytes import packed

MAX_FILE_BYTES = 256 * 2**20  # LIMIT: a project's
_LEAST_MEMORY_BYTES = 256 * 2**20  # what the child may address for an ordinary file, its libraries included
_ORDINARY_BYTES = 2**20
_MOST_MEMORY_BYTES = 2 * 2**30  # LIMIT: the same for a very long one
_BYTES_OF_ONE = 128  # LIMIT: what each further byte of a file may take; an event of three bytes is an object of 150
_DAMAGED = QT_TRANSLATE_NOOP(
    "Errors", "The file is damaged. It is opened as it was on {when}; what was there is kept when it is written."
)
_CUT = QT_TRANSLATE_NOOP("Errors", "The last change was not written to its end. The song is as it was on {when}.")


@dataclass(frozen=True, eq=False)
class ReadProject:
    """What a project holds.

    Attributes:
        entry: The work as it was last.
        size_bytes, entry_count, first_bytes: How far the file can be trusted; see ``Journal``.
        can_grow: Whether it can be gone on with; else it is written anew.
        warnings: What was mended or left out, each a sentence.
    """

    entry: Entry
    size_bytes: int
    entry_count: int
    first_bytes: int
    can_grow: bool
    warnings: tuple[Words, ...] = ()


def read_project(path: Path) -> ReadProject:
    """Reads a project here and now.

    Raises:
        MidiImportError: It cannot be opened at all.
    """
    name = path.name
    try:
        journal = journal_of(read_whole(path, MAX_FILE_BYTES))
    except NewerJournalError as error:
        raise MidiImportError(
            QT_TRANSLATE_NOOP(
                "Errors", "{file} was made by a newer musicassist, and this one does not know how to read it."
            ),
            file=name,
        ) from error
    except ValueError as error:
        raise MidiImportError(
            QT_TRANSLATE_NOOP("Errors", "{file} is no project, or is damaged from its beginning."), file=name
        ) from error
    except FileNotFoundError as error:
        raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} does not exist."), file=name) from error
    except OSError as error:
        raise MidiImportError(
            QT_TRANSLATE_NOOP("Errors", "{file} cannot be read: {reason}."), file=name, reason=error.strerror or error
        ) from error
    facts = journal.size_bytes, journal.entry_count, journal.first_bytes, journal.can_grow
    entry = replace(journal.entry, path=None, is_unsaved=False, is_incomplete=False, file_mark=None)
    return ReadProject(entry, *facts, _warnings(journal))


def _warnings(journal: Journal) -> tuple[Words, ...]:
    when = time.strftime("%d.%m.%Y %H:%M:%S", time.localtime(journal.entry.at_unix_seconds))
    if journal.is_damaged:
        return (Words(_DAMAGED, {"when": when}),)
    if journal.is_cut:
        return (Words(_CUT, {"when": when}),)
    return ()


def read_project_in_child(
    path: Path, *, timeout_seconds: float = 20.0, is_cancelled: Callable[[], bool] | None = None
) -> ReadProject:
    """The same in a child process with limits on time and memory. Blocks; any thread may call it.

    Raises:
        MidiImportError: It cannot be opened, took too long, or opening was cancelled.
    """
    module = "musicassist.document.project_reading"
    page, raw = ask_child(module, path, timeout_seconds=timeout_seconds, is_cancelled=is_cancelled)
    try:
        read = ReadProject(
            unpack_entry(raw, None), **{**page, "warnings": tuple(Words(*said) for said in page["warnings"])}
        )
    except (ValueError, KeyError, TypeError) as error:
        raise MidiImportError(
            QT_TRANSLATE_NOOP("Errors", "{file} could not be read; its reader stopped."), file=path.name
        ) from error
    _ = read.entry.song.key_evidence  # found and kept here, as for MIDI files
    return read


def _answer(path: Path) -> bytes:
    read = read_project(path)
    page = {name: value for name, value in vars(read).items() if name != "entry"}
    return packed(page, pack_entry(read.entry, None))


def _limit_bytes(path: Path) -> int:
    """So that a small file cannot take much, whatever it says."""
    try:
        beyond_bytes = max(0, path.stat().st_size - _ORDINARY_BYTES)
    except OSError:
        beyond_bytes = 0
    return min(_LEAST_MEMORY_BYTES + _BYTES_OF_ONE * beyond_bytes, _MOST_MEMORY_BYTES)


if __name__ == "__main__":
    answer_parent(_answer, _limit_bytes)
