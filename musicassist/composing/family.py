"""A family of models as one record, and the list of all: names, verbs and words, and the ways to its code.

Nothing here costs torch: what builds, composes and learns is imported when it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from musicassist.composing.request import GenerationRequest, Take
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError
from musicassist.models.cards import ModelCard, list_cards
from musicassist.score.song import Note
from musicassist.tokens.vocabulary import vocabulary_hash

if TYPE_CHECKING:
    from torch import nn

    from musicassist.composing.melody_task import MelodyTask
    from musicassist.composing.note_history import SeedMemory
    from musicassist.composing.predictor import Predictor
    from musicassist.learning.recipe import Learning
    from musicassist.models.weights import Weights

OnNote = Callable[[int, Note], None]
OnShare = Callable[[float], None]  # of all that is composed, 0..1
IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class Variant:
    """Models of one family that have a name in common.

    Attributes:
        name: Of the shipped model, and of the recipe that it was trained by.
        mark: What ``ModelCard.variant`` says of such a model.
        words: What it is, for people; the window translates them in the context "Models".
        verbs: What it can be asked for. The number is its place among all models that serve the verb: the lowest is
            taken where nobody chose.
        title: What people call it, in the same context; without one, its name.
        sees_behind: Whether it reads what stands behind the bars that it fills.
        stands_in: Whether it composes where another model cannot be loaded: there at once, and hardly anything can go
            wrong with it.
        writes_parts: Whether it writes chords, and further tracks together with the edited one.
        reads_plans: Whether it reads the plan of a take by itself; others are led by it.
    """

    name: str
    mark: str
    words: str
    verbs: Mapping[str, int]
    title: str = ""
    sees_behind: bool = False
    stands_in: bool = False
    writes_parts: bool = False
    reads_plans: bool = False


@dataclass(frozen=True)
class Loaded:
    """A model in memory.

    Attributes:
        family: How it composes.
        card: What it says about itself.
        model: The net as its predictors read it, on NumPy.
        path: Its checkpoint.
        memory: What it keeps of the last seed.
        parts: The models that it works with, by their role; a hybrid has some.
    """

    family: Family
    card: ModelCard
    model: Any
    path: Path
    memory: SeedMemory
    parts: Mapping[str, Loaded] = field(default_factory=dict)

    def predictor(self, task: MelodyTask, request: GenerationRequest) -> Predictor:
        """It, made ready for one request.

        Raises:
            SeedError: The second phrase of an interpolation is missing or has no melody.
            CheckpointError: A part is none that it can work with.
        """
        decoding = self.family.decoding()
        return decoding.reader(self) if decoding.reader is not None else decoding.writer(self, task, request)

    @property
    def reads_notes(self) -> bool:
        """Whether it tells how likely each note is after all the notes before it."""
        return self.family.decoding().reader is not None

    @property
    def reads_plans(self) -> bool:
        """See ``Variant``."""
        return any(own.reads_plans for own in self.family.variants if own.mark == self.card.variant)

    def note_reader(self) -> Predictor:
        """A model that reads notes, made ready for one passage."""
        reader = self.family.decoding().reader
        assert reader is not None
        return reader(self)

    def net(self) -> Any:
        """The net as torch runs and trains it, read anew; for measuring. Costs torch."""
        from musicassist.models.checkpoints import load_checkpoint

        made = self.family.learning().net
        net, _ = load_checkpoint(self.path, lambda card: made(card.config), vocabulary=self.card.vocabulary)
        return net

    def whole(self) -> nn.Module:
        """A model that reads notes as what is asked about whole melodies at once; see ``Learning``. For measuring."""
        whole = self.family.learning().whole
        assert whole is not None
        return whole(self.net(), {role: part.net() for role, part in self.parts.items()})


class Composer(Protocol):
    """See ``Decoding.composer``."""

    def __call__(
        self,
        loaded: Loaded,
        request: GenerationRequest,
        task: MelodyTask,
        on_note: OnNote,
        on_share: OnShare,
        is_cancelled: IsCancelled,
    ) -> tuple[Take, ...] | None:
        """``task``: the line of the edited track; ``on_share`` is told which share of all is composed, 0..1."""
        ...


def _no_writer(loaded: Loaded, task: MelodyTask, request: GenerationRequest) -> Predictor:
    raise CheckpointError(QT_TRANSLATE_NOOP("Errors", "The model {name} cannot compose."), name=loaded.card.name)


@dataclass(frozen=True)
class Decoding:
    """How the models of a family compose. A family has a reader or a writer.

    Attributes:
        model: Its net on NumPy, from a card's configuration and the numbers of the checkpoint. Raises as
            ``Learning.net`` does, and ValueError where the numbers do not fit.
        reader: Makes a predictor that needs no more than its passage: it tells how likely each note is after all
            before it.
        writer: Makes one from a task and its request.
        fits: Whether they can work with these parts.
        composer: Makes as many takes as a request composes by itself, of all tracks that it writes, in the order of
            their numbers; None where it was cancelled. It has neither reader nor writer then.
        vocabulary: The hash that its cards must bear.
    """

    model: Callable[[Mapping[str, object], Weights], Any]
    reader: Callable[[Loaded], Predictor] | None = None
    writer: Callable[[Loaded, MelodyTask, GenerationRequest], Predictor] = _no_writer
    fits: Callable[[Mapping[str, Loaded]], bool] = lambda parts: True
    composer: Composer | None = None
    vocabulary: Callable[[], str] = vocabulary_hash


@dataclass(frozen=True)
class Family:
    """A family of models.

    Attributes:
        variants: Its models by name.
        decoding: How it composes.
        learning: How it learns; costs torch.
    """

    variants: tuple[Variant, ...]
    decoding: Callable[[], Decoding]
    learning: Callable[[], Learning]


class Described(Protocol):
    """What a choice needs to know of a model; ``ModelCard`` says it."""

    @property
    def name(self) -> str:
        """What ``--model`` takes."""
        ...

    @property
    def variant(self) -> str:
        """The mark of its ``Variant``."""
        ...

    @property
    def verbs(self) -> tuple[str, ...]:
        """What it can be asked for."""
        ...


M = TypeVar("M", bound=Described)


class Families:
    """All families that there are: which is whose, and who serves what.

    Args:
        families: Of all models; what is added to this list is known from then on.
    """

    def __init__(self, families: list[Family]) -> None:
        self.families = families

    def variant(self, mark: str) -> Variant:
        """The variant that a card names.

        Raises:
            KeyError: There is none.
        """
        return self._found(mark)[1]

    def family(self, mark: str) -> Family:
        """The family whose variant a card names.

        Raises:
            KeyError: There is none.
        """
        return self._found(mark)[0]

    def _found(self, mark: str) -> tuple[Family, Variant]:
        for family in self.families:
            for variant in family.variants:
                if variant.mark == mark:
                    return family, variant
        raise KeyError(mark)

    def net(self, card: ModelCard) -> nn.Module:
        """The net that a card describes; see ``Learning.net``. Costs torch."""
        return self.family(card.variant).learning().net(card.config)

    def installed(self, folder: Path) -> tuple[ModelCard, ...]:
        """The cards in a folder that can be read and are of a family that is known, by name."""
        marks = {variant.mark for family in self.families for variant in family.variants}
        return tuple(card for card in list_cards(folder) if card.variant in marks)

    def serving(self, models: Iterable[M], verb: str) -> list[M]:
        """The models that serve a verb, the preferred one first."""

        def rank(model: M) -> tuple[float, bool, str]:
            variant = self.variant(model.variant)
            # the shipped model stands before one's own of its family
            return variant.verbs.get(verb, math.inf), model.name != variant.name, model.name

        return sorted((model for model in models if verb in model.verbs), key=rank)

    def writing_parts(self, models: Iterable[M], verb: str) -> list[M]:
        """The models that serve a verb and write chords and several tracks, the preferred one first."""
        return [model for model in self.serving(models, verb) if self.variant(model.variant).writes_parts]

    def default_model(self, models: Iterable[Described], verb: str) -> str:
        """Name of the model that is taken for a verb when nobody chose one.

        Raises:
            CheckpointError: None that serves it is installed.
        """
        able = self.serving(models, verb)
        if not able:
            raise CheckpointError(
                QT_TRANSLATE_NOOP(
                    "Errors", "No model that can {verb} is installed. 'musicassist models' lists what is."
                ),
                verb=verb,
            )
        return able[0].name

    def unserved(self, model: Described, verb: str, models: Iterable[Described]) -> CheckpointError:
        """What to say when a model is asked for what it does not serve; ``models`` are all that are installed."""
        able = ", ".join(other.name for other in self.serving(models, verb)) or "none"
        return CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model {name} does not {verb}. Models that do: {able}."),
            name=model.name,
            verb=verb,
            able=able,
        )

    def writes_line(self, model: Described, models: Iterable[Described]) -> CheckpointError:
        """What to say when a model that writes one line is asked for several tracks; ``models`` are installed."""
        able = ", ".join(other.name for other in models if self.variant(other.variant).writes_parts) or "none"
        return CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model {name} writes one line. Models that write several tracks: {able}."),
            name=model.name,
            able=able,
        )

    def stand_in(self, verb: str) -> str | None:
        """Name of the model that takes the place of one that cannot be loaded; None where none serves the verb."""
        able = (variant for family in self.families for variant in family.variants if variant.stands_in)
        return next((variant.name for variant in able if verb in variant.verbs), None)

    def load_or_stand_in(
        self, load: Callable[[str], object], model: str, verb: str
    ) -> tuple[str, CheckpointError | None]:
        """Loads a model, or the one that stands in for it where that fails.

        Args:
            load: Of the engine that holds them.
            model: The name of the model that is wanted.
            verb: What it is wanted for.

        Returns:
            The name of the model that is there, and why it is not the one that was wanted.

        Raises:
            CheckpointError: The model cannot be loaded, and nothing can stand in for it.
        """
        try:
            load(model)
        except CheckpointError as error:
            stand_in = self.stand_in(verb)
            if stand_in is None or stand_in == model:
                raise
            try:
                load(stand_in)
            except CheckpointError:
                raise error from None
            return stand_in, error
        return model, None

    def sees_past_only(self, model: Described, verb: str) -> bool:
        """Whether a model fills bars without a look at what stands behind them."""
        return verb == "infill" and not self.variant(model.variant).sees_behind
