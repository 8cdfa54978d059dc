"""What the notes of a take must meet, and how it ends: what a ``tokens.grammar.Grammar`` makes a mask of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musicassist.score.timing import TimeMap
from musicassist.tokens.rhythm import ANY_RHYTHM, Rhythm

Mask = NDArray[np.bool_]
MAX_REPEATS = 8  # LIMIT: notes of one pitch running, where what stands before has no more
FIFTH = 7  # semitones; a wider interval is a leap


@dataclass(frozen=True)
class End:
    """How a take ends. As it stands, wherever the model would not go on before the span is over.

    Attributes:
        by_step: No note sounds behind it; None: the end of the span.
        pitches: (128,), of which the last note is one; None for any.
        places: Where the last note starts, all in one bar, rising; empty for anywhere in the last bar.
        least_steps: The last note lasts so long at least.
        rest_steps: A rest as long as this ends a take that may end; None: only one that reaches the end.
        leads_back: Whether the music leads back into a first bar; of a take from nothing the last note is then a step
            beside its own first, whatever ``pitches`` says.
        is_last: Whether the music ends there, so that the models count the bars that are left.
    """

    by_step: int | None = None
    pitches: Mask | None = None
    places: tuple[int, ...] = ()
    least_steps: int = 1
    rest_steps: int | None = None
    leads_back: bool = False
    is_last: bool = False


ANY_END = End()
_WHOLE_TONE = 2


def beside(pitch: int, allowed: Mask) -> Mask:
    """(128,), the allowed pitches a step away from one; where the scale has none, the nearest."""
    others = np.flatnonzero(allowed & (np.arange(128) != pitch))
    distance = np.abs(others - pitch)
    mask = np.zeros(128, dtype=np.bool_)
    mask[others[distance <= max(_WHOLE_TONE, int(distance.min(initial=128)))]] = True
    return mask


def chord_pitches(mask: int) -> Mask:
    """(128,), the pitches whose classes are in a mask of twelve."""
    tones = np.array([(mask >> pitch_class) & 1 for pitch_class in range(12)], dtype=np.bool_)
    return np.asarray(tones[np.arange(128) % 12])


def is_chord_bound(in_chord: str, bars: TimeMap, step: int) -> bool:
    """Whether a note at a step must be a tone of the chord that is known there; ``in_chord`` as in ``Demands``."""
    bar, position = bars.bar_and_offset_ticks(step)
    if in_chord == "always" or position == 0:
        return in_chord != ""
    if in_chord != "strong":
        return in_chord == "beats" and position % bars.ticks_per_beat == 0
    bar_steps = bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)
    return 2 * position == bar_steps and bar_steps % (2 * bars.ticks_per_beat) == 0


@dataclass(frozen=True)
class Demands:
    """What the notes of a take must meet.

    Attributes:
        bars: The bars in steps, as they are counted: a quarter note has its ``ticks_per_beat`` steps, which may be more
            than the vocabulary's.
        from_step: No note starts before it.
        to_step: A bar line; no note sounds behind it.
        pitch_allowed: (128,), the pitches that may be used at all.
        latest_first_step: Where the first note starts at the latest, or None.
        onset_grid_steps: Notes start on multiples of it.
        notes_per_beat: Most notes per beat on the average of a bar, but one a bar and one in eight beats; or None.
        in_chord: Which notes must be tones of the chord that sounds where they start: "" none, ``"beats"`` those on a
            beat, ``"strong"`` those on the first beat of a bar or of its second half, ``"always"`` all.
        only_new: Whether long copies of what went before are ruled out.
        leading: Pitches beside those that may be used where they lead up, and the pitch that has to come next: the
            raised sixth and seventh of a minor key.
        end: How the take ends.
        most_repeats: Most notes of one pitch running, with those before the take.
        most_leaps: How many intervals wider than a fifth it may have; None for any number.
        widest_leap: Semitones of the widest interval, where there are so few.
        largest_leap: Most semitones between two notes of the take, without exception; None for any.
        rhythm: Where notes start, without exception.
        longest_rest_steps: No rest inside the take is longer, wherever that leaves some place; None for any.
        longest_note_steps: No note before the last bar is longer, wherever that leaves some length; None for any.
        is_in_sixteenths: Whether notes begin and end on sixteenths, wherever that leaves some place.
        is_shuffled: Whether notes off the beat start on its last triplet, wherever that leaves some place.
    """

    bars: TimeMap
    from_step: int
    to_step: int
    pitch_allowed: Mask
    latest_first_step: int | None = None
    onset_grid_steps: int = 1
    notes_per_beat: float | None = None
    in_chord: str = ""
    only_new: bool = False
    leading: Mapping[int, int] = field(default_factory=dict)
    end: End = ANY_END
    most_repeats: int = MAX_REPEATS
    most_leaps: int | None = None
    widest_leap: int = 127
    largest_leap: int | None = None
    rhythm: Rhythm = ANY_RHYTHM
    longest_rest_steps: int | None = None
    longest_note_steps: int | None = None
    is_in_sixteenths: bool = False
    is_shuffled: bool = False


def within_reach(allowed: Mask, chord_masks: Iterable[int], leap: int) -> Mask:
    """(128,), of the allowed pitches those from which every chord can be reached by no more than a leap.

    Some tone of each chord, itself among them, lies so near to each; none is left where that cannot be.
    """
    kept, chords = allowed.copy(), [chord_pitches(mask) for mask in {*chord_masks} - {0}]
    while kept.any():
        reached = kept.copy()
        for tones in chords:
            known = np.flatnonzero(kept & tones)
            near = np.abs(np.arange(128)[:, None] - known[None]).min(1, initial=128)
            reached &= near <= leap
        if (reached == kept).all():
            break
        kept = reached
    return kept
