"""The composing engine: a request in, takes out. Used by one thread at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from musicassist.composing.melody_takes import MelodyTake, Row, Sampler, compose
from musicassist.composing.melody_task import MelodyTask, melody_task
from musicassist.composing.model_choice import unserved
from musicassist.composing.predictor import Predictor
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.span import request_amends
from musicassist.disk import is_there
from musicassist.errors import CheckpointError
from musicassist.families.checkpoints import load_checkpoint
from musicassist.families.families import Loaded, is_ours, loaded, net_of, predictor_between, predictor_for
from musicassist.models.cards import ModelCard, list_cards
from musicassist.score.song import Note, Notes, Song
from musicassist.tokens.grammar import LONGEST_COPY
from musicassist.tokens.vocabulary import vocabulary_hash

OnNote = Callable[[int, Note], None]


class GenerationCancelled(Exception):
    """The work was stopped because somebody asked for it."""


class Engine:
    """Holds the models that were used; loads each at its first use.

    Args:
        folder: Where the checkpoints lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, Loaded] = {}

    def models(self) -> tuple[ModelCard, ...]:
        """The cards of the installed models."""
        return list_cards(self.folder)

    def is_loaded(self, name: str) -> bool:
        """Whether a request for this model can start at once."""
        return name in self._loaded

    def model(self, name: str) -> Any:
        """A model, loaded if need be; for measuring."""
        return self.ready(name).model

    def ready(self, name: str) -> Loaded:
        """A model with what its predictors need, loaded if need be; for measuring."""
        self.load(name)
        return self._loaded[name]

    def net(self, name: str) -> nn.Module:
        """A model as what is asked about whole melodies at once, loaded if need be; for measuring."""
        self.load(name)
        return net_of(self._loaded[name])

    def load(self, name: str) -> None:
        """Loads a model, and the models that its card names as its parts.

        Raises:
            CheckpointError: It is missing, damaged or of another vocabulary.
        """
        if name not in self._loaded:
            torch.set_num_threads(1)  # decoding is too small to share out; the other core belongs to window and sound
            self._loaded[name] = self._load(name, may_have_parts=True)

    def _load(self, name: str, *, may_have_parts: bool) -> Loaded:
        path = self.folder / f"{name}.safetensors"
        if "/" in name or "\\" in name or not is_there(path):
            known = ", ".join(card.name for card in self.models()) or "none"
            raise CheckpointError("There is no model named {name}. Installed: {known}.", name=name, known=known)
        model, card = load_checkpoint(path, vocabulary=vocabulary_hash())
        if not is_ours(model):
            raise CheckpointError("The model file {file} does not fit its card. Install it again.", file=path)
        parts = card.config.get("parts", {}) if may_have_parts else {}
        if not isinstance(parts, dict) or not all(isinstance(part, str) for part in parts.values()):
            raise CheckpointError("The model file {file} does not fit its card. Install it again.", file=path)
        return loaded(model, card, {role: self._load(part, may_have_parts=False) for role, part in parts.items()})

    def _ready(self, name: str, verb: str) -> Loaded:
        """A model that serves a verb, loaded if need be."""
        ready = self.ready(name)
        if verb not in ready.card.verbs:
            raise unserved(ready.card, verb, self.models())
        return ready

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_note: OnNote | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> tuple[Take, ...]:
        """The takes that were asked for.

        Args:
            request: What is wanted.
            on_note: Told of each note as it is made: the take's number (from 1) and the note.
            is_cancelled: Asked before each note.

        Raises:
            SeedError: There is nothing to continue.
            ConstraintError: The demands cannot be met together.
            CheckpointError: The model cannot be loaded, or does not serve what is asked.
            GenerationCancelled: ``is_cancelled`` said so.
        """
        task = melody_task(request)
        ready = self._ready(request.model, request.kind)
        predictor = predictor_for(ready, task, request)
        return _composed(predictor, task, request, on_note=on_note, is_cancelled=is_cancelled)

    def interpolate(
        self,
        request: GenerationRequest,
        other: Song,
        other_track: int,
        steps: int,
        *,
        on_note: OnNote | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> tuple[Take, ...]:
        """Phrases on the way from the one in the request's span to another, ends included, nearest to the first first.

        Args:
            request: The span of the first phrase, and what each phrase must meet. All phrases are made for this span:
                in its meter and key, each could stand in its place.
            other: The song with the second phrase.
            other_track: Its track there; all of it is read.
            steps: How many phrases; of one there is the middle.
            on_note: As for :meth:`generate`.
            is_cancelled: As for :meth:`generate`.

        Raises:
            SeedError: One of the phrases has no notes.
            ConstraintError: The demands cannot be met together.
            CheckpointError: The model cannot be loaded, or does not serve this.
            GenerationCancelled: ``is_cancelled`` said so.
        """
        request = replace(request, kind="vary", takes=steps)
        task = melody_task(request)
        ready = self._ready(request.model, "interpolate")
        predictor = predictor_between(ready, task, request, other, other_track)
        return _composed(predictor, task, request, on_note=on_note, is_cancelled=is_cancelled)


def _composed(
    predictor: Predictor,
    task: MelodyTask,
    request: GenerationRequest,
    *,
    on_note: OnNote | None,
    is_cancelled: Callable[[], bool] | None,
) -> tuple[Take, ...]:
    def tell(index: int, row: Row) -> None:
        if on_note is not None:
            on_note(index + 1, task.note(row))

    takes = compose(
        predictor,
        task.passage,
        request.takes,
        Sampler(request.temperature, request.top_p, request.seed),
        on_note=tell,
        is_cancelled=is_cancelled or (lambda: False),
    )
    if takes is None:
        raise GenerationCancelled
    return tuple(_take(request, task, made, number) for number, made in enumerate(takes, 1))


def _take(request: GenerationRequest, task: MelodyTask, made: MelodyTake, number: int) -> Take:
    notes = Notes.of(task.note(row) for row in made.rows)
    return Take(
        notes=notes,
        from_tick=task.from_tick,
        to_tick=task.to_tick,
        model=request.model,
        seed=request.seed,
        number=number,
        in_scale_share=float(notes.in_key(task.key).mean()) if task.key is not None else 1.0,
        originality=1 - sum(run > LONGEST_COPY for run in made.copied) / len(made.copied),
        constraints=request.constraints,
        revision=request.revision,
        amends=request_amends(request, notes),
    )
