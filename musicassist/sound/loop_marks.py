"""Where an audio file loops, written into it by hand: ``smpl`` in WAV, Vorbis comments in FLAC and OGG.

Source: the Multimedia Data Standards Update of RIFF (chunk ``smpl``), RFC 9639 (FLAC, metadata blocks), RFC 3533 (pages
of OGG) and the Vorbis I specification (comment header). ``LOOPSTART`` and ``LOOPLENGTH`` count samples of a channel, as
RPG Maker, Godot, FMOD and SDL_mixer read them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_WAV_HEAD, _WAV_SIZE_AT = 12, 4
_UNITY_NOTE, _FORWARD, _FOR_EVER = 60, 0, 0
_FLAC_STREAM, _FLAC_COMMENT, _FLAC_LAST = b"fLaC", 4, 0x80
_PAGE, _PAGE_HEAD, _CRC_AT, _COUNT_AT, _MAX_SEGMENTS, _FULL_SEGMENT = b"OggS", 27, 22, 26, 255, 255
_CONTINUED, _FLAGS_AT, _PLACE_AT = 0x01, 5, 6
_COMMENT_HEAD, _FRAMING = b"\x03vorbis", b"\x01"
_HEADERS_BEHIND_FIRST = 2  # the comments and the code books; the page of the first header is left alone
_CRC_POLYNOMIAL, _CRC_BITS = 0x04C11DB7, 0xFFFFFFFF


@dataclass(frozen=True)
class LoopMarks:
    """What a player repeats for ever.

    Attributes:
        start_frame: The first sample of it.
        frames: How many samples it has in each channel, at least 1.
    """

    start_frame: int
    frames: int

    @property
    def comments(self) -> tuple[bytes, ...]:
        """As Vorbis comments."""
        return f"LOOPSTART={self.start_frame}".encode(), f"LOOPLENGTH={self.frames}".encode()


def with_loop(data: bytes, marks: LoopMarks, sample_rate: int) -> bytes:
    """The same audio file with its loop written into it; any thread.

    Args:
        data: A whole WAV, FLAC or OGG Vorbis file, as libsndfile writes it.
        marks: What is repeated.
        sample_rate: Samples of a channel in a second.

    Raises:
        ValueError: It is none of these.
    """
    if data[:4] == b"RIFF":
        return _wav_with_loop(data, marks, sample_rate)
    if data[:4] == _FLAC_STREAM:
        return _flac_with_comments(data, marks.comments)
    if data[:4] == _PAGE:
        return _ogg_with_comments(data, marks.comments)
    raise ValueError("no WAV, FLAC or OGG file")


def loop_of(data: bytes) -> LoopMarks | None:
    """The loop that a file says it has; None if it says nothing."""
    if data[:4] == b"RIFF":
        body = dict(_wav_chunks(data)).get(b"smpl")
        if body is None or struct.unpack_from("<I", body, 28)[0] == 0:
            return None
        first, last = struct.unpack_from("<II", body, 44)
        return LoopMarks(first, last - first + 1)
    comments = _flac_comments(data) if data[:4] == _FLAC_STREAM else _ogg_headers(data).packets[0]
    said = dict(entry.split(b"=", 1) for entry in _comment_entries(comments.removeprefix(_COMMENT_HEAD)))
    if b"LOOPSTART" not in said or b"LOOPLENGTH" not in said:
        return None
    return LoopMarks(int(said[b"LOOPSTART"]), int(said[b"LOOPLENGTH"]))


# WAV


def _wav_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _WAV_HEAD
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _wav_with_loop(data: bytes, marks: LoopMarks, sample_rate: int) -> bytes:
    period_ns, last_frame = round(1e9 / sample_rate), marks.start_frame + marks.frames - 1  # itself included
    head = struct.pack("<9I", 0, 0, period_ns, _UNITY_NOTE, 0, 0, 0, 1, 0)
    body = head + struct.pack("<6I", 0, _FORWARD, marks.start_frame, last_frame, 0, _FOR_EVER)
    whole = data + b"\0" * (len(data) % 2) + b"smpl" + struct.pack("<I", len(body)) + body
    return whole[:_WAV_SIZE_AT] + struct.pack("<I", len(whole) - 8) + whole[_WAV_SIZE_AT + 4 :]


# Vorbis comments: the writer's name, and entries as KEY=value


def _comment_entries(body: bytes) -> Iterator[bytes]:
    at = 4 + struct.unpack_from("<I", body)[0]
    count, at = struct.unpack_from("<I", body, at)[0], at + 4
    for _ in range(count):
        size = struct.unpack_from("<I", body, at)[0]
        yield body[at + 4 : at + 4 + size]
        at += 4 + size


def _comments_with(body: bytes, added: tuple[bytes, ...]) -> bytes:
    vendor = body[: 4 + struct.unpack_from("<I", body)[0]]
    keys = {entry.split(b"=", 1)[0] for entry in added}
    entries = [entry for entry in _comment_entries(body) if entry.split(b"=", 1)[0].upper() not in keys]
    entries.extend(added)
    return vendor + struct.pack("<I", len(entries)) + b"".join(struct.pack("<I", len(e)) + e for e in entries)


# FLAC


def _flac_blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, beginning of the body and its end of each metadata block."""
    at, is_last = len(_FLAC_STREAM), False
    while not is_last:
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        is_last = bool(kind & _FLAC_LAST)
        yield kind & ~_FLAC_LAST, at + 4, at + 4 + size
        at += 4 + size


