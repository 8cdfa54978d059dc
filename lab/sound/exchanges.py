"""Calls from a keyboard and the answers, as foreign programs heard both, against the bar lines of MIDI clock."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lab.sound.hits import Seconds
from lab.sound.jack_system import JACK_SAMPLE_RATE, Heard
from musicassist.score.midi_bytes import NOTE_ON, parts_of
from musicassist.sound.metronome import CONTINUE, PULSE, PULSES_PER_BEAT, PULSES_PER_POSITION, SONG_POSITION, START

BEATS_PER_BAR = 4
LENGTH_BEATS = 0.8  # of a key
_FOLLOWED_SHARE = 0.1  # of how much a pulse is off, for drift
_THRU_SECONDS = 0.03  # LIMIT: a key that is passed on is heard within it


@dataclass(frozen=True)
class Stroke:
    """A key of the foreign keyboard: where it goes down, in beats from the first one, for how long, and which."""

    at_beats: float
    length_beats: float
    pitch: int


@dataclass(frozen=True)
class Call:
    """Some bars of playing, and where they begin in beats from the first key."""

    at_beats: float
    bars: int

    def strokes(self) -> Iterator[Stroke]:
        """Quarter notes up and down a scale, the last one short of the bar's end."""
        for beat in range(self.bars * BEATS_PER_BAR):
            yield Stroke(self.at_beats + beat, LENGTH_BEATS, (60, 62, 64, 65, 67, 65, 64, 62)[beat % 8])


def calls_of(bars: Sequence[int], shifts_beats: Sequence[float]) -> list[Call]:
    """Calls of so many bars, each begun off the bar line by a shift, with room between for rest and answer."""
    calls, bar = [], 0
    for length, shift_beats in zip(bars, shifts_beats, strict=True):
        calls.append(Call(bar * BEATS_PER_BAR + shift_beats, length))
        bar += 2 * length + 2  # the call; at most two bars to the line after the rest; the answer
    return calls


def keyboard_command(name: str, strokes: Sequence[Stroke], tempo_bpm: float, before_seconds: float) -> tuple[str, ...]:
    """What makes ``jack_midiseq`` play them once, some seconds after it is started."""
    beat_frames = JACK_SAMPLE_RATE * 60 / tempo_bpm
    before_frames = round(before_seconds * JACK_SAMPLE_RATE)
    rows = [
        (before_frames + round(s.at_beats * beat_frames), s.pitch, round(s.length_beats * beat_frames)) for s in strokes
    ]
    once_frames = 10 * (rows[-1][0] + rows[-1][2])
    return "jack_midiseq", name, str(once_frames), *(str(value) for row in rows for value in row)


def beat_seconds(heard: Sequence[Heard], tempo_bpm: float) -> dict[int, float]:
    """When each beat of the song came, by MIDI clock, as a drum machine hears it.

    Pulses are numbered by their times: a busy JACK loses some, and leaves out periods, so that its frames drift.
    """
    pulse_seconds = 60 / tempo_bpm / PULSES_PER_BEAT
    beats: dict[int, float] = {}
    place, begun_seconds = 0, math.nan  # the pulse that is due, and when the song's first one came or would have come
    for seconds, data in heard:
        if data[0] == SONG_POSITION:
            place = (data[1] | data[2] << 7) * PULSES_PER_POSITION
        elif data[0] in (START, CONTINUE):
            place, begun_seconds = 0 if data[0] == START else place, math.inf
        elif data[0] == PULSE and not math.isnan(begun_seconds):
            if math.isinf(begun_seconds):
                begun_seconds = seconds - place * pulse_seconds
            number = round((seconds - begun_seconds) / pulse_seconds)
            begun_seconds += (seconds - begun_seconds - number * pulse_seconds) * _FOLLOWED_SHARE
            if number % PULSES_PER_BEAT == 0:
                beats.setdefault(number // PULSES_PER_BEAT, seconds)
    return beats


@dataclass(frozen=True)
class Answers:
    """How the calls were answered.

    Attributes:
        calls: How many there were.
        misplaced: Notes that the program played by itself between a call's first key and the bar line of its answer.
        errors: How much later than its bar line the first note after each call came, in seconds.
    """

    calls: int
    misplaced: int
    errors: Seconds


def answers_of(heard: Sequence[Heard], calls: Sequence[Call], tempo_bpm: float) -> Answers:
    """Looks for each call's answer on the first bar line half a bar after its last key went up.

    Args:
        heard: What the program sent: the keys passed on, the first of them first, its own notes, and MIDI clock.
        calls: What was played.
        tempo_bpm: How fast, and the song's tempo.
    """
    beat = 60 / tempo_bpm
    struck = [(seconds, data[1]) for seconds, data in heard if is_stroke(data)]
    strokes = [stroke for call in calls for stroke in call.strokes()]
    keys = [(struck[0][0] + (s.at_beats - strokes[0].at_beats) * beat, s.pitch) for s in strokes]
    own = np.array([seconds for seconds, pitch in struck if not _is_passed_on(seconds, pitch, keys)])
    bars = np.array(
        [seconds for number, seconds in beat_seconds(heard, tempo_bpm).items() if number % BEATS_PER_BAR == 0]
    )
    errors, misplaced = [], 0
    for call in calls:
        first = keys[strokes.index(next(call.strokes()))][0]
        released = first + (call.bars * BEATS_PER_BAR - 1 + LENGTH_BEATS) * beat
        due = bars[np.searchsorted(bars, released + BEATS_PER_BAR / 2 * beat)]
        after = own[own > first]
        errors += [float(after[0] - due)] if len(after) else []
        misplaced += int((after < due - _THRU_SECONDS).sum())
    return Answers(len(calls), misplaced, np.array(errors))


def is_stroke(data: bytes, channel: int | None = None) -> bool:
    """Whether a message strikes a key, on any channel or on that one."""
    return parts_of(data)[0] == NOTE_ON and channel in (None, data[0] & 0x0F)


def _is_passed_on(seconds: float, pitch: int, keys: Sequence[tuple[float, int]]) -> bool:
    return any(abs(seconds - struck) < _THRU_SECONDS and pitch == key for struck, key in keys)


def chord_seconds(heard: Sequence[Heard], channel: int) -> Seconds:
    """When chords began on a channel: strokes less than a tenth of a second apart are one."""
    strokes = [seconds for seconds, data in heard if is_stroke(data, channel)]
    first = strokes[:1] + [after for before, after in pairwise(strokes) if after - before > 0.1]
    return np.array(first)
