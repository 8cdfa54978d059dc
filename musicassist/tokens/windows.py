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
from musicassist.tokens.vocabulary import MAX_INTERVAL, METERS, MODES, STEPS_PER_BEAT

WINDOW_BARS = 2
WINDOW_STEPS = 96  # LIMIT: two bars of four beats
MAX_BAR_STEPS = WINDOW_STEPS // WINDOW_BARS
MAX_NOTES = 32  # LIMIT: of one window
END = WINDOW_STEPS  # the place that stands for "no more notes in this window"
PLACE_CLASSES = WINDOW_STEPS + 1
LOWEST_PITCH, HIGHEST_PITCH = -24, 36  # LIMIT: semitones from the reference tonic
PITCH_CLASSES = HIGHEST_PITCH - LOWEST_PITCH + 1
LENGTH_CLASSES = WINDOW_STEPS + 1  # class = steps
OTHER_METER = 0
# a bar too long to stand beside another is read as two bars of a meter that is known
_HALVES = {"12/8": "6/8", "6/4": "3/4", "3/2": "3/4"}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
QUALIFIED_STEPS = 3  # of a beat of 12: a sixteenth; Dong et al. count 3 of 24 to the beat, a 32nd
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_MAX_NOTES = 32


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
    return own if bars.meter_at(step).bar_ticks(STEPS_PER_BEAT) <= MAX_BAR_STEPS else OTHER_METER


def reference_pitch(mean_pitch: float, tonic: int) -> int:
    """The tonic at or below a mean pitch."""
    return int(np.floor((mean_pitch - tonic) / 12)) * 12 + tonic


def fields_of(melody: Melody, span: Span, reference: int) -> Ints:
    """The notes that start in a span, (n, 3): place, pitch class and length; at most ``MAX_NOTES``.

    A note that sounds over the span's end is cut, a pitch out of reach is moved by octaves.
    """
    inside = (melody.onset_step >= span.from_step) & (melody.onset_step < span.to_step)
    onset, pitch, length = (part[inside] for part in (melody.onset_step, melody.pitch, melody.duration_steps))
    cut = np.minimum(length, span.to_step - onset)
    return np.stack([onset - span.from_step, pitch_class(pitch - reference), cut], 1)[:MAX_NOTES]


