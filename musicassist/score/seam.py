"""What stands wrong where new notes begin, as a volume faded out or a bend left behind, and what puts it right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score import midi_bytes as midi
from musicassist.score.meant_times import meant_between
from musicassist.score.song import Event, Notes, Song, Track
from musicassist.score.timing import TempoChange, spoken_bpm

_CENTRE, _PORT = 8192, b"\xff\x21"
_FADED_SHARE = 0.7  # LIMIT: of a level, 6 dB softer (General MIDI squares it); less is a diminuendo
_LEFT_STEPS = 24  # LIMIT: a modulation or pressure as much above that of the phrase was left behind
_BENT_STEPS = 160  # LIMIT: of 8192, 4 cents where a bend reaches a whole tone
_DOWN = 64  # a pedal is down from here on
_LEVEL_PERCENTILE = 75  # a phrase that fades was once as loud as its louder notes
_TEMPO_SHARE = 0.08  # LIMIT: a tempo as far off that of the phrase as a ritardando takes it
_TEMPO_BARS, _HELD_BARS = 8, 2  # LIMIT: bars whose tempo is the phrase's; a tempo that held longer was meant
_DEFAULTS = {"volume": 100, "expression": 127, "bend": _CENTRE}  # the others are 0; as General MIDI says
_CONTROLS = {"volume": 7, "expression": 11, "modulation": 1, "pedal": 64, "sostenuto": 66, "soft": 67}
_PEDALS = ("pedal", "sostenuto", "soft")
_KINDS = (*_CONTROLS, "bend", "pressure")
Ints = NDArray[np.int64]
# What is said of each, with its value; the window translates it.
FACT_WORDS = {
    "volume": QT_TRANSLATE_NOOP("Takes", "volume back to {value:g}"),
    "expression": QT_TRANSLATE_NOOP("Takes", "expression back to {value:g}"),
    "modulation": QT_TRANSLATE_NOOP("Takes", "modulation back to {value:g}"),
    "pressure": QT_TRANSLATE_NOOP("Takes", "aftertouch back to {value:g}"),
    "pedal": QT_TRANSLATE_NOOP("Takes", "pedal released"),
    "sostenuto": QT_TRANSLATE_NOOP("Takes", "sostenuto pedal released"),
    "soft": QT_TRANSLATE_NOOP("Takes", "soft pedal released"),
    "bend": QT_TRANSLATE_NOOP("Takes", "pitch bend released"),
    "tempo": QT_TRANSLATE_NOOP("Takes", "tempo back to {value:g}"),
}


@dataclass(frozen=True)
class Amends:
    """What puts things right for new notes.

    Attributes:
        events: Messages for the track of the notes, in tick order; each comes after what stands at its tick.
        tempo_changes: New tempos.
        facts: What is put right and to which value: a name (``volume``, ``expression``, ``modulation``, ``pedal``,
            ``sostenuto``, ``soft``, ``bend``, ``pressure``, ``tempo``) with a controller's value or a tempo in bpm.
    """

    events: tuple[Event, ...] = ()
    tempo_changes: tuple[TempoChange, ...] = ()
    facts: tuple[tuple[str, float], ...] = ()


NO_AMENDS = Amends()


def amends_words(amends: Amends) -> tuple[str, ...]:
    """What is put right, in words."""
    return tuple(FACT_WORDS[kind].format(value=value) for kind, value in amends.facts)


def with_amends(song: Song, track_index: int, amends: Amends) -> Song:
    """The song with what puts things right in it."""
    if amends.events:
        track = song.tracks[track_index]
        merged = sorted((*track.events, *amends.events), key=lambda event: event.tick)
        song = song.with_track(track_index, replace(track, events=tuple(merged)))
    if amends.tempo_changes:
        ticks = {change.tick for change in amends.tempo_changes}
        kept = (change for change in song.tempo_changes if change.tick not in ticks)
        merged_tempos = sorted((*kept, *amends.tempo_changes), key=lambda change: change.tick)
        song = replace(song, tempo_changes=tuple(merged_tempos))
    return song


def amends_for(song: Song, track_index: int, seed: Notes, new: Notes, from_tick: int, to_tick: int) -> Amends:
    """What puts the channel of a track and the tempo right for new notes.

    Right is what the notes heard that stood there, else what the phrase heard that is gone on from. Where the song goes
    on after the new notes, it finds things as it left them.

    Args:
        song: The song without the new notes.
        track_index: The track that gets them; one that is not there yet needs nothing.
        seed: The notes that are gone on from.
        new: The new notes.
        from_tick: Where their span begins.
        to_tick: Where it ends.
    """
    if not len(new) or not 0 <= track_index < len(song.tracks):
        return NO_AMENDS
    track = song.tracks[track_index]
    stood = track.notes.where(meant_between(track.notes, song.time_map, from_tick, to_tick))
    heard = stood if len(stood) else seed
    if not len(heard):
        return NO_AMENDS
    place = _Place(song, track, int(new.start_tick[0]), to_tick, is_free=not len(stood))
    events: list[Event] = []
    facts: list[tuple[str, float]] = []
    for kind, steps in _steps_of(song, track).items():
        right = _right_value(kind, steps.at(heard.start_tick))
        ticks = list(place.wrong_ticks(steps, kind, right))
        if ticks:
            events += [Event(tick, _message(kind, track.channel, right)) for tick in ticks]
            events += place.restored(steps, kind, right)
            facts.append((kind, 0 if kind == "bend" else right))
    tempos = _tempo_amends(song, track_index, seed, place) if len(seed) else ()
    if tempos:
        facts.append(("tempo", round(spoken_bpm(tempos[0].tempo_bpm), 1)))
    return Amends(tuple(sorted(events, key=lambda event: event.tick)), tempos, tuple(facts))


# the state of a channel


@dataclass(frozen=True, eq=False)
class _Steps:
    """The values of one kind over time; each holds from its tick on."""

    tick: Ints
    value: Ints

    def at(self, ticks: Ints) -> Ints:
        """The value at each tick, with what stands there."""
        return np.asarray(self.value[np.searchsorted(self.tick, ticks, side="right") - 1])


def _steps_of(song: Song, track: Track) -> dict[str, _Steps]:
    """The kinds that anything sets on the channel of a track, from whichever track."""
    port = _port_of(track)
    sharing = [t for t in song.tracks if t.channel == track.channel and _port_of(t) == port]
    rows: dict[str, list[tuple[int, int]]] = {}
    events = sorted((event for t in sharing for event in t.events), key=lambda event: (event.tick, event.place))
    for event in events:
        for kind, value in _settings(event.data, track.channel):
            rows.setdefault(kind, [(-1, _DEFAULTS.get(kind, 0))]).append((event.tick, value))
    return {
        kind: _Steps(*(np.array(column, dtype=np.int64) for column in zip(*rows[kind], strict=True)))
        for kind in _KINDS
        if kind in rows
    }


def _port_of(track: Track) -> tuple[str | None, bytes]:
    named = (event.data for event in track.events if event.data[:2] == _PORT)
    return track.output_port, next(named, b"")


def _settings(data: bytes, channel: int) -> Iterator[tuple[str, int]]:
    """What a message sets."""
    if not data or data[0] & 0x0F != channel:
        return
    status = data[0] & 0xF0
    if status == midi.CONTROL and len(data) == 3 and data[1] == midi.RESET_CONTROLLERS:
        yield from ((kind, _DEFAULTS.get(kind, 0)) for kind in _KINDS if kind != "volume")
    elif status == midi.CONTROL and len(data) == 3:
        yield from ((kind, data[2]) for kind, number in _CONTROLS.items() if number == data[1])
    elif status == midi.CHANNEL_PRESSURE and len(data) == 2:
        yield "pressure", data[1]
    elif status == midi.BEND and len(data) == 3:
        yield "bend", data[1] | data[2] << 7


def _message(kind: str, channel: int, value: int) -> bytes:
    if kind == "bend":
        return bytes([midi.BEND | channel, value & 0x7F, value >> 7])
    if kind == "pressure":
        return bytes([midi.CHANNEL_PRESSURE | channel, value])
    return bytes([midi.CONTROL | channel, _CONTROLS[kind], value])


def _right_value(kind: str, heard: Ints) -> int:
    """What new notes should hear, from what others heard."""
    if kind in _PEDALS:
        return 0
    if kind in ("volume", "expression"):
        return int(np.percentile(heard, _LEVEL_PERCENTILE, method="lower")) or _DEFAULTS[kind]
    middle = int(np.median(heard))
    return _CENTRE if kind == "bend" and abs(middle - _CENTRE) <= _BENT_STEPS else middle


def _is_wrong(kind: str, right: int) -> Callable[[int], bool]:
    if kind in _PEDALS:
        return lambda value: value >= _DOWN
    if kind in ("volume", "expression"):
        return lambda value: value < right * _FADED_SHARE
    if kind == "bend":
        return lambda value: abs(value - right) > _BENT_STEPS
    return lambda value: value > right + _LEFT_STEPS


@dataclass(frozen=True, eq=False)
class _Place:
    """Where new notes come.

    Attributes:
        song: The song without them.
        track: Their track.
        tick: Where the first begins.
        to_tick: Where their span ends.
        is_free: Whether nothing stood there.
    """

    song: Song
    track: Track
    tick: int
    to_tick: int
    is_free: bool

    def wrong_ticks(self, steps: _Steps, kind: str, right: int) -> Iterator[int]:
        """Where a value must be put right: at the first note and, where nothing stood, after each wrong one later."""
        is_wrong = _is_wrong(kind, right)
        later = (steps.tick > self.tick) & (steps.tick < self.to_tick)
        is_let_go = kind in _PEDALS and self._is_let_go_soon(steps)
        if is_wrong(int(steps.at(np.array([self.tick]))[0])) and not is_let_go:
            yield self.tick
        if self.is_free and kind not in _PEDALS:
            ticks = dict.fromkeys(steps.tick[later].tolist())
            yield from (tick for tick in ticks if is_wrong(int(steps.at(np.array([tick]))[0])))

    def _is_let_go_soon(self, steps: _Steps) -> bool:
        """A pedal that goes up within a bar is part of the playing."""
        bar_ticks = self.song.time_map.bar_ticks_at(self.tick)
        soon = (steps.tick > self.tick) & (steps.tick <= self.tick + bar_ticks)
        return bool((steps.value[soon] < _DOWN).any())

    def restored(self, steps: _Steps, kind: str, right: int) -> list[Event]:
        """What brings the song's own value back for what it plays on the channel behind the span."""
        own = int(steps.at(np.array([self.to_tick]))[0])
        is_set_there = bool((steps.tick == self.to_tick).any())
        if own == right or is_set_there or not self._goes_on:
            return []
        return [Event(self.to_tick, _message(kind, self.track.channel, own))]

    @property
    def _goes_on(self) -> bool:
        return any(
            len(track.notes) and int(track.notes.start_tick[-1]) >= self.to_tick
            for track in self.song.tracks
            if track.channel == self.track.channel
        )


