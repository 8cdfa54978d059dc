"""Meta events to values and back: texts, tempos, meters and keys."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping

from musicassist.score.song import Event, KeyChange
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange, TempoChange

LAST_TEXT = 0x0F  # meta events up to here are texts, names and the sequence number
TEXT = b"\xff\x01"
TRACK_NAME = b"\xff\x03"
DEVICE_NAME = b"\xff\x09"  # Source: MIDI recommended practice RP-019
CHANNEL_PREFIX = b"\xff\x20"
END_OF_TRACK = b"\xff\x2f"
TEMPO = b"\xff\x51"
METER = b"\xff\x58"
KEY = b"\xff\x59"

# Some programs write the mark of an encoding before a text; it is no part of it.
_BYTE_ORDER_MARKS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
_NONE_GUESSED: Mapping[bytes, str] = {}
_LONGEST_BEAT = 0xFFFFFF
_MOST_HALVINGS = 7  # LIMIT: meters up to x/128
_USUAL_CLICK = bytes((24, 8))  # MIDI clocks per click, 32nds per quarter note


def decode_text(payload: bytes, encodings: Mapping[bytes, str] = _NONE_GUESSED) -> str:
    """The text of a meta event; zeros at its end are dropped.

    Args:
        payload: Its bytes.
        encodings: The encodings of texts that are not UTF-8; Windows-1252 or Latin-1 for one that is not among them.
    """
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if payload.startswith(mark)), "utf-8")
    for encoding in (marked, "utf-8", encodings.get(payload, "cp1252")):
        try:
            return payload.decode(encoding).rstrip("\0")
        except UnicodeDecodeError:
            continue
    return payload.decode("latin-1").rstrip("\0")


def name_event(name: str) -> bytes:
    """The event that names a track."""
    return TRACK_NAME + name.encode("utf-8", "replace")


def device_event(port: str) -> bytes:
    """The event that names the port that plays a track."""
    return DEVICE_NAME + port.encode("utf-8", "replace")


def tempo_of(event: Event) -> TempoChange | None:
    """The tempo that an event sets; None where it makes no sense."""
    micros = int.from_bytes(event.data[2:5], "big")
    return TempoChange(event.tick, micros) if len(event.data) >= 5 and micros else None


def tempo_event(change: TempoChange) -> bytes:
    """The event that sets a tempo."""
    return TEMPO + max(1, min(change.microseconds_per_beat, _LONGEST_BEAT)).to_bytes(3, "big")


def meter_of(event: Event) -> MeterChange | None:
    """The time signature that an event sets; None where it makes no sense."""
    if len(event.data) < 4 or not event.data[2] or event.data[3] > _MOST_HALVINGS:
        return None
    return MeterChange(event.tick, event.data[2], 2 ** event.data[3])


def meter_event(change: MeterChange) -> bytes:
    """The event that sets a time signature, with the usual click."""
    numerator = max(1, min(change.numerator, 255))
    halvings = max(0, min(round(change.denominator).bit_length() - 1, _MOST_HALVINGS))
    return METER + bytes((numerator, halvings)) + _USUAL_CLICK


def key_of(event: Event) -> KeyChange | None:
    """The key that an event sets; None where it makes no sense."""
    if len(event.data) < 4 or event.data[3] > 1:
        return None
    sharps = (event.data[2] ^ 0x80) - 0x80
    if not -7 <= sharps <= 7:
        return None
    scale = "minor" if event.data[3] == 1 else "major"
    tonic = (7 * sharps + (9 if scale == "minor" else 0)) % 12
    return KeyChange.of(event.tick, Key(tonic, scale, sharps))


def key_event(change: KeyChange) -> bytes:
    """The event that sets a key, with its sharps or flats; of a scale that a file cannot name only these are right."""
    key = change.key
    is_minor = (key.signature_fifths * 7 + 9 - key.tonic) % 12 == 0
    return KEY + bytes((key.signature_fifths % 256, is_minor))
