"""What the strip at the bottom says about the model, and the menu that chooses one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musicassist.errors import MusicAssistError
from musicassist.generation.request import GenerationRequest
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.desk import Desk
from musicassist.ui.slots import calling
from musicassist.ui.status_strip import GOOD, MISSING, MODEL, WAITING, add_choice
from musicassist.ui.words import words_of


@dataclass(frozen=True)
class ModelFact:
    """A model that can be chosen.

    Attributes:
        name: What it is called in requests.
        title: What the window calls it.
        tip: Its size, data and licence, in a line.
    """

    name: str
    title: str
    tip: str = ""


class ModelStatus(QObject):
    """Loads the model that was chosen and says how that went."""

    def __init__(
        self,
        desk: Desk,
        generator: BackgroundGenerator,
        list_models: Callable[[], Sequence[ModelFact]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._generator = generator
        self._list_models = list_models
        generator.model_ready.connect(self._on_model_ready)
        generator.failed.connect(self._on_generator_failed)
        desk.strip.menu_wanted.connect(self._on_menu_wanted)
        desk.strip.show_item(MODEL, self.tr("no model is loaded"), WAITING)

    @property
    def _name(self) -> str:
        return self._desk.session.takes.controls.model

    def show_installed(self) -> None:
        """Names the model without loading it."""
        if any(fact.name == self._name for fact in self._list_models()):
            self._desk.strip.show_item(MODEL, self._title(self._name), GOOD)

    def load(self) -> None:
        """Starts to load the model in the generation thread."""
        self._desk.strip.show_item(MODEL, self.tr("{name} loads…").format(name=self._title(self._name)), WAITING)
        self._generator.load(self._name)

    def choose(self, name: str) -> None:
        """Takes another model for what is asked next."""
        takes = self._desk.session.takes
        takes.set_controls(replace(takes.controls, model=name))
        self._desk.preferences.change(take_model=name)
        self.load()

    def _title(self, name: str) -> str:
        return next((fact.title for fact in self._list_models() if fact.name == name), name.upper())

    def _on_model_ready(self, name: str) -> None:
        tip = next((fact.tip for fact in self._list_models() if fact.name == name), "")
        head = self.tr("<b>Model</b><br>Runs on this computer; nothing leaves it.")
        self._desk.strip.show_item(
            MODEL, self.tr("{name} ready").format(name=self._title(name)), GOOD, f"{head}<br>{tip}"
        )

    def _on_generator_failed(self, request: GenerationRequest | None, error: MusicAssistError) -> None:
        if request is None:
            self._desk.strip.show_item(MODEL, self.tr("model missing"), MISSING, words_of(error))
            self._desk.warn("model", error)

    def _on_menu_wanted(self, name: str, menu: QMenu) -> None:
        if name != MODEL:
            return
        if not self._generator.is_ready:
            add_choice(menu, self.tr("Load again"), self.load)
            menu.addSeparator()
        facts = self._list_models()
        for fact in facts:
            add_choice(
                menu, fact.title, calling(self.choose, fact.name), is_chosen=fact.name == self._name, tip=fact.tip
            )
        if not facts:
            menu.addAction(self.tr("No model is installed")).setEnabled(False)