def _flac_comments(data: bytes) -> bytes:
    return next((data[first:end] for kind, first, end in _flac_blocks(data) if kind == _FLAC_COMMENT), bytes(8))


def _flac_with_comments(data: bytes, added: tuple[bytes, ...]) -> bytes:
    comments = _comments_with(_flac_comments(data), added)
    blocks = list(_flac_blocks(data))
    # The one of the stream stays first; the comments come next, so that the last block is another one or this.
    kept = [(kind, data[first:end]) for kind, first, end in blocks if kind != _FLAC_COMMENT]
    kept.insert(1, (_FLAC_COMMENT, comments))
    parts = [_FLAC_STREAM]
    for index, (kind, body) in enumerate(kept):
        last = _FLAC_LAST if index == len(kept) - 1 else 0
        parts += [bytes((kind | last,)), len(body).to_bytes(3, "big"), body]
    return b"".join((*parts, data[blocks[-1][2] :]))


# OGG


@dataclass(frozen=True)
class _Headers:
    """The comments and the code books of an OGG Vorbis file, and the pages that hold nothing else."""

    packets: tuple[bytes, bytes]
    first_byte: int
    end_byte: int
    page_heads: tuple[bytes, ...]


def _ogg_headers(data: bytes) -> _Headers:
    at = first_byte = _page_end(data, 0)
    packets: list[bytes] = []
    heads: list[bytes] = []
    open_packet = b""
    while len(packets) < _HEADERS_BEHIND_FIRST:
        sizes = data[at + _PAGE_HEAD : at + _PAGE_HEAD + data[at + _COUNT_AT]]
        heads.append(data[at : at + _PAGE_HEAD])
        body = at + _PAGE_HEAD + len(sizes)
        for size in sizes:
            open_packet += data[body : body + size]
            body += size
            if size < _FULL_SEGMENT:
                packets.append(open_packet)
                open_packet = b""
        at = body
    if len(packets) > _HEADERS_BEHIND_FIRST or open_packet:
        raise ValueError("sound begins on a page of the headers")  # which Vorbis forbids
    return _Headers((packets[0], packets[1]), first_byte, at, tuple(heads))


def _page_end(data: bytes, at: int) -> int:
    if data[at : at + 4] != _PAGE:
        raise ValueError("no page of OGG")
    count = data[at + _COUNT_AT]
    return at + _PAGE_HEAD + count + sum(data[at + _PAGE_HEAD : at + _PAGE_HEAD + count])


def _ogg_with_comments(data: bytes, added: tuple[bytes, ...]) -> bytes:
    """As many pages as before, so that those of the sound keep their numbers and their sums."""
    headers = _ogg_headers(data)
    if not headers.packets[0].startswith(_COMMENT_HEAD):
        raise ValueError("no comments of Vorbis")
    body = headers.packets[0].removeprefix(_COMMENT_HEAD)
    comments = _COMMENT_HEAD + _comments_with(body, added) + _FRAMING
    segments = [segment for packet in (comments, headers.packets[1]) for segment in _segments(packet)]
    pages = len(headers.page_heads)
    if len(segments) > pages * _MAX_SEGMENTS:
        raise ValueError("the comments are too long for their pages")
    parts, is_open = [data[: headers.first_byte]], False
    for index, head in enumerate(headers.page_heads):
        count = min(_MAX_SEGMENTS, len(segments) - (pages - 1 - index))
        here, segments = segments[:count], segments[count:]
        parts.append(_page(head, here, is_continued=is_open))
        is_open = len(here[-1]) == _FULL_SEGMENT
    return b"".join((*parts, data[headers.end_byte :]))


def _segments(packet: bytes) -> list[bytes]:
    """Pieces of 255 bytes and a shorter one, which may be empty and ends it."""
    return [packet[at : at + _FULL_SEGMENT] for at in range(0, len(packet) + 1, _FULL_SEGMENT)]


def _page(head: bytes, segments: list[bytes], *, is_continued: bool) -> bytes:
    """A page of headers with the serial number of ``head``, and with these pieces."""
    page = bytearray(head + bytes(map(len, segments)) + b"".join(segments))
    page[_FLAGS_AT] = page[_FLAGS_AT] & ~_CONTINUED | (_CONTINUED if is_continued else 0)
    ends_packet = any(len(segment) < _FULL_SEGMENT for segment in segments)
    page[_PLACE_AT : _PLACE_AT + 8] = (0 if ends_packet else -1).to_bytes(8, "little", signed=True)
    page[_COUNT_AT] = len(segments)
    page[_CRC_AT : _CRC_AT + 4] = bytes(4)
    page[_CRC_AT : _CRC_AT + 4] = struct.pack("<I", page_sum(page))
    return bytes(page)


def page_sum(page: bytes | bytearray) -> int:
    """The check sum of a page of OGG whose own is 0."""
    table, total = _sum_table(), 0
    for byte in page:
        total = (total << 8) & _CRC_BITS ^ table[total >> 24 ^ byte]
    return total


@cache
def _sum_table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = (value << 1) & _CRC_BITS ^ (_CRC_POLYNOMIAL if value >> 31 else 0)
        return value

    return tuple(entry(number << 24) for number in range(256))
