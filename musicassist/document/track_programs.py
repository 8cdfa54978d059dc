"""Which instrument a track has where: its programs with their banks, and what playing them in does to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from musicassist.document.shared_channels import heard_track, leave_shared_channel
from musicassist.document.track_edits import add_events, set_program
from musicassist.score.song import NO_BANK, Bank, Event, Song, Track

_CONTROL, _PROGRAM = 0xB0, 0xC0
_BANKS = (0, 32)


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
        banks = ((number, value) for number, value in zip(_BANKS, self.bank, strict=True) if value is not None)
        return [*(bytes((_CONTROL, number, value)) for number, value in banks), bytes((_PROGRAM, self.program))]


def is_of_instrument(message: bytes) -> bool:
    """Whether a channel message is a program or chooses a bank."""
    if len(message) < 2:
        return False
    return message[0] & 0xF0 == _PROGRAM or (message[0] & 0xF0 == _CONTROL and message[1] in _BANKS)


def instrument_after(messages: Iterable[bytes], before: Instrument) -> Instrument:
    """The instrument after some messages; a bank counts only with the program behind it."""
    instrument, banks = before, list(before.bank)
    for message in messages:
        if not is_of_instrument(message):
            continue
        if message[0] & 0xF0 == _PROGRAM:
            instrument = Instrument(message[1], (banks[0], banks[1]))
        else:
            banks[_BANKS.index(message[1])] = message[2]
    return instrument


def instrument_at(track: Track, tick: float) -> Instrument:
    """The instrument that a track has at a place, what stands on it included, by its own events."""
    rows = [event for event in track.events if is_of_instrument(event.data)]
    lead = (event.data for event in takewhile(lambda event: _is_first_bank(track, event), rows))
    first = instrument_after([*lead, bytes((_PROGRAM, track.program))], Instrument(track.program))
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
    song = set_program(leave_shared_channel(song, index), index, instrument.program)
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
            song = add_events(song, index, [Event(to_tick, message) for message in instrument.messages()])
    return _with_program_at_the_start(song, index)


def _with_program_at_the_start(song: Song, index: int) -> Song:
    track = song.tracks[index]
    early = [event for event in track.events if is_of_instrument(event.data) and event.tick <= _first_note_tick(track)]
    if not any(event.data[0] & 0xF0 == _PROGRAM for event in early):
        return song
    instrument = instrument_after((event.data for event in early), Instrument(track.program))
    kept = tuple(event for event in track.events if not any(event is other for other in early))
    return choose_instrument(song.with_track(index, replace(track, events=kept)), index, instrument)


def _is_first_bank(track: Track, event: Event) -> bool:
    """Whether an event chooses the bank of the first program, given that none stands before it."""
    return event.data[0] & 0xF0 == _CONTROL and event.tick <= _first_note_tick(track)


def _first_note_tick(track: Track) -> int:
    return int(track.notes.start_tick[0]) if len(track.notes) else 0