# the tempo


def _tempo_amends(song: Song, track_index: int, seed: Notes, place: _Place) -> tuple[TempoChange, ...]:
    """Back to the tempo of the phrase, where the song ends with another that only its last bars have."""
    time_map = song.time_map
    others = (track for i, track in enumerate(song.tracks) if i != track_index)
    plays_on = any(len(track.notes) and int(track.notes.start_tick[-1]) >= place.tick for track in others)
    if plays_on or not place.is_free or len(song.tempo_changes) < 2:
        return ()
    last_bar = time_map.bar_at(max(0, int(seed.start_tick[-1])))
    first_tick = max(int(seed.start_tick[0]), time_map.bar_start_tick(max(0, last_bar - _TEMPO_BARS + 1)))
    samples = np.arange(first_tick, max(first_tick + 1, place.tick), max(1, song.ticks_per_beat // 4))
    right = float(np.median([time_map.tempo_bpm_at(tick) for tick in samples.tolist()]))
    now = time_map.tempo_bpm_at(place.tick)
    began = max((change.tick for change in song.tempo_changes if change.tick <= place.tick), default=0)
    held_bars = time_map.bar_at(place.tick) - time_map.bar_at(began)
    if abs(now / right - 1) <= _TEMPO_SHARE or held_bars > _HELD_BARS:
        return ()
    micros = round(60e6 / right)
    later = {change.tick for change in song.tempo_changes if place.tick < change.tick < place.to_tick}
    return tuple(TempoChange(tick, micros) for tick in sorted({place.tick, *later}))
