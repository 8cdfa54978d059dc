"""Clicks on the beats of the meter."""

from __future__ import annotations

from collections.abc import Iterator

from musicassist.score.song import DRUM_CHANNEL
from musicassist.score.timing import TimeMap
from musicassist.sound.schedule import NOTE_OFF, NOTE_ON, Message

BAR_PITCH, BEAT_PITCH = 76, 77  # General MIDI: high and low wood block
BAR_VELOCITY, BEAT_VELOCITY = 115, 80
CLICK_SECONDS = 0.04


def beats_from(time_map: TimeMap, tick: int) -> Iterator[tuple[int, bool]]:
    """Ticks of the beats from the bar that holds ``tick`` on, each with whether a bar begins there. Endless."""
    bar = time_map.bar_at(tick)
    while True:
        start, end = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
        beat_ticks = max(1, time_map.ticks_per_beat * 4 // time_map.meter_at(start).denominator)
        for beat_tick in range(start, end, beat_ticks):
            yield beat_tick, beat_tick == start
        bar += 1


def clicks_between(time_map: TimeMap, from_seconds: float, to_seconds: float) -> list[tuple[float, Message]]:
    """The beginnings and ends of clicks that lie in [from_seconds, to_seconds), in order of time."""
    events: list[tuple[float, Message]] = []
    first_tick = time_map.seconds_to_tick(max(0.0, from_seconds - CLICK_SECONDS))
    for tick, is_bar in beats_from(time_map, int(first_tick)):
        seconds = time_map.tick_to_seconds(tick)
        if seconds >= to_seconds:
            break
        pitch, velocity = (BAR_PITCH, BAR_VELOCITY) if is_bar else (BEAT_PITCH, BEAT_VELOCITY)
        events.append((seconds, (NOTE_ON | DRUM_CHANNEL, pitch, velocity)))
        events.append((seconds + CLICK_SECONDS, (NOTE_OFF | DRUM_CHANNEL, pitch, 64)))
    return sorted(event for event in events if from_seconds <= event[0] < to_seconds)


def count_in(time_map: TimeMap, start_tick: int, bars: int) -> tuple[float, list[tuple[float, Message]]]:
    """How long a count-in before a place lasts, and its clicks, each with its seconds from that place, below 0.

    The meter and the tempo of that place hold all through it, also where they begin there or the song does.
    """
    meter, ticks_per_beat = time_map.meter_at(start_tick), time_map.ticks_per_beat
    beat_ticks = max(1, ticks_per_beat * 4 // meter.denominator)
    seconds_per_tick = 60 / time_map.tempo_bpm_at(start_tick) / ticks_per_beat
    first_tick = start_tick - bars * meter.bar_ticks(ticks_per_beat)
    bar_tick = time_map.bar_start_tick(time_map.bar_at(start_tick))
    first_beat = -(-(first_tick - bar_tick) // beat_ticks)
    last_beat = -(-(start_tick - bar_tick) // beat_ticks)
    clicks: list[tuple[float, Message]] = []
    for beat in range(first_beat, last_beat):
        seconds = (bar_tick + beat * beat_ticks - start_tick) * seconds_per_tick
        pitch, velocity = (BAR_PITCH, BAR_VELOCITY) if beat % meter.numerator == 0 else (BEAT_PITCH, BEAT_VELOCITY)
        clicks.append((seconds, (NOTE_ON | DRUM_CHANNEL, pitch, velocity)))
        clicks.append((seconds + CLICK_SECONDS, (NOTE_OFF | DRUM_CHANNEL, pitch, 64)))
    return (start_tick - first_tick) * seconds_per_tick, clicks
