"""The net with a plan on NumPy: a seed is read once, then it foretells for some streams at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lab.form.context import Form, FormContext
from musicassist.families.recurrent.decoding import Past, RecurrentStep
from musicassist.tokens.codec import Melody, Surroundings

Logits = NDArray[np.float32]
Row = tuple[int, int, int, int]
MAX_SEED_NOTES = 512  # LIMIT: of a longer seed only the last notes are read
_GAP, _PITCH, _DURATION, _VELOCITY = range(4)


def read_seed(
    net: RecurrentStep, seed: Melody, place: Surroundings, forms: Sequence[Form]
) -> tuple[list[FormContext], Past]:
    """The context of each stream after a seed of at least one note, and what the net knows then, (B, H) each.

    What all forms say alike is read once.
    """
    notes = list(seed)[-MAX_SEED_NOTES:]
    shared = _FormSeed(FormContext(place, forms[0]))
    shared.read(notes[: _alike(notes, place, forms)])
    past = net.read(net.beginning(), *shared.rows()) if shared.states else net.beginning()
    layers = tuple(tuple(np.repeat(part, len(forms), 0) for part in layer) for layer in past.layers)
    own = [shared.went_on(form) for form in forms]
    for each in own:
        each.read(notes[len(shared.states) :])
    rows = [each.rows() for each in own]
    for event in range(len(rows[0][0])):
        state, numbers = (np.stack([page[part][event] for page in rows]) for part in (0, 1))
        layers = net.stepped(layers, net.columns(state), numbers)
    return [each.context for each in own], Past(layers, layers[-1][0])


class _FormSeed:
    """A context that reads, and the net's rows for it: classes (T, S) and numbers (T, N)."""

    def __init__(self, context: FormContext) -> None:
        self.context = context
        self.states: list[list[int]] = []
        self._numbers: list[list[float]] = []

    def read(self, notes: Sequence[Row]) -> None:
        for note in notes:
            self.context.append(*note)
            self.states.append(self.context.state_row())
            self._numbers.append(self.context.numbers(0))

    def went_on(self, form: Form) -> _FormSeed:
        """From here on with another form."""
        twin = _FormSeed(self.context.copy())
        twin.context.form = form
        return twin

    def rows(self) -> tuple[NDArray[np.int64], Logits]:
        return np.array(self.states, dtype=np.int64), np.array(self._numbers, dtype=np.float32)


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
    """As ``composing.predictor.NetPredictor``, but for contexts of :class:`FormContext`. Used by one thread.

    Shapes: ``B`` streams; every method but :meth:`begin` and :meth:`keep` is given the context of each.
    """

    def __init__(self, net: RecurrentStep) -> None:
        self.net = net
        self._streams = net.decoder()

    def begin(self, seed: Melody, place: Surroundings, forms: Sequence[Form]) -> list[FormContext]:
        """Reads the seed; gives a context for each stream, one a form."""
        contexts, past = read_seed(self.net, seed, place, forms)
        self._streams.begin(past, 1)
        return contexts

    def gaps(self, contexts: Sequence[FormContext]) -> Logits:
        """(B, GAP_CLASSES), before the next onset is chosen."""
        return self._logits(_GAP, [context.gap_row() for context in contexts], [c.numbers(0) for c in contexts])

    def intervals(self, contexts: Sequence[FormContext], gaps: Sequence[int]) -> Logits:
        """(B, INTERVAL_CLASSES); from here on what sounds at the onset counts."""
        rows = [context.pitch_row(gap) for context, gap in zip(contexts, gaps, strict=True)]
        return self._logits(_PITCH, rows, _numbers(contexts, gaps))

    def durations(self, contexts: Sequence[FormContext], gaps: Sequence[int], intervals: Sequence[int]) -> Logits:
        """(B, DURATION_CLASSES); follows :meth:`intervals`."""
        chosen = zip(contexts, gaps, intervals, strict=True)
        rows = [context.duration_row(gap, interval) for context, gap, interval in chosen]
        return self._logits(_DURATION, rows, _numbers(contexts, gaps))

    def velocities(
        self,
        contexts: Sequence[FormContext],
        gaps: Sequence[int],
        intervals: Sequence[int],
        durations: Sequence[int],
    ) -> Logits:
        """(B, VELOCITY_CLASSES); follows :meth:`durations`."""
        chosen = zip(contexts, gaps, intervals, durations, strict=True)
        rows = [context.velocity_row(*fields) for context, *fields in chosen]
        return self._logits(_VELOCITY, rows, _numbers(contexts, gaps))

    def advance(self, contexts: Sequence[FormContext]) -> None:
        """Each context has grown by the note that was chosen: one step of the net for all streams."""
        numbers = np.array([context.numbers(0) for context in contexts], dtype=np.float32)
        self._streams.step(np.array([context.state_row() for context in contexts]), numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._streams.keep(list(streams))

    def _logits(self, head: int, rows: Sequence[Sequence[int]], numbers: Sequence[Sequence[float]]) -> Logits:
        return self._streams.logits(head, np.array(rows), np.array(numbers, dtype=np.float32))


def _numbers(contexts: Sequence[FormContext], gaps: Sequence[int]) -> list[list[float]]:
    return [context.numbers(gap) for context, gap in zip(contexts, gaps, strict=True)]
