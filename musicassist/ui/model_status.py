"""The installed models as the window tells of them, in words that a musician knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musicassist.composing.request import VERBS, GenerationRequest
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from musicassist.resources import checkpoints_folder
from musicassist.session.offers import PARTS
from musicassist.ui.actions import add_choice, calling
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.foreign_text import Tip, add_line, add_menu, literal, translate, words_of
from musicassist.ui.strips import GOOD, MISSING, MODEL, WAITING, WARNING, Notice
from musicassist.ui.workspace import Workspace

# What each verb is called in the menu.
VERB_WORDS = {
    "continue": QT_TRANSLATE_NOOP("Models", "Continue"),
    "infill": QT_TRANSLATE_NOOP("Models", "Fill bars"),
    "vary": QT_TRANSLATE_NOOP("Models", "Vary"),
    "interpolate": QT_TRANSLATE_NOOP("Models", "Between phrases"),
    "generate": QT_TRANSLATE_NOOP("Models", "Something new"),
}

# What models were trained on, by the classes that their cards name.
_CLASS_WORDS = {
    "permissive": "public domain, CC0 and CC BY music",
    "mit_underlying_copyright": "POP909 (MIT)",
    "sharealike": "CC BY-SA music",
    "gpl3": "Nottingham (GPL)",
}


@dataclass(frozen=True)
class ModelFact:
    """A model that can be chosen.

    Attributes:
        name: What it is called in requests.
        title: What the window calls it, in the user's language where it is one of ours.
        tip: Its name on the command line, size, and the licences of what it was trained on.
        variant: Which of all models it is one of, see ``ModelCard.variant``.
        verbs: What it can be asked for.
    """

    name: str
    title: str
    tip: str = ""
    variant: str = "lstm"
    verbs: tuple[str, ...] = ("continue", "generate", "infill")

    @property
    def words(self) -> str:
        return translate("Models", FAMILIES.variant(self.variant).words)


def fact_of(card: ModelCard) -> ModelFact:
    """What the window tells of a model."""
    size = f"{card.name} · {card.parameters / 1e6:.1f} M parameters, {card.bytes / 1e6:.0f} MB"
    classes = card.data.get("licence classes")
    named = [_CLASS_WORDS.get(str(name), str(name)) for name in classes] if isinstance(classes, list) else []
    trained_on = " + ".join(named)
    tip = f"{size} · {trained_on}" if trained_on else size
    title = _shipped_title(card.name)
    return ModelFact(card.name, translate("Models", title) if title else card.name, tip, card.variant, card.verbs)


def installed_models() -> tuple[ModelFact, ...]:
    """The models that come with the program."""
    return tuple(map(fact_of, FAMILIES.installed(checkpoints_folder())))


def title_of(name: str) -> str:
    """What people call a model, as the words of a sentence; of one that is not shipped its name."""
    title = _shipped_title(name)
    return literal(translate("Models", title) if title else name)


def _shipped_title(name: str) -> str:
    """What people call one of our own models; empty for one that is somebody's own."""
    variants = (variant for family in FAMILIES.families for variant in family.variants)
    return next((variant.title for variant in variants if variant.name == name), "")


