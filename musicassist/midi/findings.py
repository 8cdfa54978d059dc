"""What a reader found wrong in a file and mended, told in words."""

from __future__ import annotations

from collections import Counter

from musicassist.errors import QT_TRANSLATE_NOOP, Words

# One sentence for one case and one for many; the order is the order of telling.
_SENTENCES: dict[str, tuple[str, str]] = {
    "outer_bytes": (
        QT_TRANSLATE_NOOP("Errors", "The file begins with {n} foreign byte; it was skipped."),
        QT_TRANSLATE_NOOP("Errors", "The file begins with {n} foreign bytes; they were skipped."),
    ),
    "no_header": (QT_TRANSLATE_NOOP("Errors", "The file's header is missing; 480 ticks per beat were assumed."),) * 2,
    "unknown_format": (
        QT_TRANSLATE_NOOP("Errors", "The file names a format that does not exist; it is opened as format 1."),
    )
    * 2,
    "patterns": (
        QT_TRANSLATE_NOOP(
            "Errors", "The file holds independent patterns (format 2); the pattern is opened as a track."
        ),
        QT_TRANSLATE_NOOP("Errors", "The file holds {n} independent patterns (format 2); they are opened as tracks."),
    ),
    "frames": (QT_TRANSLATE_NOOP("Errors", "The file counts time in film frames; it is opened at 120 beats a minute."),)
    * 2,
    "bad_division": (QT_TRANSLATE_NOOP("Errors", "The file's ticks per beat make no sense; 480 were assumed."),) * 2,
    "missing_chunks": (
        QT_TRANSLATE_NOOP("Errors", "{n} track that the header announces is missing."),
        QT_TRANSLATE_NOOP("Errors", "{n} tracks that the header announces are missing."),
    ),
    "extra_chunks": (
        QT_TRANSLATE_NOOP("Errors", "{n} track more than the header announces was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} tracks more than the header announces were left out."),
    ),
    "wrong_lengths": (
        QT_TRANSLATE_NOOP("Errors", "A track has a wrong length; it was read up to its real end."),
        QT_TRANSLATE_NOOP("Errors", "{n} tracks have wrong lengths; they were read up to their real ends."),
    ),
    "truncated": (
        QT_TRANSLATE_NOOP("Errors", "This file ends in the middle of a track. Notes that could be read: {notes}."),
        QT_TRANSLATE_NOOP("Errors", "{n} tracks end in the middle. Notes that could be read: {notes}."),
    ),
    "missing_bytes": (
        QT_TRANSLATE_NOOP("Errors", "{n} byte of it is missing."),
        QT_TRANSLATE_NOOP("Errors", "{n:,} bytes of it are missing."),
    ),
    "damaged": (
        QT_TRANSLATE_NOOP(
            "Errors", "A track is damaged; what follows the damage was left out. Notes that could be read: {notes}."
        ),
        QT_TRANSLATE_NOOP(
            "Errors", "{n} tracks are damaged; what follows the damage was left out. Notes that could be read: {notes}."
        ),
    ),
    "no_end": (
        QT_TRANSLATE_NOOP("Errors", "A track has no end mark; it ends with its last event."),
        QT_TRANSLATE_NOOP("Errors", "{n} tracks have no end mark; each ends with its last event."),
    ),
    "clipped": (
        QT_TRANSLATE_NOOP("Errors", "A value over 127 was set to 127."),
        QT_TRANSLATE_NOOP("Errors", "{n} values over 127 were set to 127."),
    ),
    "bad_keys": (
        QT_TRANSLATE_NOOP("Errors", "A bad key signature was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} bad key signatures were left out."),
    ),
    "bad_meters": (
        QT_TRANSLATE_NOOP("Errors", "A bad time signature was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} bad time signatures were left out."),
    ),
    "bad_tempos": (
        QT_TRANSLATE_NOOP("Errors", "A bad tempo was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} bad tempos were left out."),
    ),
    "bad_events": (
        QT_TRANSLATE_NOOP("Errors", "A broken event was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} broken events were left out."),
    ),
    "system_messages": (
        QT_TRANSLATE_NOOP("Errors", "A message that no file may hold was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} messages that no file may hold were left out."),
    ),
    "dangling": (
        QT_TRANSLATE_NOOP(
            "Errors", "A note without an end was ended at the next stroke of its key, or with the music."
        ),
        QT_TRANSLATE_NOOP(
            "Errors", "{n} notes without an end were ended at the next stroke of their key, or with the music."
        ),
    ),
    "orphan_ends": (
        QT_TRANSLATE_NOOP("Errors", "An end without a note was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} ends without a note were left out."),
    ),
    "lengthless": (
        QT_TRANSLATE_NOOP("Errors", "A note without length was given one tick."),
        QT_TRANSLATE_NOOP("Errors", "{n} notes without length were given one tick."),
    ),
    "releases": (
        QT_TRANSLATE_NOOP("Errors", "The release speed of {n} note is not kept."),
        QT_TRANSLATE_NOOP("Errors", "The release speeds of {n} notes are not kept."),
    ),
    "too_late": (
        QT_TRANSLATE_NOOP("Errors", "{n} note or event later than 24 hours was left out."),
        QT_TRANSLATE_NOOP("Errors", "{n} notes or events later than 24 hours were left out."),
    ),
}


# What these count is in the file and not in the song: saving over it would lose that for good.
_MISSING = ("missing_chunks", "extra_chunks", "truncated", "damaged", "too_late")


class Findings:
    """Counts what was found while one file is read. For one thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, count: int = 1) -> None:
        """Counts ``count`` more cases of a kind."""
        if count:
            self._counts[kind] += count

    @property
    def is_incomplete(self) -> bool:
        """Whether the file holds, or once held, more than could be read."""
        return any(self._counts[kind] for kind in _MISSING)

    def in_words(self, note_count: int) -> tuple[Words, ...]:
        """One sentence for each kind found, given how many notes could be read."""
        return tuple(
            Words(sentences[self._counts[kind] > 1], {"n": self._counts[kind], "notes": note_count})
            for kind, sentences in _SENTENCES.items()
            if self._counts[kind]
        )
