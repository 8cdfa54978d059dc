"""What is known before each field of the next note: the melody so far, its plan, what sounds below, and its end."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.plan import NO_PLAN, Plan
from musicassist.composing.plan_following import bar_after, planned_gap, planned_interval, planned_row
from musicassist.families.recurrent.form_vocabulary import BEATS_AHEAD, MASKS, back_class, left_class
from musicassist.tokens.codec import NO_BASS, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    MAX_COUNTDOWN_BARS,
    NONE_CLASS,
    STATE_COLUMNS,
    STEPS_PER_BEAT,
    UNKNOWN_TONIC,
)

_COUNTDOWN = [name for name, _ in STATE_COLUMNS].index("countdown")
_NO_FIT = 3
Heard = tuple[int, ...]  # MASKS masks of pitch classes, and a bass class


@dataclass(frozen=True)
class Harmony:
    """Chords, each from its start to the start of the next.

    Attributes:
        starts: Steps, rising.
        masks: The tones of each; 0 where nothing is known.
        basses: The pitch class of each one's lowest tone, or ``NO_BASS``.
    """

    starts: tuple[int, ...] = ()
    masks: tuple[int, ...] = ()
    basses: tuple[int, ...] = ()

    def at(self, step: int) -> tuple[int, int]:
        """Mask and bass class at a step."""
        row = bisect_right(self.starts, step) - 1
        return (self.masks[row], self.basses[row]) if row >= 0 else (0, NO_BASS)

    def transposed(self, semitones: int) -> Harmony:
        """The same so many semitones higher."""
        masks = tuple(
            sum(1 << (tone + semitones) % 12 for tone in range(12) if mask >> tone & 1) for mask in self.masks
        )
        basses = tuple(bass if bass == NO_BASS else (bass + semitones) % 12 for bass in self.basses)
        return Harmony(self.starts, masks, basses)


NO_HARMONY = Harmony()


@dataclass(frozen=True)
class Form:
    """What a melody is told beside its surroundings.

    Attributes:
        harmony: What sounds in the other tracks.
        plan: Of its bars, written or not.
        ends: Steps of the bar lines at which something is to end, rising; the next one counts.
        wishes: Row of ``WISHES`` for each.
    """

    harmony: Harmony = NO_HARMONY
    plan: Plan = NO_PLAN
    ends: tuple[int, ...] = ()
    wishes: tuple[int, ...] = field(default=())


NO_FORM = Form()


class FormContext(MelodyContext):
    """A :class:`MelodyContext` whose rows have the columns of ``musicassist.families.recurrent.form_vocabulary``."""

    def __init__(self, place: Surroundings, form: Form | None = None) -> None:
        super().__init__(place)
        self.form = form or NO_FORM

    def with_form(self, form: Form) -> FormContext:
        """A continuation with another form; this one must not grow any more."""
        twin = self.continued()
        twin.form = form
        return twin

    # columns, in the order of vocabulary

    def state_row(self) -> list[int]:
        """``FORM_STATE_COLUMNS`` of the last note."""
        row = super().state_row()
        here, following = self.form.plan.at(self.bar[-1]), self.form.plan.at(self.bar[-1] + 1)
        end, wish = self._end()
        row[_COUNTDOWN] = 0 if end is None else self._bars_left(end)
        return [
            *row,
            here.relation,
            following.relation,
            here.ending,
            following.ending,
            back_class(here.back_bars),
            wish,
            self._left(0),
            self._bass(0),
        ]

    def gap_row(self) -> list[int]:
        """``FORM_GAP_COLUMNS`` before the next onset is chosen."""
        row = super().gap_row()
        here, following = self.form.plan.at(self.bar[-1]), self.form.plan.at(self.bar[-1] + 1)
        own = [here.relation, following.relation, here.ending, self._end()[1], self._left(0)]
        return [*row[:CANDIDATES], planned_gap(self, self.form.plan), *row[CANDIDATES:], *own]

    def pitch_row(self, gap: int) -> list[int]:
        """``FORM_PITCH_COLUMNS`` after the next onset is chosen."""
        row = super().pitch_row(gap)
        taken = planned_row(self, self.form.plan, gap)
        bar = self.form.plan.at(bar_after(self, gap)[0])
        own = [self._plan_fit(gap), bar.relation, bar.ending, self._end()[1], self._left(gap), self._bass(gap)]
        return [*row[:CANDIDATES], planned_interval(self, taken, bar.relation), *row[CANDIDATES:], *own]

    def duration_row(self, gap: int, interval: int) -> list[int]:
        """``FORM_DURATION_COLUMNS`` after onset and pitch (an interval class) are chosen; follows :meth:`pitch_row`."""
        row = super().duration_row(gap, interval)
        taken = planned_row(self, self.form.plan, gap)
        bar = self.form.plan.at(bar_after(self, gap)[0])
        fit = self._plan_fit(gap)
        if fit != _NO_FIT:
            fit += int(planned_interval(self, taken, bar.relation) == interval)
        own = [fit, bar.relation, bar.ending, self._end()[1], self._left(gap)]
        duration = self.duration[taken] if taken >= 0 else NONE_CLASS
        return [*row[:CANDIDATES], duration, *row[CANDIDATES:], *own]

    def heard(self, gap: int) -> Heard:
        """What sounds at an onset ``gap`` steps after the last one, so many beats later, and at the next bar line."""
        harmony, onset = self.form.harmony, self.onset[-1] + gap
        if not harmony.starts:
            return (0,) * MASKS + (NO_BASS,)
        bar, _ = bar_after(self, gap)
        mask, bass = harmony.at(onset)
        ahead = (harmony.at(onset + beats * STEPS_PER_BEAT)[0] for beats in BEATS_AHEAD)
        return (mask, *ahead, harmony.at(self.place.bars.bar_start_tick(bar + 1))[0], bass)

    def numbers(self, gap: int) -> list[float]:
        """``FORM_NUMBERS`` of an onset ``gap`` steps after the last one; 0 before the next one is chosen."""
        heard = harmony_numbers(np.array([self.heard(gap)]), np.array([self.pitch[-1]]))
        return [*self.profile(), *heard[0].tolist()]

    # parts of the columns

    def _end(self) -> tuple[int | None, int]:
        """The step of the next end after the last note, and the wish for it."""
        row = bisect_right(self.form.ends, self.onset[-1])
        return (self.form.ends[row], self.form.wishes[row]) if row < len(self.form.ends) else (None, 0)

    def _bars_left(self, end: int) -> int:
        left = self.place.bars.bar_at(end - 1) - self.bar[-1]
        return 2 + max(0, min(MAX_COUNTDOWN_BARS, left))

    def _left(self, gap: int) -> int:
        end, _ = self._end()
        return 0 if end is None else left_class(end - self.onset[-1] - gap)

    def _bass(self, gap: int) -> int:
        _, bass = self.form.harmony.at(self.onset[-1] + gap)
        return NO_BASS if bass == NO_BASS or self.place.tonic == UNKNOWN_TONIC else (bass - self.place.tonic) % 12

    def _plan_fit(self, gap: int) -> int:
        planned = planned_gap(self, self.form.plan)
        return _NO_FIT if planned == NONE_CLASS else int(planned == gap)


def harmony_numbers(heard: NDArray[np.integer], last_pitch: NDArray[np.integer]) -> NDArray[np.float32]:
    """(..., ``HARMONY_SIZE``) of 0 and 1 from masks and bass classes (..., MASKS + 1) and the last pitches (...)."""
    tones = (last_pitch[..., None] + np.arange(12)) % 12
    masks = (heard[..., :MASKS, None].astype(np.int32) >> tones[..., None, :]) & 1
    bass = heard[..., MASKS, None] == tones
    known = heard[..., :1] > 0
    parts = [masks[..., 0, :], known, masks[..., 1:, :].reshape(*masks.shape[:-2], -1), bass]
    return np.concatenate([part.astype(np.float32) for part in parts], -1)
