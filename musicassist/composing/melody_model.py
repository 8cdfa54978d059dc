"""Models of melodies: the vocabulary's tables and columns, read by nets that know only numbers."""

from __future__ import annotations

from musicassist.families.recurrent.net import RecurrentConfig
from musicassist.families.transformer.net import TransformerConfig
from musicassist.models.heads import HeadConfig
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


def melody_config(
    cell: str, hidden: int, *, layers: int = 2, head_hidden: int = 256, attention_heads: int = 0
) -> RecurrentConfig:
    """A recurrent model of melodies."""
    return RecurrentConfig(
        tables=dict(TABLES),
        state_columns=_tables_of(STATE_COLUMNS),
        heads=MELODY_HEADS,
        numbers=PROFILE_SIZE,
        head_numbers=PROFILE_SIZE + CHORD_SIZE,
        cell=cell,
        hidden=hidden,
        layers=layers,
        head_hidden=head_hidden,
        attention_heads=attention_heads,
    )


def melody_transformer(
    width: int, *, layers: int = 5, attention_heads: int = 5, head_hidden: int = 160
) -> TransformerConfig:
    """A Transformer of melodies."""
    return TransformerConfig(
        tables=dict(TABLES),
        state_columns=_tables_of(STATE_COLUMNS),
        heads=MELODY_HEADS,
        numbers=PROFILE_SIZE,
        head_numbers=PROFILE_SIZE + CHORD_SIZE,
        width=width,
        layers=layers,
        attention_heads=attention_heads,
        head_hidden=head_hidden,
    )


def is_melody_config(config: RecurrentConfig | TransformerConfig) -> bool:
    """Whether a net reads and predicts what :func:`melody_config` does, whatever its size."""
    ours = melody_config("lstm", 1)
    names = ("tables", "state_columns", "heads", "numbers", "head_numbers")
    return all(getattr(config, name) == getattr(ours, name) for name in names)
