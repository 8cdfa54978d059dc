"""The RIFF wrapper of ``.rmi`` files: taken off when one is read, and put on again when its song is saved."""

from __future__ import annotations

from musicassist.score.song import AFTER_MUSIC, BEFORE_MUSIC, ForeignChunk

WRAPPER_BYTES = 12  # "RIFF", a length, "RMID"
_MUSIC = b"data"
_OF_MUSIC = (b"MThd", b"MTrk")  # these stand within
_MOST_CHUNKS = 1000  # LIMIT: chunks beside the music that are kept


def is_wrapped(data: bytes) -> bool:
    """Whether a file begins as a wrapped one does."""
    return data[:4] == b"RIFF" and data[8:WRAPPER_BYTES] == b"RMID"


def unwrapped(data: bytes) -> tuple[bytes, tuple[ForeignChunk, ...]]:
    """The file in the wrapper, and what stands beside it; everything from the first header on where lengths lie.

    Source: RIFF, Multimedia Programming Interface and Data Specifications 1.0: lengths are little-endian, and a body
    of an odd length is followed by one byte.
    """
    beside: list[ForeignChunk] = []
    music: bytes | None = None
    position = WRAPPER_BYTES
    while position + 8 <= len(data) and len(beside) < _MOST_CHUNKS:
        kind, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        start = position + 8
        if kind == _MUSIC and music is None:
            if not _ends_there(data, start + length + length % 2):
                return data[start:], tuple(beside)
            music = data[start : start + length]
        elif start + length <= len(data) and _is_kind(kind):
            beside.append(
                ForeignChunk(BEFORE_MUSIC if music is None else AFTER_MUSIC, kind, data[start : start + length])
            )
        else:
            break
        position = start + length + length % 2
    return (data[WRAPPER_BYTES:], ()) if music is None else (music, tuple(beside))


def _ends_there(data: bytes, position: int) -> bool:
    """Whether the wrapper or one of its chunks can end there."""
    return len(data) - 8 < position <= len(data) + 1 or _is_kind(data[position : position + 4])


def _is_kind(kind: bytes) -> bool:
    return len(kind) == 4 and kind.isascii() and kind.decode("ascii").isprintable() and kind not in _OF_MUSIC


def wrapped(music: bytes, beside: tuple[ForeignChunk, ...]) -> bytes:
    """A file in a wrapper, with what stands beside it."""
    before = b"".join(_chunk(c.kind, c.body) for c in beside if c.place == BEFORE_MUSIC)
    after = b"".join(_chunk(c.kind, c.body) for c in beside if c.place == AFTER_MUSIC)
    body = b"RMID" + before + _chunk(_MUSIC, music) + after
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)