class ModelStatus(QObject):
    """Loads the model that was chosen and says how that went; keeps which model does what."""

    def __init__(
        self,
        workspace: Workspace,
        generator: BackgroundGenerator,
        list_models: Callable[[], Sequence[ModelFact]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._generator = generator
        self._list_models = list_models
        generator.model_ready.connect(self._on_model_ready)
        generator.model_stood_in.connect(self._on_model_stood_in)
        generator.failed.connect(self._on_generator_failed)
        workspace.strip.menu_wanted.connect(self._on_menu_wanted)
        workspace.strip.show_item(MODEL, self.tr("no model is loaded"), WAITING)
        takes = workspace.session.takes
        model = workspace.settings.take_model or self._preferred("continue") or takes.controls.model
        takes.set_controls(replace(takes.controls, model=model, models=self._models_for_verbs()))

    @property
    def _name(self) -> str:
        return self._session.takes.controls.model

    def _models_for_verbs(self) -> dict[str, str]:
        """For each verb but ``continue`` the model that the user chose, else the preferred one that is installed."""
        facts, chosen = self._list_models(), {}
        for verb in VERBS[1:]:
            names = [fact.name for fact in FAMILIES.serving(facts, verb)]
            wanted = getattr(self._workspace.settings, f"{verb}_model")
            if names:
                chosen[verb] = wanted if wanted in names else names[0]
        writing_parts = FAMILIES.writing_parts(facts, "continue")
        if writing_parts:
            chosen[PARTS] = writing_parts[0].name
        return chosen

    def _preferred(self, verb: str) -> str | None:
        """The best of the installed models for a verb; None where none serves it."""
        able = FAMILIES.serving(self._list_models(), verb)
        return able[0].name if able else None

    def show_installed(self) -> None:
        """Names the model without loading it."""
        if any(fact.name == self._name for fact in self._list_models()):
            self._workspace.strip.show_item(MODEL, self._title(self._name), GOOD)

    def load(self) -> None:
        self._workspace.strip.show_item(MODEL, self.tr("{name} loads…").format(name=self._title(self._name)), WAITING)
        self._generator.load(self._name)

    def choose(self, name: str, verb: str = "continue") -> None:
        """Takes another model for what is asked next; the thread loads it at once, or with the next such request."""
        takes = self._session.takes
        if verb == "continue":
            takes.set_controls(replace(takes.controls, model=name))
            self._workspace.preferences.change(take_model=name)
            self.load()
        else:
            takes.set_controls(replace(takes.controls, models={**takes.controls.models, verb: name}))
            self._workspace.preferences.change(**{f"{verb}_model": name})

    def remark(self, request: GenerationRequest, made_by: str) -> str:
        """What one should know of takes that another model made than was asked, or one that works with less.

        Args:
            request: What was asked.
            made_by: Name of the model that made them.
        """
        fact, remarks = self._fact(made_by), []
        if made_by != request.model:
            words = self.tr("{name} stood in for {other}")
            remarks.append(words.format(name=self._title(made_by), other=self._title(request.model)))
        if fact is not None and FAMILIES.sees_past_only(fact, request.kind):
            remarks.append(self.tr("{name} sees only what stands before").format(name=literal(fact.title)))
        return " · ".join(remarks)

    def fill_menu(self, menu: QMenu) -> None:
        """For each verb a menu of the models that serve it."""
        menu.clear()
        facts, controls = self._list_models(), self._session.takes.controls
        for verb in VERBS:
            self._add_verb(menu, verb, FAMILIES.serving(facts, verb), controls.model_for(verb))

    def _add_verb(self, menu: QMenu, verb: str, facts: Sequence[ModelFact], chosen: str) -> None:
        head = translate("Models", VERB_WORDS[verb])
        if not facts:
            add_line(menu, self.tr("{verb}: no model is installed").format(verb=head)).setEnabled(False)
            return
        words = self.tr("{verb}: {name}").format(verb=head, name=self._title(chosen))
        choices = add_menu(menu, words, shows_tips=True)
        for fact in facts:
            text = self.tr("{name}: {words}").format(name=literal(fact.title), words=fact.words)
            act = calling(self.choose, fact.name, verb)
            add_choice(choices, text, act, is_chosen=fact.name == chosen, tip=fact.tip)

    def _fact(self, name: str) -> ModelFact | None:
        return next((fact for fact in self._list_models() if fact.name == name), None)

    def _title(self, name: str) -> str:
        fact = self._fact(name)
        return literal(fact.title) if fact is not None else title_of(name)

    def _on_model_ready(self, name: str) -> None:
        if name == self._session.takes.controls.model:  # no other one that stands in
            self._workspace.notices.dismiss("model")
        fact = self._fact(name)
        lines = [self.tr("Runs on this computer; nothing leaves it."), *([fact.tip] if fact else ())]
        words = self.tr("{name} ready").format(name=self._title(name))
        self._workspace.strip.show_item(MODEL, words, GOOD, Tip("\n".join(lines), self.tr("Model")))

    def _on_model_stood_in(self, name: str, error: MusicAssistError) -> None:
        title = self._title(name)
        self._workspace.strip.show_item(MODEL, self.tr("{name} stands in").format(name=title), WAITING, words_of(error))
        meanwhile = self.tr("Meanwhile {name} composes.").format(name=title)
        self._workspace.notify(Notice("model", f"{words_of(error)} {meanwhile}", WARNING))

    def _on_generator_failed(self, request: GenerationRequest | None, error: MusicAssistError) -> None:
        if request is None:
            self._workspace.strip.show_item(MODEL, self.tr("model missing"), MISSING, words_of(error))
            self._workspace.warn("model", error)

    def _on_menu_wanted(self, name: str, menu: QMenu) -> None:
        if name == MODEL:
            self.fill_menu(menu)
        if name == MODEL and not self._generator.is_ready:
            menu.addSeparator()
            add_choice(menu, self.tr("Load again"), self.load)
