"""What the composing loop asks of a model, whatever its family: how likely each next note is, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.grammar import Demands

Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Passage:
    """What is to be filled with notes, on the models' grid.

    Attributes:
        seed: What stands before it, at least one note. Where nothing does: one note that the takes may begin with.
        place: What seed and takes stand in.
        demands: What each take must meet.
        is_opening: Whether nothing stands before it, so that the first note of each take is in its context already.
        following: What stands behind it; may be empty.
    """

    seed: Melody
    place: Surroundings
    demands: Demands
    is_opening: bool = False
    following: Melody = field(default_factory=Melody.empty)


class Predictor(Protocol):
    """Says how likely each next note is, for some streams at once. Made for one passage; used by one thread.

    Shapes: ``B`` streams. Every method but :meth:`begin` and :meth:`keep` is given the context of each stream. The
    fields of a note are asked for in order, each with what was chosen before it; then :meth:`advance` is called.
    """

    def begin(self, passage: Passage, randoms: Sequence[np.random.Generator]) -> list[MelodyContext]:
        """Reads the passage's seed; gives a context for each stream, one a random generator.

        Of an opening passage each context holds the first note of its take: the seed's, or one of the model's own.
        """
        ...

    def gaps(self, contexts: Sequence[MelodyContext]) -> Logits:
        """(B, GAP_CLASSES) logits of the steps from the last onset to the next."""
        ...

    def intervals(self, contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> Logits:
        """(B, INTERVAL_CLASSES) logits of the interval from the last pitch."""
        ...

    def durations(self, contexts: Sequence[MelodyContext], gaps: Sequence[int], intervals: Sequence[int]) -> Logits:
        """(B, DURATION_CLASSES) logits of the length in steps."""
        ...

    def velocities(
        self,
        contexts: Sequence[MelodyContext],
        gaps: Sequence[int],
        intervals: Sequence[int],
        durations: Sequence[int],
    ) -> Logits:
        """(B, VELOCITY_CLASSES) logits of the velocity beside the mean."""
        ...

    def advance(self, contexts: Sequence[MelodyContext]) -> None:
        """Each context has grown by the note that was chosen."""

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only, in that order."""
