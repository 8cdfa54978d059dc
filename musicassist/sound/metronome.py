"""What keeps time beside the song: clicks for people, and MIDI clock for drum machines that play along.

Clicks lie on the notes of the meter; in 6/8 and the like, those between the counted beats are softer. The clock is
pulses, and the place to start from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from musicassist.score import midi_bytes as midi
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.sound.synth import CLOCK_SOURCE, Synth

BAR_PITCH, BEAT_PITCH = 76, 77  # General MIDI: high and low wood block
BAR_VELOCITY, BEAT_VELOCITY, BETWEEN_VELOCITY = 115, 80, 45
CLICK_SECONDS = 0.04
MIN_BAR_SECONDS = 0.05  # LIMIT: a file may ask for a million beats a second
# Source: MIDI 1.0 Detailed Specification, "System Real Time Messages" and "Song Position Pointer".
SONG_POSITION, PULSE, START, CONTINUE, STOP = 0xF2, 0xF8, 0xFA, 0xFB, 0xFC
PULSES_PER_BEAT = 24
PULSES_PER_POSITION = 6  # the song position counts sixteenths
MAX_POSITION = 0x3FFF  # LIMIT: of 14 bits, 1024 bars of 4/4
LEAD_SECONDS = 0.002  # the specification gives a follower at least a millisecond before its first pulse
MIN_PULSE_SECONDS = 0.001  # LIMIT: 2500 beats a minute; a MIDI cable carries three bytes in that time
_EDGE_SECONDS = 1e-6  # pulses lie on the edges of stretches; those of the queue lie beside them


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
    next_beat, beats = math.ceil(offset_ticks / beat_ticks), bars * meter.numerator
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
    yield seconds, (midi.NOTE_ON | midi.DRUM_CHANNEL, pitch, velocity)
    yield seconds + CLICK_SECONDS, (midi.NOTE_OFF | midi.DRUM_CHANNEL, pitch, 64)


@dataclass(frozen=True)
class Stretch:
    """A stretch of the song as it is played once: which second of the song sounds at which second of the synth.

    It keeps the time map that the song had then: what is heard was queued before an edit of the tempo, perhaps.
    """

    at_seconds: float
    song_seconds: float
    time_map: TimeMap

    def song_at(self, seconds: float) -> float:
        """The song's second at the synth's second."""
        return self.song_seconds + seconds - self.at_seconds

    def tick_at(self, seconds: float) -> float:
        """The place at the synth's second; before the stretch begins, where it will."""
        return self.time_map.seconds_to_tick(max(self.song_seconds, self.song_at(seconds)))

    def ticks_per_second_at(self, seconds: float) -> float:
        """How fast the song moves at the synth's second."""
        return self.time_map.tempo_bpm_at(self.tick_at(seconds)) / 60 * self.time_map.ticks_per_beat

    def synth_at(self, song_seconds: float) -> float:
        """The synth's second at the song's second."""
        return self.at_seconds + song_seconds - self.song_seconds


def song_position(pulse: int) -> midi.Message:
    """The message that puts a follower to the sixteenth that begins with ``pulse``."""
    position = min(pulse // PULSES_PER_POSITION, MAX_POSITION)
    return SONG_POSITION, position & 0x7F, position >> 7


class MidiClock:
    """Queues the clock beside the notes of a playback, in its thread.

    It remembers until which second of the synth pulses are queued. So an edit that changes neither tempo nor place
    leaves them alone, and no pulse is lost or doubled; whatever moves the place puts the followers there anew.
    """

    def __init__(self) -> None:
        self._queued_seconds = -math.inf
        self._is_running = False

    def begin(self, synth: Synth, time_map: TimeMap, stretch: Stretch) -> None:
        """Puts the followers to the first sixteenth of a stretch, unless what is queued already does."""
        if not synth.takes_clock or stretch.at_seconds < self._queued_seconds - _EDGE_SECONDS:
            return
        first = _pulse_at_or_after(time_map, stretch.song_seconds)
        pulse = math.ceil(first / PULSES_PER_POSITION) * PULSES_PER_POSITION
        at_seconds = stretch.synth_at(_pulse_seconds(time_map, pulse)) - LEAD_SECONDS
        start = [(START, 0, 0)] if pulse == 0 else [song_position(pulse), (CONTINUE, 0, 0)]
        synth.schedule([(at_seconds, message) for message in start], CLOCK_SOURCE)
        self._queued_seconds = stretch.at_seconds
        self._is_running = True

    def fill(
        self, synth: Synth, time_map: TimeMap, stretch: Stretch, until_song_seconds: float, loop_end: float | None
    ) -> None:
        """Queues the pulses of a stretch up to a second of the song; ``loop_end`` is where the stretch goes back."""
        if not self._is_running:
            return
        until_seconds = stretch.synth_at(until_song_seconds)
        last_seconds = until_song_seconds
        if loop_end is not None:  # a pulse between the new place and the way there would be taken for its first
            last_seconds = min(last_seconds, loop_end - LEAD_SECONDS)
        first = stretch.song_at(max(self._queued_seconds, stretch.at_seconds)) - _EDGE_SECONDS
        pulse = _pulse_at_or_after(time_map, first)
        events: list[tuple[float, midi.Message]] = []
        while (seconds := _pulse_seconds(time_map, pulse)) < last_seconds - _EDGE_SECONDS:
            events.append((stretch.synth_at(seconds), (PULSE, 0, 0)))
            pulse = max(pulse + 1, _pulse_at_or_after(time_map, seconds + MIN_PULSE_SECONDS))
        synth.schedule(events, CLOCK_SOURCE)
        self._queued_seconds = max(self._queued_seconds, until_seconds)

    def cut(self, synth: Synth) -> None:
        """Forgets the pulses to come, for tempo or place change."""
        synth.remove(CLOCK_SOURCE)
        self._queued_seconds = -math.inf

    def stop(self, synth: Synth) -> None:
        """Stops the followers; nothing happens if they stand."""
        if self._is_running:
            self.cut(synth)
            synth.send((STOP, 0, 0))
            self._is_running = False

    def point(self, synth: Synth, time_map: TimeMap, tick: float) -> None:
        """Tells followers that stand where the playhead is now."""
        if synth.takes_clock:
            synth.send(song_position(math.ceil(_pulses(time_map, tick) / PULSES_PER_POSITION) * PULSES_PER_POSITION))


def _pulses(time_map: TimeMap, tick: float) -> float:
    return tick * PULSES_PER_BEAT / time_map.ticks_per_beat - 1e-6  # a tick from seconds is not quite whole


def _pulse_at_or_after(time_map: TimeMap, song_seconds: float) -> int:
    return max(0, math.ceil(_pulses(time_map, time_map.seconds_to_tick(max(0.0, song_seconds)))))


def _pulse_seconds(time_map: TimeMap, pulse: int) -> float:
    return time_map.tick_to_seconds(pulse * time_map.ticks_per_beat / PULSES_PER_BEAT)
