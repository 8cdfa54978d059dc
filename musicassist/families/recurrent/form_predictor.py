"""The net with a plan on NumPy: a seed is read once, then it foretells for some streams, each with its own plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musicassist.composing.plan import plan_of
from musicassist.composing.predictor import (
    DURATION,
    GAP,
    PITCH,
    VELOCITY,
    Chosen,
    Contexts,
    Logits,
    Passage,
    Predictor,
    Rows,
)
from musicassist.composing.seed_reading import IsCancelled, end_of, never
from musicassist.families.recurrent.form_context import Form, FormContext, Harmony
from musicassist.families.recurrent.form_reading import FormReader
from musicassist.families.recurrent.form_vocabulary import WISHES
from musicassist.tokens.context import MelodyContext

_OPEN, _CLOSED = WISHES.index("open"), WISHES.index("closed")


class FormPredictor(Predictor):
    """See ``composing.predictor.Predictor``; each stream has a form of its own. Used by one thread.

    Args:
        reader: The net, and what it keeps of seeds.
        forms: One for each stream; None takes what the passage says.
    """

    def __init__(self, reader: FormReader, forms: Sequence[Form] | None = None) -> None:
        self._reader = reader
        self._forms = forms
        self._streams = reader.net.decoder()

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Reads the passage's seed; gives a context for each stream.

        Raises:
            ReadingCancelled: It was cancelled.
        """
        forms = self._forms or forms_of(passage, len(randoms))
        assert len(randoms) == len(forms)
        contexts, past = self._reader.read_forms(passage.seed, passage.place, forms, is_cancelled)
        self._streams.begin(past, 1)
        return [*contexts]

    def gaps(self, contexts: Contexts) -> Logits:
        """Before the next onset is chosen, what counts is that of the last one."""
        return self._logits(GAP, [context.gap_row() for context in contexts], contexts, [0] * len(contexts))

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """From here on what sounds at the onset counts."""
        rows = [context.pitch_row(gap) for context, gap in zip(contexts, gaps, strict=True)]
        return self._logits(PITCH, rows, contexts, gaps)

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """Follows :meth:`intervals`."""
        chosen = zip(contexts, gaps, intervals, strict=True)
        rows = [context.duration_row(gap, interval) for context, gap, interval in chosen]
        return self._logits(DURATION, rows, contexts, gaps)

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """Follows :meth:`durations`."""
        chosen = zip(contexts, gaps, intervals, durations, strict=True)
        rows = [context.velocity_row(*fields) for context, *fields in chosen]
        return self._logits(VELOCITY, rows, contexts, gaps)

    def advance(self, contexts: Contexts) -> None:
        """One step of the net for all streams."""
        numbers = np.array(_numbers(contexts, [0] * len(contexts)), dtype=np.float32)
        self._streams.step(np.array([context.state_row() for context in contexts]), numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._streams.keep(list(streams))

    def _logits(self, head: int, rows: Rows, contexts: Contexts, gaps: Chosen) -> Logits:
        return self._streams.logits(head, np.array(rows), np.array(_numbers(contexts, gaps), dtype=np.float32))


def _numbers(contexts: Contexts, gaps: Chosen) -> list[list[float]]:
    own = [context for context in contexts if isinstance(context, FormContext)]
    return [context.numbers(gap) for context, gap in zip(own, gaps, strict=True)]


def forms_of(passage: Passage, streams: int) -> list[Form]:
    """What a passage tells each stream: its chords, its plan, and that it is to end, unless something follows."""
    place = passage.place
    harmony = Harmony(place.chord_starts, place.chord_masks, place.chord_basses)
    plans = passage.plans or (plan_of(end_of(passage.seed), place),) * streams
    if len(passage.following):
        return [Form(harmony, plan) for plan in plans]
    wish = _OPEN if place.last_bar is None else _CLOSED
    return [Form(harmony, plan, (passage.demands.to_step,), (wish,)) for plan in plans]
