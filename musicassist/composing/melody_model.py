"""Models of melodies: the vocabulary's tables and columns, read by nets that know only numbers."""

from __future__ import annotations

from typing import Any

from musicassist.models.steps import HeadConfig
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    CHORD_SIZE,
    DURATION_CLASSES,
    DURATION_COLUMNS,
    GAP_CLASSES,
    GAP_COLUMNS,
    INTERVAL_CLASSES,
    PITCH_COLUMNS,
    PROFILE_SIZE,
    STATE_COLUMNS,
    TABLES,
    VELOCITY_CLASSES,
    VELOCITY_COLUMNS,
)

_LAST_DURATION = [name for name, _ in GAP_COLUMNS].index("duration")


def _tables_of(columns: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(table for _, table in columns)


MELODY_HEADS = (
    # a note is cut at the next onset, so no gap is shorter than the duration before it
    HeadConfig("gap", GAP_CLASSES, _tables_of(GAP_COLUMNS), CANDIDATES, floor_column=_LAST_DURATION),
    HeadConfig("interval", INTERVAL_CLASSES, _tables_of(PITCH_COLUMNS), CANDIDATES, reads_numbers=True),
    HeadConfig("duration", DURATION_CLASSES, _tables_of(DURATION_COLUMNS), CANDIDATES, reads_numbers=True),
    HeadConfig("velocity", VELOCITY_CLASSES, _tables_of(VELOCITY_COLUMNS)),
)


def melody_fields() -> dict[str, Any]:
    """What the configurations of all nets of melodies have in common, whatever their size."""
    return {
        "tables": dict(TABLES),
        "state_columns": _tables_of(STATE_COLUMNS),
        "heads": MELODY_HEADS,
        "numbers": PROFILE_SIZE,
        "head_numbers": PROFILE_SIZE + CHORD_SIZE,
    }


def check_melody_config(config: object) -> None:
    """Refuses a net that reads or predicts something else than melodies.

    Raises:
        ValueError: It does.
    """
    if any(getattr(config, name) != value for name, value in melody_fields().items()):
        raise ValueError("it reads or predicts something else than melodies")
