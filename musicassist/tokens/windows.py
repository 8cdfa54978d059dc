"""Two bars of melody as numbers that are the same in every key and octave: what the latent models read and write.

A note of a window is three classes: its *place* (steps from the window's first bar line), its *pitch* above the
window's reference tonic, and its *length*. The reference is the tonic below the window's mean pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, meter_class
from musicassist.tokens.vocabulary import METERS, STEPS_PER_BEAT

WINDOW_BARS = 2
WINDOW_STEPS = 96  # LIMIT: two bars of four beats
LONGEST_BAR_STEPS = WINDOW_STEPS // WINDOW_BARS
MOST_NOTES = 32  # LIMIT: of one window
END = WINDOW_STEPS  # the place that stands for "no more notes in this window"
PLACE_CLASSES = WINDOW_STEPS + 1
LOWEST_PITCH, HIGHEST_PITCH = -24, 36  # LIMIT: semitones from the reference tonic
PITCH_CLASSES = HIGHEST_PITCH - LOWEST_PITCH + 1
LENGTH_CLASSES = WINDOW_STEPS + 1  # class = steps
OTHER_METER = 0
# a bar too long to stand beside another is read as two bars of a meter that is known
_HALVES = {"12/8": "6/8", "6/4": "3/4", "3/2": "3/4"}

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Span:
    """Where a window lies, in steps.

    Attributes:
        from_step, to_step: At most ``WINDOW_STEPS`` apart.
        meter: Row of ``METERS`` that it is read in.
    """

    from_step: int
    to_step: int
    meter: int


def spans_of(bars: TimeMap, from_step: int, to_step: int) -> tuple[Span, ...]:
    """The windows that cover some steps, from the bar line at or before the first on.

    Two bars each; one where two are too long or differ in meter, and at the end of an odd number; a bar longer than a
    window is cut.
    """
    spans: list[Span] = []
    start = bars.bar_start_tick(bars.bar_at(from_step))
    while start < to_step:
        own = bars.meter_at(start)
        middle, stop = (bars.bar_start_tick(bars.bar_at(start) + count) for count in (1, WINDOW_BARS))
        if stop - start > WINDOW_STEPS or str(bars.meter_at(middle)) != str(own):
            stop = min(middle, start + WINDOW_STEPS)
        spans.append(Span(start, min(stop, to_step), _meter_read(bars, start)))
        start = stop
    return tuple(spans)


def _meter_read(bars: TimeMap, step: int) -> int:
    """A known meter whose bars a window can hold two of, else ``OTHER_METER``."""
    own = meter_class(bars, step)
    if METERS[own] in _HALVES:
        return METERS.index(_HALVES[METERS[own]])
    return own if bars.meter_at(step).bar_ticks(STEPS_PER_BEAT) <= LONGEST_BAR_STEPS else OTHER_METER


def reference_pitch(mean_pitch: float, tonic: int) -> int:
    """The tonic at or below a mean pitch."""
    return int(np.floor((mean_pitch - tonic) / 12)) * 12 + tonic


def fields_of(melody: Melody, span: Span, reference: int) -> Ints:
    """The notes that start in a span, (n, 3): place, pitch class and length; at most ``MOST_NOTES``.

    A note that sounds over the span's end is cut, a pitch out of reach is moved by octaves.
    """
    inside = (melody.onset_step >= span.from_step) & (melody.onset_step < span.to_step)
    onset, pitch, length = (part[inside] for part in (melody.onset_step, melody.pitch, melody.duration_steps))
    cut = np.minimum(length, span.to_step - onset)
    return np.stack([onset - span.from_step, pitch_class(pitch - reference), cut], 1)[:MOST_NOTES]


def pitch_class(semitones: Ints) -> Ints:
    """Class of a pitch above the reference; those out of reach count in the nearest octave that is in reach."""
    below = np.maximum(0, -(-(LOWEST_PITCH - semitones) // 12))
    above = np.maximum(0, -(-(semitones - HIGHEST_PITCH) // 12))
    return np.asarray(semitones + 12 * (below - above) - LOWEST_PITCH)
