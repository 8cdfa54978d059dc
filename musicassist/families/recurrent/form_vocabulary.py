"""The columns that the net with a plan reads beside those of ``tokens.vocabulary``, all of them relative."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.plan import MAX_BACK_BARS, Ending, Relation
from musicassist.composing.predictor import MELODY_HEADS
from musicassist.families.recurrent.decoding import RecurrentConfig
from musicassist.models.steps import HeadConfig
from musicassist.tokens.codec import NO_BASS
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    DURATION_COLUMNS,
    GAP_COLUMNS,
    PITCH_COLUMNS,
    PROFILE_SIZE,
    STATE_COLUMNS,
    STEPS_PER_BEAT,
    TABLES,
    VELOCITY_COLUMNS,
)

MAX_BEATS_LEFT = 32  # LIMIT: of the countdown in beats
WISHES = ("", "open", "closed")
_BACK_EDGES = (1, 2, 3, 4, 5, 8, 9, 16)  # lower edges of the classes of bars back
BACK_CLASSES = len(_BACK_EDGES) + 1
BEATS_AHEAD = (1, 2)

FORM_TABLES: dict[str, int] = {
    **TABLES,
    "relation": len(Relation),
    "ending": len(Ending),
    "back": BACK_CLASSES,
    "wish": len(WISHES),
    "left": MAX_BEATS_LEFT + 2,
    "bass": NO_BASS + 1,
}
Columns = tuple[tuple[str, str], ...]

FORM_STATE_COLUMNS: Columns = (
    *STATE_COLUMNS,
    ("relation", "relation"),
    ("next_relation", "relation"),
    ("ending", "ending"),
    ("next_ending", "ending"),
    ("back", "back"),
    ("wish", "wish"),
    ("left", "left"),
    ("bass", "bass"),
)
FORM_GAP_COLUMNS: Columns = (
    *GAP_COLUMNS[:CANDIDATES],
    ("plan_gap", "gap"),
    *GAP_COLUMNS[CANDIDATES:],
    ("relation", "relation"),
    ("next_relation", "relation"),
    ("ending", "ending"),
    ("wish", "wish"),
    ("left", "left"),
)
FORM_PITCH_COLUMNS: Columns = (
    *PITCH_COLUMNS[:CANDIDATES],
    ("plan_interval", "interval"),
    *PITCH_COLUMNS[CANDIDATES:],
    ("plan_fit", "fit"),
    ("relation", "relation"),
    ("ending", "ending"),
    ("wish", "wish"),
    ("left", "left"),
    ("bass", "bass"),
)
FORM_DURATION_COLUMNS: Columns = (
    *DURATION_COLUMNS[:CANDIDATES],
    ("plan_duration", "duration"),
    *DURATION_COLUMNS[CANDIDATES:],
    ("plan_fit", "fit"),
    ("relation", "relation"),
    ("ending", "ending"),
    ("wish", "wish"),
    ("left", "left"),
)
FORM_COLUMNS = (FORM_GAP_COLUMNS, FORM_PITCH_COLUMNS, FORM_DURATION_COLUMNS, VELOCITY_COLUMNS)
BASE_COLUMNS = (GAP_COLUMNS, PITCH_COLUMNS, DURATION_COLUMNS, VELOCITY_COLUMNS)
FORM_CANDIDATES = CANDIDATES + 1

MASKS = 2 + len(BEATS_AHEAD)  # here, so many beats on, and at the next bar line
# tones above the last pitch, and whether any are known; the tones to come; the lowest tone
HARMONY_SIZE = 12 + 1 + 12 * (MASKS - 1) + 12
FORM_NUMBERS = PROFILE_SIZE + HARMONY_SIZE


def tables_of(columns: Columns) -> tuple[str, ...]:
    """The table of each column."""
    return tuple(table for _, table in columns)


def _head(base: HeadConfig, columns: Columns) -> HeadConfig:
    names = [name for name, _ in columns]
    floor = names.index("duration") if base.floor_column is not None else None
    is_music = bool(base.candidates)
    return replace(
        base,
        columns=tables_of(columns),
        candidates=FORM_CANDIDATES if is_music else 0,
        reads_numbers=is_music,
        floor_column=floor,
    )


FORM_HEADS = tuple(_head(base, own) for base, own in zip(MELODY_HEADS, FORM_COLUMNS, strict=True))


def back_class(back_bars: int) -> int:
    """Class of a distance in bars; 0 for none."""
    return sum(min(back_bars, MAX_BACK_BARS) >= edge for edge in _BACK_EDGES)


def left_class(steps: int) -> int:
    """Class of the steps that are left before the end that was asked for; 1 where it is reached."""
    return 1 + max(0, min(MAX_BEATS_LEFT, -(-steps // STEPS_PER_BEAT)))


def left_classes(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same for many."""
    return 1 + np.clip(-(-steps // STEPS_PER_BEAT), 0, MAX_BEATS_LEFT)


def form_config(hidden: int = 448, head_hidden: int = 256, dropout: float = 0.2) -> RecurrentConfig:
    """The shape of the net: an LSTM of two layers."""
    return RecurrentConfig(**_fields(), cell="lstm", hidden=hidden, head_hidden=head_hidden, dropout=dropout)


def of_forms(config: RecurrentConfig) -> RecurrentConfig:
    """The configuration of a net with a plan.

    Raises:
        ValueError: It reads or predicts something else.
    """
    if any(getattr(config, name) != value for name, value in _fields().items()):
        raise ValueError("it reads or predicts something else than melodies with a plan")
    return config


def _fields() -> dict[str, Any]:
    return {
        "tables": dict(FORM_TABLES),
        "state_columns": tables_of(FORM_STATE_COLUMNS),
        "heads": FORM_HEADS,
        "numbers": FORM_NUMBERS,
        "head_numbers": FORM_NUMBERS,
        "layers": 2,
    }
