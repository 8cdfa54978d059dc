"""Clicks on the notes of the meter; in 6/8 and the like, those between the counted beats are softer."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from musicassist.score.song import DRUM_CHANNEL
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.sound import midi_bytes as midi

BAR_PITCH, BEAT_PITCH = 76, 77  # General MIDI: high and low wood block
BAR_VELOCITY, BEAT_VELOCITY, BETWEEN_VELOCITY = 115, 80, 45
CLICK_SECONDS = 0.04
MIN_BAR_SECONDS = 0.05  # LIMIT: a file may ask for a million beats a second


def beats_from(time_map: TimeMap, tick: int) -> Iterator[tuple[float, int]]:
    """Ticks of the meter's notes from the bar that holds ``tick`` on, each with how loud it clicks. Endless.

    Where bars are shorter than can be told apart, most are passed over.
    """
    bar = time_map.bar_at(tick)
    while True:
        start, end = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
        beat_ticks = time_map.beat_ticks_at(start)
        meter = time_map.meter_at(start)
        for beat in range(meter.numerator):
            if beat * beat_ticks < end - start:
                yield start + beat * beat_ticks, _velocity(meter, beat)
        soon_tick = time_map.seconds_to_tick(time_map.tick_to_seconds(start) + MIN_BAR_SECONDS)
        bar = max(bar + 1, time_map.bar_at(soon_tick))


def clicks_between(time_map: TimeMap, from_seconds: float, to_seconds: float) -> list[tuple[float, midi.Message]]:
    """The beginnings and ends of clicks that lie in [from_seconds, to_seconds), in order of time."""
    events: list[tuple[float, midi.Message]] = []
    first_tick = time_map.seconds_to_tick(max(0.0, from_seconds - CLICK_SECONDS))
    for tick, velocity in beats_from(time_map, int(first_tick)):
        seconds = time_map.tick_to_seconds(tick)
        if seconds >= to_seconds:
            break
        events += _click(seconds, velocity)
    return sorted(event for event in events if from_seconds <= event[0] < to_seconds)


def count_in(time_map: TimeMap, start_tick: int, bars: int) -> tuple[float, list[tuple[float, midi.Message]]]:
    """How long a count-in before a place lasts, and its clicks, each with its seconds from that place, below 0.

    The meter and the tempo of that place hold all through it, also where they begin there or the song does.
    """
    meter, beat_ticks = time_map.meter_at(start_tick), time_map.beat_ticks_at(start_tick)
    seconds_per_tick = 60 / time_map.tempo_bpm_at(start_tick) / time_map.ticks_per_beat
    _, offset_ticks = time_map.bar_and_offset_ticks(start_tick)
    next_beat, beats = ceil(offset_ticks / beat_ticks), bars * meter.numerator
    clicks: list[tuple[float, midi.Message]] = []
    for beat in range(next_beat - beats, next_beat):
        seconds = (beat * beat_ticks - offset_ticks) * seconds_per_tick
        clicks += _click(seconds, _velocity(meter, beat % meter.numerator))
    return beats * beat_ticks * seconds_per_tick, clicks


def _velocity(meter: MeterChange, beat: int) -> int:
    """How loud a note of the meter, counted in its bar from 0, clicks."""
    is_between = meter.is_compound and beat % 3 > 0
    return BAR_VELOCITY if beat == 0 else BETWEEN_VELOCITY if is_between else BEAT_VELOCITY


def _click(seconds: float, velocity: int) -> Iterator[tuple[float, midi.Message]]:
    """The beginning and the end of one click."""
    pitch = BAR_PITCH if velocity == BAR_VELOCITY else BEAT_PITCH
    yield seconds, (midi.NOTE_ON | DRUM_CHANNEL, pitch, velocity)
    yield seconds + CLICK_SECONDS, (midi.NOTE_OFF | DRUM_CHANNEL, pitch, 64)
