"""The steps that a passage is read and composed in: the models' own, or half as long where its phrase has 32nds.

On the finer grid the models see the music at twice its durations: 32nds as sixteenths, and a bar of 2/4 as one of 2/2,
which costs them 2 % more bits a note for exact times. They are told nothing of it; what speaks of beats takes their
length from ``counted``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicassist.composing.outline import Row
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import Span
from musicassist.score.song import Column, Mask, Note, Notes, Song
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.codec import Melody, decode_note, encode, top_line
from musicassist.tokens.vocabulary import MAX_STEPS, STEPS_PER_BEAT

FINE_STEPS_PER_BEAT = 2 * STEPS_PER_BEAT
FINE_KINDS = ("continue", "infill", "vary")  # kinds of request with a phrase to be told from
BARS = 8  # LIMIT: what lies further away is another place of the music
MIN_NOTES, MIN_SHARE = 2, 0.04  # LIMIT: of 32nds off the models' own grid around; fewer hardly ever come again
_THIRTY_SECONDS, _TWELFTHS = 8, STEPS_PER_BEAT  # parts of a beat


@dataclass(frozen=True)
class StepGrid:
    """Converts between the ticks of one song and steps.

    Attributes:
        ticks_per_beat: Of the song.
        steps_per_beat: Steps in a quarter note of the song: ``STEPS_PER_BEAT`` or ``FINE_STEPS_PER_BEAT``.
    """

    ticks_per_beat: int
    steps_per_beat: int = STEPS_PER_BEAT

    @property
    def is_fine(self) -> bool:
        """Whether the models see the music at twice its durations."""
        return self.steps_per_beat != STEPS_PER_BEAT

    @property
    def _read_beat_ticks(self) -> float:
        """What the models take for a quarter note."""
        return self.ticks_per_beat * STEPS_PER_BEAT / self.steps_per_beat

    def nearest(self, tick: int) -> int:
        """The nearest step."""
        return round(tick * self.steps_per_beat / self.ticks_per_beat)

    def at_or_after(self, tick: int) -> int:
        """The first step that is not before a tick."""
        return -(-tick * self.steps_per_beat // self.ticks_per_beat)

    def tick_at_or_after(self, step: int) -> int:
        """The first tick that is not before a step."""
        return -(-step * self.ticks_per_beat // self.steps_per_beat)

    def melody(self, notes: Notes) -> Melody:
        """The top line of some notes in steps."""
        return encode(notes, self._read_beat_ticks)

    def line(self, notes: Notes) -> tuple[Column, Melody]:
        """The same, and which rows of the notes it is made of."""
        return top_line(notes, self._read_beat_ticks)

    def note(self, row: Row) -> Note:
        """A composed note in ticks."""
        return decode_note(*row, self._read_beat_ticks)

    def counted(self, song: Song) -> TimeMap:
        """The song's bars in steps, as people count them; a beat of it has ``steps_per_beat``."""
        changes = song.meter_changes
        if self.is_fine:  # a step is short enough to stand between a bar line and a meter that is a little off it
            changes = tuple(replace(own, tick=song.time_map.meant_tick(own.tick)) for own in changes)
        return TimeMap(
            self.steps_per_beat, meter_changes=tuple(replace(own, tick=self.nearest(own.tick)) for own in changes)
        )

    def as_read(self, counted: TimeMap) -> TimeMap:
        """The same bars as the models read them: with meters of twice the note values on the finer grid."""
        if not self.is_fine:
            return counted
        changes = counted.meter_changes
        if not changes or changes[0].tick > 0:
            changes = (MeterChange(0, 4, 4), *changes)
        return TimeMap(STEPS_PER_BEAT, meter_changes=tuple(map(_doubled, changes)))


def _doubled(meter: MeterChange) -> MeterChange:
    if meter.denominator % 2:
        return replace(meter, numerator=2 * meter.numerator)
    return replace(meter, denominator=meter.denominator // 2)


def step_grid_of(request: GenerationRequest, span: Span) -> StepGrid:
    """The grid for a request: the finer one where the phrase really has 32nds and all it needs fits into it.

    That is told by the notes as they are meant, of the bars around: enough of them lie on 32nds, and fewer lie where
    neither 32nds nor sixteenths and triplets are, as what is only played unevenly does. Bars of more than ``MAX_STEPS``
    fine steps have places that the models cannot tell apart, and stay on their own grid.
    """
    song = request.song
    coarse = StepGrid(song.ticks_per_beat)
    if request.kind not in FINE_KINDS or song.ticks_per_beat < FINE_STEPS_PER_BEAT:
        return coarse
    near = np.concatenate([_near(notes, span, song.time_map) for notes in (span.seed, span.phrase, span.following)])
    if not _has_32nds(np.unique(near), song.time_map):
        return coarse
    fine = StepGrid(song.ticks_per_beat, FINE_STEPS_PER_BEAT)
    return fine if _is_readable(fine, song, span) else coarse


def _near(notes: Notes, span: Span, time_map: TimeMap) -> Column:
    """The onsets of some notes in the bars around a span."""
    first = time_map.bar_start_tick(max(0, time_map.bar_at(span.from_tick) - BARS))
    last = time_map.bar_start_tick(time_map.bar_at(span.to_tick) + BARS)
    return notes.start_tick[(notes.start_tick >= first) & (notes.start_tick < last)]


def _has_32nds(onsets: Column, time_map: TimeMap) -> bool:
    if not len(onsets):
        return False
    offsets = onsets - time_map.bar_spans(onsets)[0]
    known, short = (_is_on(offsets, time_map.ticks_per_beat / parts) for parts in (_TWELFTHS, _THIRTY_SECONDS))
    count = int((short & ~known).sum())
    return count >= max(MIN_NOTES, MIN_SHARE * len(onsets)) and count > int((~short & ~known).sum())


def _is_on(offsets: Column, step_ticks: float) -> Mask:
    return np.asarray(np.rint(np.rint(offsets / step_ticks) * step_ticks) == offsets)


def _is_readable(fine: StepGrid, song: Song, span: Span) -> bool:
    """Whether no bar up to the end of a span is too long, and all begin where they do as the models read them."""
    counted = fine.counted(song)
    read, last = fine.as_read(counted), song.time_map.bar_at(max(0, span.to_tick - 1))
    lines = [counted.bar_start_tick(bar) for bar in range(last + 2)]
    is_same = lines == [read.bar_start_tick(bar) for bar in range(last + 2)]
    around = lines[max(0, song.time_map.bar_at(span.from_tick) - BARS) :]
    return is_same and int(np.diff(around).max()) <= MAX_STEPS
