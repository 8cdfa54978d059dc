"""What stands in a file of music besides music."""

from __future__ import annotations

from dataclasses import dataclass

BEFORE_TRACKS, AFTER_TRACKS, BEFORE_MUSIC, AFTER_MUSIC = range(4)  # where a foreign chunk stands in its file


@dataclass(frozen=True, slots=True)
class ForeignChunk:
    """A part of a file that is no track and that nobody here reads: kept so that saving loses nothing.

    Attributes:
        place: ``BEFORE_TRACKS`` or ``AFTER_TRACKS``; in a RIFF wrapper ``BEFORE_MUSIC`` or ``AFTER_MUSIC``.
        kind: Its four letters.
        body: Its content.
    """

    place: int
    kind: bytes
    body: bytes
