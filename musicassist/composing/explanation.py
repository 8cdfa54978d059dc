"""Why a take is as it is: what each of its bars takes up of the music before, and how it lies over the chords.

Told from its notes alone, by the rules by which plans are read out of real music; not from what it was to become.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from musicassist.composing.plan import Ending, Relation, plan_of
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.span import span_of
from musicassist.composing.step_grid import step_grid_of
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Notes
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings

MIN_BEATS = 2  # notes on beats under known chords, for their share to say something
_OLD = {
    Relation.SAME: QT_TRANSLATE_NOOP("Explanations", "bar {bar} is bar {taken} again"),
    Relation.RHYTHM: QT_TRANSLATE_NOOP("Explanations", "bar {bar} has the rhythm of bar {taken}"),
    Relation.SEQUENCE_UP: QT_TRANSLATE_NOOP("Explanations", "bar {bar} is bar {taken}, higher"),
    Relation.SEQUENCE_DOWN: QT_TRANSLATE_NOOP("Explanations", "bar {bar} is bar {taken}, lower"),
}
_NEW = QT_TRANSLATE_NOOP("Explanations", "new: bar {bar}")
_NEW_BARS = QT_TRANSLATE_NOOP("Explanations", "new: bars {bars}")
_BEAT, _BEATS = (
    QT_TRANSLATE_NOOP("Explanations", "{count} of {all} notes on beats is a chord tone"),
    QT_TRANSLATE_NOOP("Explanations", "{count} of {all} notes on beats are chord tones"),
)
_ENDS = {
    Ending.OPEN: QT_TRANSLATE_NOOP("Explanations", "a phrase ends open in bar {bar}"),
    Ending.CLOSED: QT_TRANSLATE_NOOP("Explanations", "a phrase comes home in bar {bar}"),
}
Words = tuple[str, Mapping[str, object]]  # a template, and what fills it


@dataclass(frozen=True)
class Development:
    """What a bar of a take is.

    Attributes:
        bar: Counted from 0.
        relation: To the bar that it takes up.
        taken_bar: That one; None where the bar is new.
        ending: Of a phrase, in it.
    """

    bar: int
    relation: Relation
    taken_bar: int | None
    ending: Ending


@dataclass(frozen=True)
class Explanation:
    """What can be said of a take by its notes.

    Attributes:
        developments: One for each bar of the take in which a note begins.
        chord_tones, on_beats: Of its notes on beats under known chords, how many are chord tones, and all.
        numbers: What people call each bar.
    """

    developments: tuple[Development, ...]
    chord_tones: int
    on_beats: int
    numbers: Mapping[int, int]

    @property
    def words(self) -> tuple[Words, ...]:
        """Templates of the context "Explanations" with what fills them: what is taken up, what is new, and the rest."""
        said: list[Words] = [
            (_OLD[own.relation], {"bar": self.numbers[own.bar], "taken": self.numbers[own.taken_bar]})
            for own in self.developments
            if own.taken_bar is not None and own.relation in _OLD
        ]
        new = [self.numbers[own.bar] for own in self.developments if own.taken_bar is None]
        if len(new) == 1:
            said.append((_NEW, {"bar": new[0]}))
        elif new:
            said.append((_NEW_BARS, {"bars": ", ".join(map(str, new))}))
        ends = [own for own in self.developments if own.ending in _ENDS]
        said += [(_ENDS[own.ending], {"bar": self.numbers[own.bar]}) for own in ends]
        if self.on_beats >= MIN_BEATS:
            said.append((_BEAT if self.chord_tones == 1 else _BEATS, {"count": self.chord_tones, "all": self.on_beats}))
        return tuple(said)


def explanation_of(take: Take, request: GenerationRequest, spans: Sequence[ChordSpan]) -> Explanation:
    """What can be said of a take's line for the edited track; some milliseconds, any thread.

    Args:
        take: As it was made for the request.
        request: What was asked.
        spans: The chords of the song, as they are written or heard; those that were proposed for the take count, too.

    Raises:
        SeedError: The request makes no sense any more.
    """
    span, time_map = span_of(request), request.song.time_map
    grid = step_grid_of(request, span)
    bars = grid.counted(request.song)
    line = _joined(grid.melody(span.seed), grid.melody(take.notes), grid.nearest(take.from_tick))
    plan = plan_of(line, Surroundings(bars))
    first, last = bars.bar_at(grid.nearest(take.from_tick)), bars.bar_at(max(0, grid.nearest(take.to_tick) - 1))
    developments = []
    for bar in range(first, last + 1):
        own = plan.at(bar)
        if own.relation not in (Relation.UNKNOWN, Relation.HELD):
            taken = bar - own.back_bars if own.back_bars else None
            developments.append(Development(bar, own.relation, taken, own.ending))
    chord_tones, on_beats = _over_chords(take.notes, (*take.chords, *spans), time_map)
    named = {own.bar for own in developments} | {own.taken_bar for own in developments if own.taken_bar is not None}
    return Explanation(
        tuple(developments), chord_tones, on_beats, {bar: time_map.bar_number(bar) for bar in sorted(named)}
    )


def _joined(before: Melody, own: Melody, from_step: int) -> Melody:
    """The phrase as far as it lies before the take, and the take."""
    seed = before.rows(0, int(np.searchsorted(before.onset_step, from_step)))
    columns = ("onset_step", "pitch", "duration_steps", "velocity")
    return Melody(*(np.concatenate([getattr(seed, name), getattr(own, name)]) for name in columns))


def _over_chords(notes: Notes, spans: Sequence[ChordSpan], time_map: TimeMap) -> tuple[int, int]:
    """How many of the notes on beats under a known chord are its tones, and how many there are."""
    fits = known = 0
    for note in notes:
        bar, offset = time_map.bar_and_offset_ticks(note.start_tick)
        if offset % time_map.pulse_ticks_at(time_map.bar_start_tick(bar)):
            continue
        chord = next((own.chord for own in spans if own.from_tick <= note.start_tick < own.to_tick), None)
        if chord is not None and chord.pitch_classes:
            known += 1
            fits += note.pitch % 12 in chord.pitch_classes
    return fits, known
