"""Meta events to values and back: texts, tempos, meters and keys."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Event, KeyChange, Notes, Song
from musicassist.score.theory import Key, parse_key
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
_MAX_BEAT = 0xFFFFFF
_MAX_HALVINGS = 7  # LIMIT: meters up to x/128
_USUAL_CLICK = bytes((24, 8))  # MIDI clocks per click, 32nds per quarter note
_TOLD = TEXT + b"musicassist key: "  # our own text event, for what a key signature cannot say
_CHOSEN = " chosen"
_Parts = Sequence[tuple[list[Event], dict[int, Notes]]]


def decode_text(payload: bytes, encodings: Mapping[bytes, str] = _NONE_GUESSED) -> str:
    """The text of a meta event; zeros at its end are dropped.

    Args:
        payload: Its bytes.
        encodings: The encodings of texts that are not UTF-8; Windows-1252 or Latin-1 for one that is not among them.
    """
    if payload.isascii():  # as nearly all are
        return payload.decode("ascii").rstrip("\0")
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
    return TEMPO + max(1, min(change.microseconds_per_beat, _MAX_BEAT)).to_bytes(3, "big")


def meter_of(event: Event) -> MeterChange | None:
    """The time signature that an event sets; None where it makes no sense."""
    if len(event.data) < 4 or not event.data[2] or event.data[3] > _MAX_HALVINGS:
        return None
    return MeterChange(event.tick, event.data[2], 2 ** event.data[3])


def meter_event(change: MeterChange) -> bytes:
    """The event that sets a time signature, with the usual click."""
    numerator = max(1, min(change.numerator, 255))
    halvings = max(0, min(round(change.denominator).bit_length() - 1, _MAX_HALVINGS))
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


def taken_keys(parts: _Parts, findings: Findings) -> tuple[tuple[KeyChange, ...], list[list[Event]]]:
    """The song's keys, and the events of each chunk without what saving writes again.

    Args:
        parts: Events and notes by channel of each chunk, in the order of the file.
        findings: Where bad keys are counted.
    """
    found: dict[int, list[KeyChange]] = {}
    keyed = [[e for e in events if e.data[:2] == KEY] for events, _ in parts]
    for events in keyed:
        for event in events:
            change = key_of(event)
            if change is None:
                findings.add("bad_keys")
            else:
                found.setdefault(event.tick, []).append(change)
    if not found:  # as in most files; a bad key is not kept
        return (), [
            [e for e in events if e.data[:2] != KEY] if bad else events
            for (events, _), bad in zip(parts, keyed, strict=True)
        ]
    told = _told(parts[0][0], found)
    keys = {tick: told.get(tick) or _counting(changes, _until(tick, found), parts) for tick, changes in found.items()}
    first = first_with_notes([notes for _, notes in parts])
    rest = []
    for row, (events, notes) in enumerate(parts):
        is_rewritten = row == first or (row == 0 and not notes)
        told_here = told if row == 0 else {}
        if keyed[row] or told_here:
            events = [e for e in events if not _is_written_again(e, keys, told_here, is_ours=is_rewritten)]
        rest.append(events)
    return tuple(keys[tick] for tick in sorted(keys)), rest


def first_with_notes(notes_by_channel: Sequence[dict[int, Notes]]) -> int:
    """The first chunk that has notes; -1 without any."""
    return next((row for row, notes in enumerate(notes_by_channel) if any(len(own) for own in notes.values())), -1)


def key_rows(song: Song) -> list[Event]:
    """The events of the conductor's chunk for the song's keys: signatures, and texts where these do not suffice."""
    events = [*song.events, *(event for track in song.tracks for event in track.events)]
    rivals = {event.tick for event in events if _is_rival(event, song)}
    rows = []
    for change in song.key_changes:
        signature = Event(change.tick, key_event(change))
        if key_of(signature) != change or change.tick in rivals:
            rows.append(Event(change.tick, _told_event(change)))
        rows.append(signature)
    return rows


def with_keys(events: list[Event], keys: Sequence[KeyChange], end_tick: int) -> list[Event]:
    """A chunk's events with the signatures as well; those behind its end are left out, so that it ends where it did."""
    end_tick = max([end_tick, *(event.tick for event in events)])
    own = [Event(change.tick, key_event(change)) for change in keys if change.tick <= end_tick]
    return sorted([*events, *own], key=lambda event: event.tick) if own else events


def _told(events: Sequence[Event], found: dict[int, list[KeyChange]]) -> dict[int, KeyChange]:
    """The keys that our own texts name, where the signature beside them is still the one that we wrote."""
    told = {}
    for event in (e for e in events if e.data.startswith(_TOLD)):
        try:
            words = event.data[len(_TOLD) :].decode("ascii")
            make = KeyChange.chosen if words.endswith(_CHOSEN) else KeyChange.of
            change = make(event.tick, parse_key(words.removesuffix(_CHOSEN)))
        except ValueError:
            continue
        if event.data == _told_event(change) and key_of(Event(0, key_event(change))) in _at_start(found, event.tick):
            told[event.tick] = change
    return told


def _at_start(found: dict[int, list[KeyChange]], tick: int) -> list[KeyChange]:
    return [replace(change, tick=0) for change in found.get(tick, [])]


def _told_event(change: KeyChange) -> bytes:
    is_chosen = change == KeyChange(change.tick, 0, fifths=0)  # a plain C major that is no default
    return _TOLD + f"{change.key.tonic_name}:{change.scale}{_CHOSEN if is_chosen else ''}".encode("ascii")


def _until(tick: int, found: dict[int, list[KeyChange]]) -> int:
    return min((later for later in found if later > tick), default=np.iinfo(np.int64).max)


def _counting(changes: list[KeyChange], to_tick: int, parts: _Parts) -> KeyChange:
    """Of the keys that chunks have at one tick the one whose scale holds most of what sounds until the next."""
    often = Counter(changes)
    if len(often) == 1:
        return changes[0]
    time = np.zeros(12)
    for _, by_channel in parts:
        for channel, notes in by_channel.items():
            if channel != DRUM_CHANNEL:
                heard = notes.where(notes.starting_between(changes[0].tick, to_tick))
                time += np.bincount(heard.pitch % 12, weights=heard.duration_ticks, minlength=12)
    # where the notes fit several, the one that most chunks have; then the first of the file
    return max(often, key=lambda change: (float(time[list(change.key.pitch_classes)].sum()), often[change]))


def _is_written_again(event: Event, keys: dict[int, KeyChange], told: dict[int, KeyChange], *, is_ours: bool) -> bool:
    """Whether an event needs not be kept, because saving writes it again; a bad key is not kept either."""
    if event.data[:2] != KEY:
        return event.tick in told and event.data == _told_event(told[event.tick])
    change = key_of(event)
    return change is None or (is_ours and event.data == key_event(keys[event.tick]))


def _is_rival(event: Event, song: Song) -> bool:
    """Whether an event is another key than the song's at its tick."""
    change = key_of(event) if event.data[:2] == KEY else None
    own = [key_of(Event(c.tick, key_event(c))) for c in song.key_changes if c.tick == event.tick]
    return change is not None and change not in own
