"""Which model does what: the one taken for a verb when nobody chose, and who serves a verb at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from musicassist.errors import CheckpointError

# For each verb its models by name, the best first; a family's name stands for all of it. Others come after these.
PREFERRED: dict[str, tuple[str, ...]] = {
    "continue": ("lstm", "lstm-attention", "transformer", "lstm-seed", "gru", "rnn", "markov", "gan", "gan-latent"),
    "infill": ("transformer", "lstm", "lstm-attention", "lstm-seed", "gru", "rnn", "markov"),
    "vary": ("vae",),
    "interpolate": ("vae",),
    "generate": ("gan", "gan-latent", "lstm", "lstm-attention", "transformer", "gru", "rnn", "vae", "markov"),
}
VERBS = tuple(PREFERRED)
STAND_IN = "markov"  # composes where another model cannot be loaded: there at once, and hardly anything can go wrong
_TWO_SIDED = ("transformer",)  # these read what stands behind a gap, too


class Described(Protocol):
    """What a choice needs to know of a model; ``models.cards.ModelCard`` says it."""

    @property
    def name(self) -> str:
        """What ``--model`` takes."""
        ...

    @property
    def family(self) -> str:
        """One of ``models.cards.FAMILIES``."""
        ...

    @property
    def verbs(self) -> tuple[str, ...]:
        """What it can be asked for."""
        ...


M = TypeVar("M", bound=Described)


def serving(models: Iterable[M], verb: str) -> list[M]:
    """The models that serve a verb, the preferred one first."""
    preferred = PREFERRED[verb]

    def rank(model: M) -> tuple[int, bool, str]:
        names = [name for name in (model.name, model.family) if name in preferred]
        place = min((preferred.index(name) for name in names), default=len(preferred))
        return place, model.name not in preferred, model.name  # the shipped model stands before one's own of its family

    return sorted((model for model in models if verb in model.verbs), key=rank)


def default_model(models: Iterable[Described], verb: str) -> str:
    """Name of the model that is taken for a verb when nobody chose one.

    Raises:
        CheckpointError: None that serves it is installed.
    """
    able = serving(models, verb)
    if not able:
        raise CheckpointError("No model that can {verb} is installed. 'musicassist models' lists what is.", verb=verb)
    return able[0].name


def unserved(model: Described, verb: str, models: Iterable[Described]) -> CheckpointError:
    """What to say when a model is asked for a verb that it does not serve; ``models`` are all that are installed."""
    able = ", ".join(other.name for other in serving(models, verb)) or "none"
    return CheckpointError(
        "The model {name} does not {verb}. Models that do: {able}.", name=model.name, verb=verb, able=able
    )


def stands_in(model: str, verb: str) -> bool:
    """Whether ``STAND_IN`` can take the place of a model that cannot be loaded."""
    return model != STAND_IN and STAND_IN in PREFERRED[verb]


def sees_past_only(model: Described, verb: str) -> bool:
    """Whether it fills bars without a look at what stands behind them."""
    return verb == "infill" and model.family not in _TWO_SIDED
