"""Reads a seed for the net with a plan: once for all takes, as far as their forms say the same of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.plan import BarPlan, Plan
from musicassist.composing.seed_reading import IsCancelled, ReadingCancelled, SeedReader, end_of
from musicassist.families.recurrent.decoding import Past, RecurrentStep
from musicassist.families.recurrent.form_context import Form, FormContext, Harmony, harmony_numbers
from musicassist.families.recurrent.form_vocabulary import BEATS_AHEAD, HARMONY_SIZE, MASKS, back_class, left_classes
from musicassist.models.weights import Floats, Ints
from musicassist.tokens.codec import NO_BASS, Melody, Surroundings
from musicassist.tokens.vocabulary import MAX_COUNTDOWN_BARS, STATE_COLUMNS, STEPS_PER_BEAT, UNKNOWN_TONIC

_COUNTDOWN = [name for name, _ in STATE_COLUMNS].index("countdown")
_WHOLE = slice(None)
_EVENTS_BETWEEN_LOOKS = 16  # whether the reading is cancelled


class FormReader(SeedReader):
    """A :class:`SeedReader` of the net with a plan. Used by one thread.

    What the rows of a seed say of its form is computed for all notes at once, so that a plan that changes costs little.

    Args:
        net: What reads.
    """

    net: RecurrentStep

    def __init__(self, net: RecurrentStep) -> None:
        super().__init__(net, FormContext)

    def read_forms(
        self, seed: Melody, place: Surroundings, forms: Sequence[Form], is_cancelled: IsCancelled
    ) -> tuple[list[FormContext], Past]:
        """The context of each stream after a seed of at least one note, and what the net knows then, (B, H) each.

        Raises:
            ReadingCancelled: ``is_cancelled`` said so.
        """
        context = self._context(end_of(seed), place, is_cancelled)
        assert isinstance(context, FormContext)
        known = alike(context, forms)
        past = self._past(*self._rows(context, forms[0], slice(0, known)), is_cancelled)
        rows = [self._rows(context, form, slice(known, None)) for form in forms]
        layers = tuple(tuple(np.repeat(part, len(forms), 0) for part in layer) for layer in past.layers)
        for event in range(len(context) - known):
            if event % _EVENTS_BETWEEN_LOOKS == 0 and is_cancelled():
                raise ReadingCancelled
            states = np.stack([own[event] for own, _ in rows])
            layers = self.net.stepped(layers, self.net.columns(states), np.stack([own[event] for _, own in rows]))
        return [context.with_form(form) for form in forms], Past(layers, layers[-1][0])

    def _rows(self, context: FormContext, form: Form, part: slice) -> tuple[Ints, Floats]:
        """The net's input for some notes of the seed: classes (T, S) and numbers (T, N)."""
        states, beneath = form_rows(context, form, part)
        own = np.concatenate([self._states[part], states[:, 1:]], 1)
        own[:, _COUNTDOWN] = states[:, 0]
        return own, np.concatenate([self._profiles[part], beneath], 1)


def alike(context: FormContext, forms: Sequence[Form]) -> int:
    """For how many notes all forms say the same: until the bar before the first one that they plan otherwise."""
    first = forms[0]
    if any(replace(form, plan=first.plan) != first for form in forms):
        return 0
    apart = [_first_apart(first.plan, form.plan) for form in forms[1:]]
    bar = min((own for own in apart if own is not None), default=None)
    return len(context) if bar is None else bisect_left(context.bar, bar - 1)


def _first_apart(one: Plan, other: Plan) -> int | None:
    """The first bar for which two plans say something else, or None."""
    if one == other:
        return None
    if one.first_bar != other.first_bar:
        return min(one.first_bar, other.first_bar)
    pairs = zip(one.bars, other.bars, strict=False)
    same = next((row for row, (here, there) in enumerate(pairs) if here is not there and here != there), None)
    return one.first_bar + (min(len(one.bars), len(other.bars)) if same is None else same)


def form_rows(context: FormContext, form: Form, part: slice = _WHOLE) -> tuple[Ints, Floats]:
    """What the form says at some notes of a melody, (T, 9) classes and (T, ``HARMONY_SIZE``) numbers.

    The classes are the bars that are left, and then the columns of ``FORM_STATE_COLUMNS`` that other nets have not.
    They are what ``FormContext.state_row`` gives note by note.
    """
    place = context.place
    onset, bar, pitch = (np.array(own[part], dtype=np.int64) for own in (context.onset, context.bar, context.pitch))
    if not len(onset):
        return np.zeros((0, 9), dtype=np.int64), np.zeros((0, HARMONY_SIZE), dtype=np.float32)
    bars, row_of = np.unique(bar, return_inverse=True)
    planned = np.array([_classes_of(form.plan.at(own), form.plan.at(own + 1)) for own in bars.tolist()])[row_of]
    row = np.searchsorted(np.array(form.ends, dtype=np.int64), onset, side="right")
    has_end, end = row < len(form.ends), np.append(form.ends, 0).astype(np.int64)[row]
    last_bar = np.append([place.bars.bar_at(step - 1) for step in form.ends], 0).astype(np.int64)[row]
    countdown = np.where(has_end, 2 + np.clip(last_bar - bar, 0, MAX_COUNTDOWN_BARS), 0)
    wish = np.append(form.wishes, 0).astype(np.int64)[row]
    left = np.where(has_end, left_classes(end - onset), 0)
    heard = heard_at(form.harmony, onset, place.bars.bar_spans(onset)[1])
    known_bass = (heard[:, MASKS] != NO_BASS) & (place.tonic != UNKNOWN_TONIC)
    bass = np.where(known_bass, (heard[:, MASKS] - place.tonic) % 12, NO_BASS)
    own = np.stack([countdown, *planned.T, wish, left, bass], 1).astype(np.int64)
    return own, harmony_numbers(heard, pitch)


def _classes_of(here: BarPlan, following: BarPlan) -> tuple[int, ...]:
    back = back_class(here.back_bars)
    return here.relation, following.relation, here.ending, following.ending, back


def heard_at(harmony: Harmony, onset: Ints, next_bar_line: Ints) -> NDArray[np.int64]:
    """(T, ``MASKS`` + 1), what ``FormContext.heard`` says at each onset."""
    if not harmony.starts:
        return np.tile([0] * MASKS + [NO_BASS], (len(onset), 1))
    starts = np.array(harmony.starts, dtype=np.int64)
    masks, basses = np.array((0, *harmony.masks)), np.array((NO_BASS, *harmony.basses))

    def row_at(steps: Ints) -> Ints:
        return np.searchsorted(starts, steps, side="right")

    steps = [onset, *(onset + beats * STEPS_PER_BEAT for beats in BEATS_AHEAD), next_bar_line]
    return np.stack([*(masks[row_at(own)] for own in steps), basses[row_at(onset)]], 1)
