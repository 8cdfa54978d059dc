"""Where a take begins behind its phrase and how it ends: with the pickups, rests and phrases that the music has.

A phrase counts from the bar of its first note, behind a pickup. Phrases of four and periods of eight bars are what
nearly all songs and tunes of the corpus are built of; so the bars that stand at the end tell which end is due.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.request import GenerationRequest
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.demands import ANY_END, FIFTH, End, Mask, beside
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

PHRASE_BARS, PERIOD_BARS = 4, 8
_TRIAD_STEPS = (0, 3, 4, 7)  # of these, the key's own scale keeps its third
_FAR_BARS = 1  # LIMIT: what comes later than this behind a gap is not led to
_MIN_NOTES, _MIN_BARS = 3, 2  # LIMIT: that tell how dense a melody is
MIN_NOTES_OF_GRID = 8  # LIMIT: fewer say nothing of what a melody never does
_MOST_DENSITY = 2  # LIMIT: times the densest bar
_ALL = np.arange(128)


@dataclass(frozen=True)
class Around:
    """What stands around a take, on the models' grid.

    Attributes:
        before: The notes that are gone on from; may be empty.
        phrase: Those in the span; may be empty.
        behind: Those behind it; may be empty.
    """

    before: Melody
    phrase: Melody
    behind: Melody

    @property
    def onset_steps(self) -> NDArray[np.int64]:
        """Of all notes, in order of the three parts."""
        return np.concatenate([part.onset_step for part in (self.before, self.phrase, self.behind)])

    @property
    def pitches(self) -> NDArray[np.int64]:
        """Of what the take is to lie beside: the phrase where there is one, else what stands on both sides."""
        parts = [self.phrase] if len(self.phrase) else [self.before, self.behind]
        return np.concatenate([part.pitch for part in parts])

    @property
    def longest_repeat(self) -> int:
        """How many notes of one pitch stand in a row at most."""
        longest = 0
        for part in (self.before, self.phrase, self.behind):
            changes = np.flatnonzero(np.diff(part.pitch, prepend=-1, append=-1))
            longest = max(longest, int(np.diff(changes).max(initial=0)))
        return longest

    @property
    def longest_rest_steps(self) -> int:
        """Of the rests inside what stands before, and inside what stands in the span."""
        rests = [
            part.onset_step[1:] - (part.onset_step + part.duration_steps)[:-1] for part in (self.before, self.phrase)
        ]
        return int(np.concatenate(rests).max(initial=0))

    @property
    def longest_note_steps(self) -> int:
        """Of what stands before and in the span."""
        return int(np.concatenate([self.before.duration_steps, self.phrase.duration_steps]).max(initial=0))

    @property
    def is_in_sixteenths(self) -> bool:
        """Whether enough notes stand around, and all on sixteenths: then triplets and shorter notes are foreign."""
        steps = self.onset_steps
        return len(steps) >= MIN_NOTES_OF_GRID and bool((steps % (STEPS_PER_BEAT // 4) == 0).all())

    @property
    def leaps(self) -> list[int]:
        """The intervals of the phrase that are wider than a fifth, with that into its first note; in semitones."""
        intervals = np.abs(np.diff(np.concatenate([self.before.pitch[-1:], self.phrase.pitch])))
        return [int(interval) for interval in intervals if interval > FIFTH]

    def most_notes_per_beat(self, bars: TimeMap) -> float | None:
        """Twice as many as in the bar with the most; None where too little stands there to tell."""
        steps = self.onset_steps
        if len(steps) < _MIN_NOTES or bars.bar_at(int(steps.max())) - bars.bar_at(int(steps.min())) < _MIN_BARS:
            return None
        lines, notes = np.unique(bars.bar_spans(steps)[0], return_counts=True)
        return _MOST_DENSITY * bars.ticks_per_beat * float((notes / bars.bar_lengths(lines)).max())


def ending_of(request: GenerationRequest, before: Melody, bars: TimeMap, to_step: int) -> str:
    """Which end of a continuation or of new music is meant: "open", "closed" or "loop".

    Where nobody says: closed where the take completes a period of eight bars, or is one itself and ends with a phrase
    of four; else open, as an antecedent ends, and as a phrase that is cut in its middle goes on. A phrase that is not
    made of whole phrases is closed by a take of four bars or more. What begins from nothing is closed.
    """
    if request.ending != "auto":
        return request.ending
    if request.kind != "continue" or not len(before):
        return "closed"
    first = first_bar(before, bars)
    bars_before = bars.bar_at(to_step) - request.bars - first
    all_bars = bars_before + request.bars
    is_whole = bars_before % PHRASE_BARS == 0
    if all_bars % PERIOD_BARS == 0:
        return "closed"
    if request.bars >= PERIOD_BARS and all_bars % PHRASE_BARS == 0:
        return "closed"
    return "closed" if not is_whole and all_bars % PHRASE_BARS and request.bars >= PHRASE_BARS else "open"


def end_of(
    request: GenerationRequest,
    around: Around,
    place: Surroundings,
    bars: TimeMap,
    to_step: int,
    allowed: Mask,
    key: Key | None,
) -> End:
    """How the takes of a request end.

    An infill flows into what follows; a variation keeps the last place and pitch class of its phrase, an interpolation
    ends as its phrases do. The others end as :func:`ending_of` says: a closed one before the pickup that the tune uses,
    an open one perhaps with it.

    Args:
        request: What is asked.
        around: What stands around.
        place: Its chords.
        bars: The bars, as they are counted.
        to_step: Where the span ends.
        allowed: (128,), the pitches that may be used.
        key: The key, if one is known.
    """
    if request.kind == "interpolate":
        return ANY_END
    if request.kind == "vary":
        last = (int(around.phrase.onset_step[-1]), int(around.phrase.pitch[-1]))
        return End(pitches=np.isin(_ALL % 12, last[1] % 12), places=(last[0],))
    if request.kind == "infill" and len(around.behind):
        bar_steps = bars.meter_at(to_step).bar_ticks(bars.ticks_per_beat)
        is_near = int(around.behind.onset_step[0]) - to_step < _FAR_BARS * bar_steps
        return End(pitches=np.abs(_ALL - int(around.behind.pitch[0])) <= FIFTH) if is_near else ANY_END
    ending = ending_of(request, around.before, bars, to_step)
    if ending == "loop":
        first = beside(int(around.before.pitch[0]), allowed) if len(around.before) else None
        return End(pitches=first, leads_back=True)
    if ending == "open":
        return ANY_END  # a pickup to what comes next may stand in its last bar
    by_step = to_step - (_pickup_in_end(around.before, bars, to_step) if request.kind == "continue" else 0)
    return closed_end(bars, by_step, _home(request, place, bars, by_step, key))


def closed_end(bars: TimeMap, by_step: int, home: frozenset[int]) -> End:
    """An end at home: on one of some pitch classes (any, without some), on a strong beat and for a beat at least."""
    places = _strong_places(bars, bars.bar_at(by_step - 1), by_step)
    pitches = np.isin(_ALL % 12, list(home)) if home else None
    return End(by_step, pitches, places, bars.ticks_per_beat, bars.ticks_per_beat, is_last=True)


def first_bar(melody: Melody, bars: TimeMap) -> int:
    """The bar that the phrases of a melody count from: that of its first note, or the next one behind a pickup."""
    first = int(melody.onset_step[0])
    return bars.bar_at(first) + (_pickup_before(first, bars) > 0)


def pickup_of(melody: Melody, bars: TimeMap) -> int:
    """How many steps before a bar line the phrases of a melody begin; 0 where they begin on it.

    It is told by the first note, and has to come back before at least half of the later phrases.
    """
    if not len(melody):
        return 0
    steps = _pickup_before(int(melody.onset_step[0]), bars)
    if not steps:
        return 0
    start, last = first_bar(melody, bars), bars.bar_at(int(melody.onset_step[-1]))
    lines = [bars.bar_start_tick(bar) for bar in range(start + PHRASE_BARS, last + 1, PHRASE_BARS)]
    found = np.isin(np.array(lines) - steps, melody.onset_step)
    return steps if not len(lines) or 2 * int(found.sum()) >= len(lines) else 0


def _pickup_in_end(melody: Melody, bars: TimeMap, to_step: int) -> int:
    """The pickup for which the bar before a bar line has room."""
    steps = pickup_of(melody, bars)
    return steps if 2 * steps <= to_step - bars.bar_start_tick(bars.bar_at(to_step - 1)) else 0


def _pickup_before(step: int, bars: TimeMap) -> int:
    """How long before the next bar line a first note is, in the second half of its bar; else 0."""
    bar, offset = bars.bar_and_offset_ticks(step)
    bar_steps = bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)
    return bar_steps - offset if 2 * offset >= bar_steps else 0


def start_behind_rest(melody: Melody, end_step: int, bars: TimeMap) -> tuple[int, int] | None:
    """The first and the last step that a take may begin on where a rest closes its phrase; None where none does.

    The rest fills the bar up to the next pickup or bar line. It closes the phrase where that bar is the last of a
    phrase of four, and the last note is no shorter than most; or the last of two, and the note lasts a beat as well.

    Args:
        melody: The phrase.
        end_step: Where it ends.
        bars: The bars.
    """
    line = bars.bar_line_at_or_after(end_step)
    pickup_steps = pickup_of(melody, bars)
    bars_before = bars.bar_at(line) - first_bar(melody, bars)
    last_steps = int(melody.duration_steps[-1])
    is_phrase = bars_before % PHRASE_BARS == 0 or (bars_before % 2 == 0 and last_steps >= bars.ticks_per_beat)
    is_calm = last_steps >= np.median(melody.duration_steps)
    if end_step == line or bars_before <= 0 or not is_phrase or not is_calm or len(melody) < _MIN_NOTES:
        return None
    return max(end_step, line - pickup_steps), line


def _strong_places(bars: TimeMap, bar: int, by_step: int) -> tuple[int, ...]:
    """The first beat of a bar and that of its second half, where it has halves of whole beats."""
    start = bars.bar_start_tick(bar)
    bar_steps, meter = bars.bar_start_tick(bar + 1) - start, bars.meter_at(start)
    middle = start + bar_steps // 2
    has_halves = meter.numerator % 2 == 0 and bar_steps % 2 == 0 and middle < by_step
    return (start, middle) if has_halves else (start,)


def _home(
    request: GenerationRequest, place: Surroundings, bars: TimeMap, by_step: int, key: Key | None
) -> frozenset[int]:
    """Where a closed take ends: on the triad of its key's tonic, as far as the last chord has its tones.

    Chords that were asked for say it alone, and their tones do where the tonic has none among them.
    """
    last_place = _strong_places(bars, bars.bar_at(by_step - 1), by_step)[-1]
    row = int(np.searchsorted(place.chord_starts, last_place, side="right")) - 1
    mask = place.chord_masks[row] if row >= 0 else 0
    tones = frozenset(pitch_class for pitch_class in range(12) if mask >> pitch_class & 1)
    if key is None or request.constraints.chords:
        return tones
    triad = frozenset((key.tonic + step) % 12 for step in _TRIAD_STEPS) & key.pitch_classes
    return (triad & tones or tones) if tones else triad
