"""Clicks on the beats of the meter."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from musicassist.score.song import DRUM_CHANNEL
from musicassist.score.timing import TimeMap
from musicassist.sound.schedule import NOTE_OFF, NOTE_ON, Message

BAR_PITCH, BEAT_PITCH = 76, 77  # General MIDI: high and low wood block
BAR_VELOCITY, BEAT_VELOCITY = 115, 80
CLICK_SECONDS = 0.04
SHORTEST_BAR_SECONDS = 0.05  # LIMIT: a file may ask for a million beats a second


def beats_from(time_map: TimeMap, tick: int) -> Iterator[tuple[float, bool]]:
    """Ticks of the beats from the bar that holds ``tick`` on, each with whether a bar begins there. Endless.

    Where bars are shorter than can be told apart, most are passed over.
    """
    bar = time_map.bar_at(tick)
    while True:
        start, end = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
        beat_ticks = time_map.beat_ticks_at(start)
        for beat in range(time_map.meter_at(start).numerator):
            if beat * beat_ticks < end - start:
                yield start + beat * beat_ticks, beat == 0
        soon_tick = time_map.seconds_to_tick(time_map.tick_to_seconds(start) + SHORTEST_BAR_SECONDS)
        bar = max(bar + 1, time_map.bar_at(soon_tick))


def clicks_between(time_map: TimeMap, from_seconds: float, to_seconds: float) -> list[tuple[float, Message]]:
    """The beginnings and ends of clicks that lie in [from_seconds, to_seconds), in order of time."""
    events: list[tuple[float, Message]] = []
    first_tick = time_map.seconds_to_tick(max(0.0, from_seconds - CLICK_SECONDS))
    for tick, is_bar in beats_from(time_map, int(first_tick)):
        seconds = time_map.tick_to_seconds(tick)
        if seconds >= to_seconds:
            break
        events += _click(seconds, is_bar=is_bar)
    return sorted(event for event in events if from_seconds <= event[0] < to_seconds)


def count_in(time_map: TimeMap, start_tick: int, bars: int) -> tuple[float, list[tuple[float, Message]]]:
    """How long a count-in before a place lasts, and its clicks, each with its seconds from that place, below 0.

    The meter and the tempo of that place hold all through it, also where they begin there or the song does.
    """
    beats_a_bar, beat_ticks = time_map.meter_at(start_tick).numerator, time_map.beat_ticks_at(start_tick)
    seconds_per_tick = 60 / time_map.tempo_bpm_at(start_tick) / time_map.ticks_per_beat
    _, offset_ticks = time_map.bar_and_offset_ticks(start_tick)
    next_beat, beats = ceil(offset_ticks / beat_ticks), bars * beats_a_bar
    clicks: list[tuple[float, Message]] = []
    for beat in range(next_beat - beats, next_beat):
        seconds = (beat * beat_ticks - offset_ticks) * seconds_per_tick
        clicks += _click(seconds, is_bar=beat % beats_a_bar == 0)
    return beats * beat_ticks * seconds_per_tick, clicks


def _click(seconds: float, *, is_bar: bool) -> Iterator[tuple[float, Message]]:
    """The beginning and the end of one click."""
    pitch, velocity = (BAR_PITCH, BAR_VELOCITY) if is_bar else (BEAT_PITCH, BEAT_VELOCITY)
    yield seconds, (NOTE_ON | DRUM_CHANNEL, pitch, velocity)
    yield seconds + CLICK_SECONDS, (NOTE_OFF | DRUM_CHANNEL, pitch, 64)
