"""What a model may read of the notes behind a hole while it fills the hole: nothing that tells what stands in it.

The order of events is prefix, suffix, middle: a row for each note before the hole, one for each of the first notes
behind it, then again the last note before the hole and the notes of the hole itself, each of which tells of its past.
Source: Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the Middle" (prefix-suffix-middle).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.family import Decoding
from musicassist.composing.predictor import NetPredictor, Passage, of_melodies
from musicassist.composing.seed_reading import IsCancelled, SeedReader, never
from musicassist.families.transformer.decoding import TransformerConfig, TransformerStep
from musicassist.tokens.codec import Melody
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import NONE_CLASS, STATE_COLUMNS, VELOCITY_CLASSES
from musicassist.values import value_of

BEFORE, BEHIND, MIDDLE = range(3)  # segments of events; without a hole all are of the first
MAX_FOLLOWING_NOTES = 32  # LIMIT: that are read behind a hole
FOLLOWING_OFFSET = 64  # positions from the last note before a hole to the first behind it, however long the hole is
_PLACES = {name: place for place, (name, _) in enumerate(STATE_COLUMNS)}
COUNTDOWN = _PLACES["countdown"]
PHRASE = _PLACES["phrase"]
GAP = _PLACES["gap"]
INTERVAL = _PLACES["interval"]
# What the rows behind a hole hold of columns that would tell of the hole: classes for "unknown".
_UNKNOWN = {"countdown": 0, "velocity": VELOCITY_CLASSES, "match": 0, "agreement": 8}


def hide_middle(states: NDArray[np.integer], interval: int) -> None:
    """Takes out of the rows behind a hole, (n, 14), what they tell of it; in place.

    Args:
        states: ``STATE_COLUMNS`` of the first notes behind the hole.
        interval: Class of the interval from the last note before the hole to the first behind it.
    """
    for name, unknown in _UNKNOWN.items():
        states[:, _PLACES[name]] = unknown
    states[:1, GAP] = 0
    states[:1, INTERVAL] = interval


def following_rows(context: MelodyContext, following: Melody) -> NDArray[np.int64]:
    """``STATE_COLUMNS`` of the first notes behind a hole, (n, 14), beside the past that the hole is filled from."""
    behind = context.copy()
    rows = np.zeros((min(len(following), MAX_FOLLOWING_NOTES), len(STATE_COLUMNS)), dtype=np.int64)
    for row, note in zip(rows, following, strict=False):
        behind.append(*note)
        row[:] = behind.state_row()
    hide_middle(rows, int(rows[0, INTERVAL]) if len(rows) else NONE_CLASS)
    return rows


def arranged_positions(before: int, behind: int, middle: int) -> NDArray[np.int64]:
    """Positions of the rows of prefix, suffix and middle; the middle's first is the prefix's last.

    So the middle stands beside the prefix as in a melody without a hole, and the suffix at a fixed distance.
    """
    last = before - 1
    return np.concatenate(
        [np.arange(before), last + FOLLOWING_OFFSET + np.arange(behind), last + np.arange(middle)]
    ).astype(np.int64)


def arranged_segments(before: int, behind: int, middle: int) -> NDArray[np.int64]:
    """The segment of each of the same rows."""
    return np.repeat([BEFORE, BEHIND, MIDDLE], [before, behind, middle])


class InfillPredictor(NetPredictor):
    """See :class:`predictor.Predictor`; where nothing stands behind the passage, it continues."""

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Reads what stands before, what stands behind, and the last note before again."""
        if not len(passage.following):
            return super().begin(passage, randoms, is_cancelled)
        net = cast("TransformerStep", self.reader.net)
        # the bars are counted down in the hole only
        context, past = self.reader.read(passage.seed, passage.place, counts_down=False, is_cancelled=is_cancelled)
        last_row, last_profile = self.reader.last_row(passage.place)
        behind = following_rows(context, passage.following)
        places = arranged_positions(len(context), len(behind), 1)
        unknown = np.zeros((len(behind), last_profile.shape[1]), dtype=np.float32)
        past = net.read(past, behind, unknown, segment=BEHIND, positions=places[len(context) : -1])
        past = net.read(past, last_row, last_profile, segment=MIDDLE, positions=places[-1:])
        self._streams.begin(past, len(randoms))
        return [context.continued() for _ in randoms]


DECODING = Decoding(
    model=lambda page, weights: SeedReader(TransformerStep(of_melodies(value_of(TransformerConfig, page)), weights)),
    reader=lambda loaded: InfillPredictor(loaded.model),
)