def pitch_class(semitones: Ints) -> Ints:
    """Class of a pitch above the reference; those out of reach count in the nearest octave that is in reach."""
    below = np.maximum(0, -(-(LOWEST_PITCH - semitones) // 12))
    above = np.maximum(0, -(-(semitones - HIGHEST_PITCH) // 12))
    return np.asarray(semitones + 12 * (below - above) - LOWEST_PITCH)


@dataclass(frozen=True)
class WindowNotes:
    """Notes of ``windows`` windows, one row a note, sorted by window and place.

    Attributes:
        window: (n,), which window each belongs to.
        place: (n,), steps from the window's first bar line.
        pitch: (n,), semitones from a tonic.
        length: (n,), steps.
        bar_steps: (windows,), length of each window's bars.
        mode: (windows,), rows of ``MODES``.
    """

    window: Ints
    place: Ints
    pitch: Ints
    length: Ints
    bar_steps: Ints
    mode: Ints

    @property
    def windows(self) -> int:
        """How many there are, empty ones too."""
        return len(self.bar_steps)


def qualified_share(notes: WindowNotes, least_steps: int = QUALIFIED_STEPS) -> float:
    """Share of the notes that are no shorter than ``least_steps``.

    Source: Dong et al. 2018, "MuseGAN", section 4.3 (qualified notes); theirs are three steps of 24 to the beat.
    """
    return float((notes.length >= least_steps).mean()) if len(notes.length) else 0.0


def polyphony_share(notes: WindowNotes, most_pitches: int = 1) -> float:
    """Share of the steps at which more than ``most_pitches`` pitches sound.

    Source: Dong and Yang 2018, "Convolutional Generative Adversarial Networks with Binary Neurons" (polyphonicity, with
    two); for melodies one is what tells.
    """
    change = np.zeros((notes.windows, 2 * WINDOW_STEPS + 1), dtype=np.int64)
    np.add.at(change, (notes.window, notes.place), 1)
    np.add.at(change, (notes.window, np.minimum(notes.place + notes.length, 2 * WINDOW_STEPS)), -1)
    sounding = np.cumsum(change, axis=1)[:, :-1]
    inside = np.arange(2 * WINDOW_STEPS) < WINDOW_BARS * notes.bar_steps[:, None]
    return float((sounding > most_pitches)[inside].mean())


def pitch_classes_per_bar(notes: WindowNotes) -> float:
    """Mean number of different pitch classes that start in a bar. Source: Dong et al. 2018, "MuseGAN" (UPC)."""
    used = np.zeros((notes.windows, WINDOW_BARS, 12), dtype=bool)
    used[notes.window, _bar(notes), notes.pitch % 12] = True
    return float(used.sum(-1).mean())


def empty_bar_share(notes: WindowNotes) -> float:
    """Share of the bars in which nothing starts. Source: Dong et al. 2018, "MuseGAN" (EB)."""
    used = np.zeros((notes.windows, WINDOW_BARS), dtype=bool)
    used[notes.window, _bar(notes)] = True
    return float(1 - used.mean())


def key_agreement(notes: WindowNotes) -> float:
    """Share of the notes in the scale of their window's mode; windows of no mode do not count."""
    mode = notes.mode[notes.window]
    in_scale = np.zeros((len(MODES), 12), dtype=bool)
    in_scale[MODES.index("major"), list(_MAJOR)] = True
    in_scale[MODES.index("minor"), list(_MINOR)] = True
    counted = mode > 0
    return float(in_scale[mode, notes.pitch % 12][counted].mean()) if counted.any() else 0.0


def _bar(notes: WindowNotes) -> Ints:
    return np.asarray(np.minimum(notes.place // notes.bar_steps[notes.window], WINDOW_BARS - 1))


# histograms


def histograms(notes: WindowNotes) -> dict[str, Floats]:
    """By name the shares of: pitch classes above the tonic, intervals, lengths, places, and notes in a window."""
    follows = np.diff(notes.window) == 0
    intervals = np.clip(np.diff(notes.pitch)[follows], -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL
    counts = np.minimum(np.bincount(notes.window, minlength=notes.windows), _MAX_NOTES)
    return {
        "pitch class": _shares(notes.pitch % 12, 12),
        "interval": _shares(intervals, 2 * MAX_INTERVAL + 1),
        "duration": _shares(np.minimum(notes.length, WINDOW_STEPS), WINDOW_STEPS + 1),
        "onset": _shares(notes.place, WINDOW_STEPS),
        "notes": _shares(counts, _MAX_NOTES + 1),
    }


def _shares(classes: Ints, size: int) -> Floats:
    counts = np.bincount(classes, minlength=size)[:size].astype(np.float64)
    return np.asarray(counts / max(1.0, counts.sum()))


def overlap(one: Floats, other: Floats) -> float:
    """The area that two histograms share, 0..1. Source: Swain and Ballard 1991 (histogram intersection)."""
    return float(np.minimum(one, other).sum())


def unlikeness(made: WindowNotes, real: WindowNotes) -> dict[str, float]:
    """How far made windows are from real ones, by name; 0 for not at all.

    For each histogram one less the overlap; for qualified notes and notes in key the difference of the shares.
    """
    own, other = histograms(made), histograms(real)
    figures = {name: 1 - overlap(own[name], other[name]) for name in own}
    figures["qualified"] = abs(qualified_share(made) - qualified_share(real))
    figures["key"] = abs(key_agreement(made) - key_agreement(real))
    return figures
