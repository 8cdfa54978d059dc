"""Cards: what a checkpoint says about itself, readable without torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NoReturn

from msgspec import Meta

from musicassist.disk import read_whole
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError
from musicassist.values import value_of

MAX_CARD_BYTES = 1024 * 1024  # LIMIT
Count = Annotated[int, Meta(ge=0, lt=2**53)]  # LIMIT: a number in JSON is exact up to there


@dataclass(frozen=True)
class ModelCard:
    """One installed model.

    Attributes:
        name: What ``--model`` takes.
        family: ``lstm``, ``vae``, ..., or ``hybrid`` for one that works with others.
        verbs: What it can be asked for: ``continue``, ``generate``, ...
        parameters: Numbers learned.
        bytes: Size of its file.
        vocabulary: Hash of the vocabulary it was trained with.
        config: Shape of the net, as its module reads it.
        data: What it was trained on.
        licences: Of that data, with the credit that is owed.
        recipe: How it was trained: steps, seed, minutes, machine.
        metrics: Figures on the test split.
    """

    name: str
    family: str
    verbs: tuple[str, ...]
    parameters: Count
    bytes: Count
    vocabulary: str
    config: Mapping[str, object]
    data: Mapping[str, object] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    recipe: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)

    @property
    def variant(self) -> str:
        """Which of all models it is one of: its family, and for a hybrid the roles of its parts, as ``hybrid+net``."""
        parts = self.config.get("parts")
        return "+".join([self.family, *sorted(map(str, parts))]) if isinstance(parts, dict) else self.family


def read_card(path: Path) -> ModelCard:
    """The card in a JSON file.

    Raises:
        CheckpointError: It is missing, damaged or says too little.
    """
    try:
        page = json.loads(read_whole(path, MAX_CARD_BYTES).decode("utf-8"), parse_constant=_refuse_constant)
        return value_of(ModelCard, page, is_exact=False)
    except FileNotFoundError as error:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model card {file} is missing. Install musicassist again."), file=path
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model card {file} is damaged. Install musicassist again."), file=path
        ) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of ours")


def list_cards(folder: Path) -> tuple[ModelCard, ...]:
    """The cards of all models in a folder whose card can be read, by name."""
    cards = []
    for path in sorted(folder.glob("*.json")):
        try:
            cards.append(read_card(path))
        except CheckpointError:  # a damaged card hides its model here; asking for the model by name says why
            continue
    return tuple(cards)
