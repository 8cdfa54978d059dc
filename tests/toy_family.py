"""A family of models as anyone might add one: it knows how often each class of a field occurs, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.composing.predictor import Chosen, Contexts, FieldPredictor, Logits, Passage, Rows
from musicassist.composing.seed_reading import IsCancelled, SeedContexts, never
from musicassist.learning.batches import Batch, Dropout, bits_of, note_losses, training_batches
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import Learning, Nets, Recipe, Schedule, Settings, Trainee
from musicassist.models.weights import Weights
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import DURATION_CLASSES, GAP_CLASSES, INTERVAL_CLASSES, VELOCITY_CLASSES

CLASSES = (GAP_CLASSES, INTERVAL_CLASSES, DURATION_CLASSES, VELOCITY_CLASSES)


@dataclass(frozen=True)
class ToyConfig:
    first_weight: float = 0.0


class ToyModel(nn.Module):
    """The logits of each field."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        self.fields = nn.ParameterList([torch.full((count,), config.first_weight) for count in CLASSES])

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        return [field.expand(*state.shape[:2], -1) for field in self.fields]


class ToyPredictor(FieldPredictor):
    """See ``composing.predictor.Predictor``."""

    def __init__(self, rows: Sequence[Logits]) -> None:
        self.rows = rows

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        context = SeedContexts().read(passage.seed, passage.place, is_cancelled=is_cancelled)
        return [context.copy() for _ in randoms]

    def logits(self, field: int, contexts: Contexts, rows: Rows, gaps: Chosen | None = None) -> Logits:
        return np.tile(self.rows[field], (len(contexts), 1))

    def advance(self, contexts: Contexts) -> None:
        pass

    def keep(self, streams: Sequence[int]) -> None:
        pass


@dataclass(frozen=True)
class ToySettings(Settings):
    config: ToyConfig

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> ToyTrainee:
        return ToyTrainee(ToyModel(self.config), corpus, seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        return bits_of(model, pack)


class ToyTrainee(Trainee):
    """See ``learning.recipe.Trainee``."""

    unit = "bits per note"

    def __init__(self, model: ToyModel, corpus: Corpus, seed: int) -> None:
        super().__init__(model, seed)
        self.corpus = corpus

    def batches(self, epoch: int) -> Iterator[Batch]:
        train, options = self.corpus.sides["train"], {"notes": 32, "batch_notes": 512, "other_share": 0.0}
        return training_batches(train, dropout=Dropout(), seed=self._seed, epoch=epoch, **options)  # type: ignore[arg-type]

    def losses(self, batch: Batch, step: int) -> Iterator[tuple[str, Tensor]]:
        nats, notes = torch.stack(note_losses(self.model, batch)).sum(), int(batch.mask.sum())
        self._told = (float(nats.detach()) / math.log(2), notes)
        yield "model", nats / notes

    def validate(self, model: nn.Module) -> dict[str, float]:
        return bits_of(model, self.corpus.sides["valid"])


def _net(page: Mapping[str, object]) -> ToyModel:
    return ToyModel(ToyConfig(**page))  # type: ignore[arg-type]


def _rows(page: Mapping[str, object], weights: Weights) -> list[Logits]:
    return [weights.floats(f"fields.{place}", count) for place, count in enumerate(CLASSES)]


TOY = Family(
    (Variant("toy", "toy", "throws dice", {"continue": 5, "generate": 95, "infill": 95}),),
    lambda: Decoding(model=_rows, reader=lambda loaded: ToyPredictor(loaded.model)),
    lambda: Learning(
        net=_net,
        recipes=[Recipe("toy", "toy", ToySettings(ToyConfig()), Schedule(steps=40, learning_rate=0.1))],
        whole=lambda model, _parts: model,
    ),
)
