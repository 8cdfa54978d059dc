"""Tracks that share a channel, and so an instrument: who they are, what they sound like, and how one leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from musicassist.document import song_edits
from musicassist.midi.track_events import (
    MIDI_PORTS,
    Wire,
    midi_port_event,
    midi_port_of,
    sounding_events,
    wire_of,
    with_channel_messages,
)
from musicassist.score import midi_bytes as midi
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, NO_BANK, Bank, Event, Song, Track


def sharers(song: Song, index: int) -> list[int]:
    """The other tracks with notes or events on the channel of a track, in their order."""
    track = song.tracks[index]
    others = [(n, other) for n, other in enumerate(song.tracks) if n != index and other.channel == track.channel]
    sounding = [(n, other) for n, other in others if len(other.notes) or other.program or other.events]
    return [n for n, other in sounding if wire_of(other) == wire_of(track)]


def programs_heard(song: Song) -> tuple[int, ...]:
    """For each track, the program of its first note: its own, or that of the channel that it shares."""
    by_wire: dict[Wire, int] = {}
    own = [song_edits.first_program(track) for track in song.tracks]
    for track, program in zip(song.tracks, own, strict=True):
        if program is not None:
            by_wire.setdefault(wire_of(track), program)
    if not by_wire:
        return (0,) * len(own)
    pairs = zip(song.tracks, own, strict=True)
    return tuple(by_wire.get(wire_of(track), 0) if program is None else program for track, program in pairs)


def are_programs_as_before(old: Song, new: Song) -> bool:
    """Whether no edit between two songs touched what :func:`programs_heard` tells; looks at edited tracks alone."""
    if len(old.tracks) != len(new.tracks):
        return False
    edited = (pair for pair in zip(old.tracks, new.tracks, strict=True) if pair[0] is not pair[1])
    told = ([(song_edits.first_program(track), wire_of(track)) for track in pair] for pair in edited)
    return all(before == after for before, after in told)


def heard_track(song: Song, index: int) -> Track:
    """A track with the banks and programs of all that share its channel, as it is heard."""
    others = sharers(song, index)
    track = song.tracks[index]
    if not others:
        return track
    merged = [event for event in _merged(song, sorted((index, *others))) if is_of_instrument(event.data)]
    return with_channel_messages(track, merged)


def free_wire(song: Song, like: Track) -> Wire:
    """A melodic channel that no track uses, on the port of a track or the next one; else the least used channel.

    Outputs of a track's own have one port of sixteen channels.
    """
    used = [wire_of(track) for track in song.tracks]
    port = midi_port_of(like)
    ports = [port] if like.output_port is not None else [port, *(n for n in range(MIDI_PORTS) if n != port)]
    wires = [(like.output_port, number, channel) for number in ports for channel in song_edits.CHANNELS]
    return next((wire for wire in wires if wire not in used), min(wires, key=used.count))


def on_free_wire(song: Song, track: Track) -> Track:
    """A track that is to be added, on a channel of its own: on the next port (FF 21) where sixteen are in use."""
    alone = on_wire(Song((track,)), 0, free_wire(song, track))
    return alone.tracks[0]


def on_wire(song: Song, index: int, wire: Wire) -> Song:
    """Moves a track, with its events, to another channel and port."""
    _, port, channel = wire
    song = song_edits.set_track_channel(song, index, channel)
    track = song.tracks[index]
    if port == midi_port_of(track):
        return song
    rest = tuple(event for event in track.events if event.data[:2] != midi_port_event(0)[:2])
    return song.with_track(index, replace(track, events=(Event(0, midi_port_event(port)), *rest)))


def leave_shared_channel(song: Song, index: int) -> Song:
    """Moves a track that shares its channel to a free one, for an instrument of its own.

    What the tracks told the channel is told to both then, but their programs stay with those who stay. Drums stay, too:
    they have one channel.
    """
    others = sharers(song, index)
    if not others or song.tracks[index].channel == midi.DRUM_CHANNEL:
        return song
    first, own = others[0], _merged(song, [index])
    moving = _merged(song, sorted((index, *others)), without_instruments_but=index)
    if own:
        # On a tick, what the moving track tells comes before or behind everything of the first one.
        place = BEFORE_ENDS if index < first else AFTER_STARTS
        both = _without_overtaken([replace(event, place=place) for event in own] + _merged(song, [first]))
        song = song.with_track(first, with_channel_messages(song.tracks[first], both))
    song = song.with_track(index, with_channel_messages(song.tracks[index], moving))
    return on_wire(song, index, free_wire(song, song.tracks[index]))


def _without_overtaken(events: list[Event]) -> list[Event]:
    """In their order, without programs that the next one of their tick and place replaces before any note."""
    ordered = sorted(events, key=lambda event: (event.tick, event.place))
    kept: list[Event] = []
    last: dict[tuple[int, bool], int] = {}
    for event in ordered:
        if event.data[0] & 0xF0 == midi.PROGRAM:
            moment = event.tick, event.place == AFTER_STARTS
            if moment in last:
                kept[last[moment]] = Event(-1, b"")
            last[moment] = len(kept)
        kept.append(event)
    return [event for event in kept if event.data]


def _merged(song: Song, indices: Iterable[int], *, without_instruments_but: int | None = None) -> list[Event]:
    """The channel messages of some tracks, in the order in which they sound; programs perhaps of one track alone."""
    events = [
        event
        for index in indices
        for event in sounding_events(song.tracks[index])
        if event.data[0] < midi.SYSEX and (without_instruments_but in (None, index) or not is_of_instrument(event.data))
    ]
    return sorted(events, key=lambda event: (event.tick, event.place))


@dataclass(frozen=True)
class Instrument:
    """What a channel is told to sound like.

    Attributes:
        program: 0..127.
        bank: The values of controllers 0 and 32; None where none was sent.
    """

    program: int
    bank: Bank = NO_BANK

    def messages(self) -> list[bytes]:
        """The bank, as far as it is known, and the program, on the first channel."""
        pairs = zip(midi.BANK_CONTROLS, self.bank, strict=True)
        banks = [bytes((midi.CONTROL, number, value)) for number, value in pairs if value is not None]
        return [*banks, bytes((midi.PROGRAM, self.program))]


def is_of_instrument(message: bytes) -> bool:
    """Whether a channel message is a program or chooses a bank."""
    if len(message) < 2:
        return False
    return message[0] & 0xF0 == midi.PROGRAM or (message[0] & 0xF0 == midi.CONTROL and message[1] in midi.BANK_CONTROLS)


def instrument_after(messages: Iterable[bytes], before: Instrument) -> Instrument:
    """The instrument after some messages; a bank counts only with the program behind it."""
    instrument, banks = before, list(before.bank)
    for message in messages:
        if not is_of_instrument(message):
            continue
        if message[0] & 0xF0 == midi.PROGRAM:
            instrument = Instrument(message[1], (banks[0], banks[1]))
        else:
            banks[midi.BANK_CONTROLS.index(message[1])] = message[2]
    return instrument


def instrument_at(track: Track, tick: float) -> Instrument:
    """The instrument that a track has at a place, what stands on it included, by its own events."""
    rows = [event for event in track.events if is_of_instrument(event.data)]
    lead = (event.data for event in takewhile(lambda event: _is_first_bank(track, event), rows))
    first = instrument_after([*lead, bytes((midi.PROGRAM, track.program))], Instrument(track.program))
    return instrument_after((event.data for event in rows if event.tick <= tick), first)


class TrackInstruments:
    """Finds what tracks sound like, with what others tell a shared channel; again at once, as long as notes are edited.

    What many tracks tell one channel takes long to put together, and this is asked after each edit.
    """

    def __init__(self) -> None:
        self._known: list[object] = []
        self._song = Song()  # keeps alive what is known by its identity
        self._track = Track()

    def at(self, song: Song, index: int, tick: float) -> Instrument:
        """The instrument that a track has at a place, what stands on it included."""
        asked = song.tracks[index]
        known = [
            (id(track.events), track.program, track.output_port, len(track.notes) > 0)
            for track in song.tracks
            if track.channel == asked.channel
        ]
        key = [index, asked.channel, _first_note_tick(asked), *known]
        if key != self._known:
            heard = heard_track(song, index)
            events = tuple(event for event in heard.events if is_of_instrument(event.data))
            self._known, self._song, self._track = key, song, replace(heard, events=events)
        return instrument_at(self._track, tick)


def choose_instrument(song: Song, index: int, instrument: Instrument) -> Song:
    """Gives a track another instrument from its start on, with its bank if one is known; later changes stay."""
    song = song_edits.set_program(leave_shared_channel(song, index), index, instrument.program)
    banks = instrument.messages()[:-1]
    if not banks:
        return song
    track = song.tracks[index]
    rows = [event for event in track.events if is_of_instrument(event.data)]
    old = list(takewhile(lambda event: _is_first_bank(track, event), rows))
    kept = [event for event in track.events if not any(event is other for other in old)]
    placed = [Event(0, bytes((message[0] | track.channel, *message[1:]))) for message in banks]
    return song.with_track(index, replace(track, events=(*placed, *kept)))


def settle_programs(song: Song, index: int, before: Track, spans: Sequence[tuple[int, int]]) -> Song:
    """After programs were played into a track: what plays on behind each span has its instrument of before again.

    A program that stands before all notes becomes the track's instrument, so that it is called so.

    Args:
        song: The music, with what was played.
        index: The track.
        before: The track without it.
        spans: In which programs were played: from a tick to a tick.
    """
    for _, to_tick in spans:
        track, instrument = song.tracks[index], instrument_at(before, to_tick)
        has_more = bool(len(track.notes)) and int(track.notes.start_tick[-1]) >= to_tick
        is_covered = any(from_tick < to_tick < end_tick for from_tick, end_tick in spans)
        if has_more and not is_covered and instrument_at(track, to_tick) != instrument:
            song = song_edits.add_events(song, index, [Event(to_tick, message) for message in instrument.messages()])
    return _with_program_at_the_start(song, index)


def _with_program_at_the_start(song: Song, index: int) -> Song:
    track = song.tracks[index]
    early = [event for event in track.events if is_of_instrument(event.data) and event.tick <= _first_note_tick(track)]
    if not any(event.data[0] & 0xF0 == midi.PROGRAM for event in early):
        return song
    instrument = instrument_after((event.data for event in early), Instrument(track.program))
    kept = tuple(event for event in track.events if not any(event is other for other in early))
    return choose_instrument(song.with_track(index, replace(track, events=kept)), index, instrument)


def _is_first_bank(track: Track, event: Event) -> bool:
    """Whether an event chooses the bank of the first program, given that none stands before it."""
    return event.data[0] & 0xF0 == midi.CONTROL and event.tick <= _first_note_tick(track)


def _first_note_tick(track: Track) -> int:
    return int(track.notes.start_tick[0]) if len(track.notes) else 0
