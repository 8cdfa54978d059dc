"""The net with a plan on NumPy: a seed is read once, then it foretells for some streams, each with its own plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lab.form.context import Form, FormContext
from musicassist.composing.predictor import Passage
from musicassist.composing.seed_reading import IsCancelled, ReadingCancelled, never
from musicassist.families.recurrent.decoding import Past, RecurrentStep
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext

Logits = NDArray[np.float32]
Row = tuple[int, int, int, int]
MAX_SEED_NOTES = 512  # LIMIT: of a longer seed only the last notes are read
_PART_NOTES = 16  # that are read between two questions whether it was cancelled
_GAP, _PITCH, _DURATION, _VELOCITY = range(4)


class _Reading:
    """A context that reads, and the net's rows for it: classes and numbers of each note."""

    def __init__(self, context: FormContext, is_cancelled: IsCancelled) -> None:
        self.context = context
        self._is_cancelled = is_cancelled
        self.states: list[list[int]] = []
        self.numbers: list[list[float]] = []

    def read(self, notes: Sequence[Row]) -> None:
        for at, note in enumerate(notes):
            if at % _PART_NOTES == 0 and self._is_cancelled():
                raise ReadingCancelled
            self.context.append(*note)
            self.states.append(self.context.state_row())
            self.numbers.append(self.context.numbers(0))

    def gone_on(self, form: Form) -> _Reading:
        """From here on with another form; this one does not grow any more."""
        context = self.context.continued()
        context.form = form
        return _Reading(context, self._is_cancelled)


def read_seed(
    net: RecurrentStep, seed: Melody, place: Surroundings, forms: Sequence[Form], is_cancelled: IsCancelled = never
) -> tuple[list[FormContext], Past]:
    """The context of each stream after a seed of at least one note, and what the net knows then, (B, H) each.

    What all forms say alike is read once.

    Raises:
        ReadingCancelled: It was cancelled.
    """
    notes = list(seed)[-MAX_SEED_NOTES:]
    shared = _Reading(FormContext(place, forms[0]), is_cancelled)
    shared.read(notes[: _alike(notes, place, forms)])
    past, known = net.beginning(), len(shared.states)
    for start in range(0, known, _PART_NOTES):
        if is_cancelled():
            raise ReadingCancelled
        part = slice(start, start + _PART_NOTES)
        past = net.read(past, np.array(shared.states[part]), np.array(shared.numbers[part], dtype=np.float32))
    own = [shared.gone_on(form) for form in forms]
    for each in own:
        each.read(notes[known:])
    layers = tuple(tuple(np.repeat(part, len(forms), 0) for part in layer) for layer in past.layers)
    for event in range(len(notes) - known):
        if event % _PART_NOTES == 0 and is_cancelled():
            raise ReadingCancelled
        state = np.array([each.states[event] for each in own])
        numbers = np.array([each.numbers[event] for each in own], dtype=np.float32)
        layers = net.stepped(layers, net.columns(state), numbers)
    return [each.context for each in own], Past(layers, layers[-1][0])


def _alike(notes: Sequence[Row], place: Surroundings, forms: Sequence[Form]) -> int:
    """For how many notes all forms say the same: until the bar before the first one that they plan otherwise."""
    first = forms[0]
    if any(replace(form, plan=first.plan) != first for form in forms):
        return 0
    count = 0
    while count < len(notes):
        bar = place.bars.bar_at(notes[count][0])
        if any(form.plan.at(own) != first.plan.at(own) for form in forms for own in (bar, bar + 1)):
            break
        count += 1
    return count


class FormPredictor:
    """See ``composing.predictor.Predictor``; each stream has a form of its own. Used by one thread.

    Args:
        net: What foretells.
        forms: One for each stream.
    """

    def __init__(self, net: RecurrentStep, forms: Sequence[Form]) -> None:
        self.net = net
        self.forms = forms
        self._streams = net.decoder()

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Reads the passage's seed; gives a context for each stream.

        Raises:
            ReadingCancelled: It was cancelled.
        """
        assert len(randoms) == len(self.forms)
        contexts, past = read_seed(self.net, passage.seed, passage.place, self.forms, is_cancelled)
        self._streams.begin(past, 1)
        return [*contexts]

    def gaps(self, contexts: Sequence[MelodyContext]) -> Logits:
        """Before the next onset is chosen, what counts is that of the last one."""
        return self._logits(_GAP, [context.gap_row() for context in contexts], _numbers(contexts, [0] * len(contexts)))

    def intervals(self, contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> Logits:
        """From here on what sounds at the onset counts."""
        rows = [context.pitch_row(gap) for context, gap in zip(contexts, gaps, strict=True)]
        return self._logits(_PITCH, rows, _numbers(contexts, gaps))

    def durations(self, contexts: Sequence[MelodyContext], gaps: Sequence[int], intervals: Sequence[int]) -> Logits:
        """Follows :meth:`intervals`."""
        chosen = zip(contexts, gaps, intervals, strict=True)
        rows = [context.duration_row(gap, interval) for context, gap, interval in chosen]
        return self._logits(_DURATION, rows, _numbers(contexts, gaps))

    def velocities(
        self,
        contexts: Sequence[MelodyContext],
        gaps: Sequence[int],
        intervals: Sequence[int],
        durations: Sequence[int],
    ) -> Logits:
        """Follows :meth:`durations`."""
        chosen = zip(contexts, gaps, intervals, durations, strict=True)
        rows = [context.velocity_row(*fields) for context, *fields in chosen]
        return self._logits(_VELOCITY, rows, _numbers(contexts, gaps))

    def advance(self, contexts: Sequence[MelodyContext]) -> None:
        """One step of the net for all streams."""
        numbers = np.array(_numbers(contexts, [0] * len(contexts)), dtype=np.float32)
        self._streams.step(np.array([context.state_row() for context in contexts]), numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._streams.keep(list(streams))

    def _logits(self, head: int, rows: Sequence[Sequence[int]], numbers: Sequence[Sequence[float]]) -> Logits:
        return self._streams.logits(head, np.array(rows), np.array(numbers, dtype=np.float32))


def _numbers(contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> list[list[float]]:
    own = [context for context in contexts if isinstance(context, FormContext)]
    return [context.numbers(gap) for context, gap in zip(own, gaps, strict=True)]
