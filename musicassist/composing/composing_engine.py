"""What the command line and the window need of the composing engine, told without torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from musicassist.composing.model_choice import STAND_IN, stands_in
from musicassist.composing.request import GenerationRequest, Take
from musicassist.errors import CheckpointError, SeedError
from musicassist.score.song import Note, Song

OnNote = Callable[[int, Note], None]


class ComposingEngine(Protocol):
    """Makes takes; see ``generation.engine.Engine``."""

    def load(self, name: str) -> object:
        """Reads a model."""
        ...

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_note: OnNote | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> tuple[Take, ...]:
        """Takes of every kind but ``interpolate``."""
        ...

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
        """Phrases on the way from the request's to another, each in the request's span, the nearest first."""
        ...


def load_or_stand_in(engine: ComposingEngine, model: str, verb: str) -> tuple[str, CheckpointError | None]:
    """Loads a model, or the one that stands in for it where that fails.

    Returns:
        The name of the model that is there, and why it is not the one that was wanted.

    Raises:
        CheckpointError: The model cannot be loaded, and nothing can stand in for it.
    """
    try:
        engine.load(model)
    except CheckpointError as error:
        if not stands_in(model, verb):
            raise
        try:
            engine.load(STAND_IN)
        except CheckpointError:
            raise error from None
        return STAND_IN, error
    return model, None


def compose_takes(
    engine: ComposingEngine,
    request: GenerationRequest,
    *,
    on_note: OnNote | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[Take, ...]:
    """The takes that a request of any kind asks for.

    Raises:
        MusicAssistError: See ``generation.engine.Engine``.
        SeedError: The second phrase of an interpolation is missing.
    """
    if request.kind != "interpolate":
        return engine.generate(request, on_note=on_note, is_cancelled=is_cancelled)
    if request.other is None:
        raise SeedError("There is no second phrase. Choose a file that holds one.")
    return engine.interpolate(
        request, request.other, request.other_track, request.takes, on_note=on_note, is_cancelled=is_cancelled
    )
