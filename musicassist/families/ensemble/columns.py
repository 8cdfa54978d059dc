"""The columns of the rows that the net reads: their tables, their order and their sizes, and the rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.vocabulary import (
    GAPS,
    LENGTHS,
    LENGTHS_STEPS,
    METERS,
    ROLES,
    STEPS_PER_BEAT,
    VELOCITY_BINS,
)
from musicassist.values import value_of

LOOK_BACK_BARS = (1, 2, 4, 8)
MATCH_LENGTHS = (16, 8, 4, 2)  # notes of all parts
RHYTHM_MATCH_LENGTHS = (24, 12, 6)
PART_MATCH_LENGTHS = (8, 5, 3, 2, 1)
WINDOW = 24  # LIMIT: notes back among which is searched for what still sounds
FARTHEST = 25  # LIMIT: wider intervals are one class
INTERVALS = 2 * FARTHEST + 2  # the last class: none
PLACES = 145  # LIMIT: steps into the bar, and one class for none
PHRASE_BARS = 8
RANKS = 6  # LIMIT: notes of one chord that are told apart
NEAR_STEPS, FAR_STEPS = 8 * STEPS_PER_BEAT, 64 * STEPS_PER_BEAT
SAME_STEPS = 1  # steps within which an end counts as at an onset

# The table that each column is embedded by, in the order of the columns.
TABLES = {
    "gap": GAPS + 1,
    "role": ROLES + 1,
    "interval": INTERVALS,
    "length": LENGTHS + 1,
    "velocity": VELOCITY_BINS + 1,
    "place": PLACES,
    "meter": METERS,
    "bar": PHRASE_BARS,
    "degree": 25,
    "rank": RANKS,
    "match": 8,
}
STATE = (
    *("gap", "role", "interval", "length", "velocity", "place", "meter", "bar", "degree", "interval", "rank"),
    *("match", "match"),
)
GAP_COLUMNS = ("gap",) * 10 + ("match", "match", "place", "meter", "role", "length")
GAP_CANDIDATES = 10
ROLE_COLUMNS = ("role",) * 6 + ("match", "match", "place", "gap", "role", "meter")
ROLE_CANDIDATES = 6
PITCH_COLUMNS = ("interval",) * 13 + ("role", "gap", "gap", "place", "rank", "match", "match", "interval")
LENGTH_COLUMNS = ("length",) * 12 + (
    "role",
    "place",
    "interval",
    "interval",
    "degree",
    "match",
    "match",
    "meter",
    "gap",
)
LENGTH_CANDIDATES = 12
VELOCITY_COLUMNS = ("velocity",) * 3 + ("role", "place", "interval", "length", "rank")
VELOCITY_CANDIDATES = 3
HEAD_COLUMNS = {
    "gap": GAP_COLUMNS,
    "role": ROLE_COLUMNS,
    "pitch": PITCH_COLUMNS,
    "length": LENGTH_COLUMNS,
    "velocity": VELOCITY_COLUMNS,
}
REACH = 36  # LIMIT: semitones around an anchor that have a score of their own
ANCHORS = 7  # pitches from which intervals are counted
PITCH_CANDIDATES = 6
CLASS_FEATURES = 9  # kinds of knowledge about each pitch class
STATE_CLASS_FEATURES = 7
STATE_NUMBERS = STATE_CLASS_FEATURES * 12 + 5 * ROLES
GAP_NUMBERS = 2 * ROLES
ROLE_NUMBERS = 7 * ROLES


@dataclass(frozen=True)
class EnsembleConfig:
    """Size of a net.

    Attributes:
        hidden: Of each recurrent layer.
        layers: How many there are.
        head_hidden: Size of each head's hidden layers; the velocity's has half of it.
        dropout: Between layers and in the heads, while training.
    """

    hidden: int = 512
    layers: int = 2
    head_hidden: int = 320
    dropout: float = 0.1

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


def config_of(page: Mapping[str, object]) -> EnsembleConfig:
    """The configuration in a card.

    Raises:
        ValueError: It is none.
    """
    config = value_of(EnsembleConfig, page)
    if not (0 < config.layers <= 8 and 0 < config.hidden <= 4096 and 1 < config.head_hidden <= 4096):  # LIMIT
        raise ValueError("sizes of no net of ours")
    return config


def embedding_size(classes: int) -> int:
    """Size of a table's vectors."""
    return 24 if classes > 24 else 12 if classes > 8 else 6


@cache
def grouped(columns: tuple[str, ...]) -> dict[str, list[int]]:
    """The places of the columns of each table."""
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(columns):
        groups.setdefault(name, []).append(place)
    return groups


def width_of(columns: tuple[str, ...]) -> int:
    """How many numbers some columns are embedded in, side by side."""
    return sum(embedding_size(TABLES[name]) for name in columns)


def features_hash() -> str:
    """A mark of all tables, columns and vocabularies: weights fit only what they were trained with."""
    page = (sorted(TABLES.items()), STATE, GAP_COLUMNS, ROLE_COLUMNS, PITCH_COLUMNS, LENGTH_COLUMNS, VELOCITY_COLUMNS)
    numbers = (LENGTHS_STEPS.tolist(), LOOK_BACK_BARS, MATCH_LENGTHS, RHYTHM_MATCH_LENGTHS, PART_MATCH_LENGTHS, WINDOW)
    sizes = (STATE_NUMBERS, GAP_NUMBERS, ROLE_NUMBERS, CLASS_FEATURES, ANCHORS, PITCH_CANDIDATES, NEAR_STEPS, FAR_STEPS)
    return sha256(repr((page, numbers, sizes)).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Rows:
    """What the net and its heads read, one row a note.

    Attributes:
        state: (N, len(STATE)) classes; ``state_numbers``: (N, STATE_NUMBERS).
        gap, role, pitch, length, velocity: The classes that each head reads, (N, columns).
        gap_numbers, role_numbers: (N, GAP_NUMBERS), (N, ROLE_NUMBERS).
        anchors: (N, ANCHORS) pitches, -1 for none; the first is always there.
        candidates: (N, PITCH_CANDIDATES) pitches that may be copied, ``PITCHES`` for none.
        classes: (N, CLASS_FEATURES, 12) what is known of each pitch class, 0..1.
        tonic: (N,) pitch class that the notes so far have as their home.
        least_role, least_pitch: (N,) what is not below the last note of one chord; with it ``same_role`` (N,), the
            role that ``least_pitch`` holds for.
        target: (N, 5) the fields of the note.
        is_scored: (N, 5).
        free_roles: (N, ROLES) which parts are written.
    """

    state: NDArray[np.int16]
    state_numbers: NDArray[np.float16]
    gap: NDArray[np.int16]
    gap_numbers: NDArray[np.float16]
    role: NDArray[np.int16]
    role_numbers: NDArray[np.float16]
    pitch: NDArray[np.int16]
    anchors: NDArray[np.int16]
    candidates: NDArray[np.int16]
    classes: NDArray[np.float16]
    tonic: NDArray[np.int16]
    length: NDArray[np.int16]
    velocity: NDArray[np.int16]
    least_role: NDArray[np.int16]
    least_pitch: NDArray[np.int16]
    same_role: NDArray[np.int16]
    target: NDArray[np.int16]
    is_scored: NDArray[np.bool_]
    free_roles: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.state)

    def rows(self, first: int, end: int) -> Rows:
        """Some rows."""
        return Rows(*(getattr(self, f.name)[first:end] for f in fields(Rows)))
