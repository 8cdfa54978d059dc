"""What the command line and the window need of the composing engine, told without loading it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from musicassist.composing.request import GenerationRequest, Take
from musicassist.errors import CheckpointError
from musicassist.score.song import Note

OnNote = Callable[[int, Note], None]


class ComposingEngine(Protocol):
    """Makes takes; see ``composing.engine.Engine``."""

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
        """The takes that a request of any kind asks for."""
        ...


def load_or_stand_in(engine: ComposingEngine, model: str, stand_in: str | None) -> tuple[str, CheckpointError | None]:
    """Loads a model, or the one that stands in for it where that fails.

    Args:
        engine: What holds them.
        model: The name of the model that is wanted.
        stand_in: The name of the one that can take its place, see ``Families.stand_in``.

    Returns:
        The name of the model that is there, and why it is not the one that was wanted.

    Raises:
        CheckpointError: The model cannot be loaded, and nothing can stand in for it.
    """
    try:
        engine.load(model)
    except CheckpointError as error:
        if stand_in is None or stand_in == model:
            raise
        try:
            engine.load(stand_in)
        except CheckpointError:
            raise error from None
        return stand_in, error
    return model, None
