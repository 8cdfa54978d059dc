"""Further takes in the window: more like the one that is heard, other endings for it, those of other models, ideas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from musicassist.families.registry import FAMILIES
from musicassist.session.further_takes import Further
from musicassist.session.session import SessionChange
from musicassist.session.take_kin import endings, like, of_ideas, of_models
from musicassist.ui.actions import TAKES, Command, Need, Rows
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.model_status import ModelFact
from musicassist.ui.take_words import revealed_words
from musicassist.ui.workspace import Workspace


class FurtherCommands(QObject):
    """Asks for takes that join those on offer, and says when they are there.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(
        self,
        workspace: Workspace,
        generator: BackgroundGenerator,
        list_models: Callable[[], Sequence[ModelFact]],
        parent: QObject,
    ) -> None:
        """Connects the generator with what joins the offer.

        Args:
            workspace: The session and the parts of the window.
            generator: The generation thread.
            list_models: The models that are installed.
            parent: Of this object.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._session = session = workspace.session
        self._takes, self._further = session.takes, session.further
        self._list_models = list_models
        self._count = 0  # of the takes before further ones were asked for
        generator.progressed.connect(self._further.on_progress)
        generator.takes_arrived.connect(self._further.on_takes)
        generator.failed.connect(self._further.on_failure)
        session.order.is_blind = workspace.settings.blind_takes
        session.subscribe(self._on_session_changed)
        self.rows = self._rows()

    def more_like_this(self) -> None:
        """Takes with the plan of the one that is heard, and variations of it."""
        heard, offer = self._takes.heard, self._takes.current
        if heard is not None:
            self._ask(like(offer, heard, self._takes.controls, self._session.new_seed))

    def other_endings(self) -> None:
        """Takes that begin as the one that is heard and end otherwise."""
        heard, offer = self._takes.heard, self._takes.current
        if heard is not None:
            self._ask(endings(offer, heard, self._takes.controls, self._session.new_seed))

    def of_other_models(self) -> None:
        """Some takes of each other model that serves what was asked for, one model after the other."""
        self._ask(of_models(self._takes.current, self.other_models()), is_held=self._session.order.is_blind)

    def of_each_idea(self) -> None:
        """One take of each idea."""
        self._ask(of_ideas(self._takes.current), is_held=self._session.order.is_blind)

    def other_models(self) -> list[str]:
        """Names of those that have no take on offer yet, the preferred one first."""
        request = self._takes.request
        if request is None:
            return []
        find = FAMILIES.writing_parts if request.has_parts else FAMILIES.serving
        heard_of = {take.model for take in self._takes.offer}
        names = [fact.name for fact in find(self._list_models(), request.kind) if fact.name not in heard_of]
        counts = self._session.take_counts
        return sorted(names, key=lambda name: -counts.likes_model(name)) if self._session.order.likes else names

    def toggle_blind(self) -> None:
        """Hides whose takes are and shuffles them, now and from now on, or shows it again."""
        is_blind, offer = not self._session.order.is_blind, self._takes.current
        self._session.order.set_blind(is_blind=is_blind)
        self._workspace.preferences.change(blind_takes=is_blind)
        if is_blind:
            self._workspace.say(
                self.tr("Blind: models and ideas are hidden, and the order is chance, until you keep one.")
            )
        else:
            words = self.tr("Models and ideas are shown again.")
            self._workspace.say(f"{words} {revealed_words(offer)}" if offer.is_blind else words)

    def _ask(self, asks: Sequence[Further], *, is_held: bool = False) -> None:
        self._count = len(self._takes.offer)
        self._further.ask(asks, is_held=is_held)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "further" and not self._further.is_running:
            self._say_joined()

    def _say_joined(self) -> None:
        count, before = len(self._takes.offer), self._count
        self._count = count
        if not 0 < before < count:
            return
        if self._takes.current.is_blind:
            self._workspace.say(self.tr("{count} takes are on offer.").format(count=count))
            return
        one, more = (
            self.tr("Take {first} is beside the others."),
            self.tr("Takes {first} to {last} are beside the others."),
        )
        self._workspace.say((one if count == before + 1 else more).format(first=before + 1, last=count))

    # fmt: off
    def _rows(self) -> Rows:
        takes, further = self._takes, self._further
        offered = Need(self.tr("Ask for takes of a line or of all parts first."), lambda: further.is_possible)
        idle = Need(self.tr("Further takes are still being composed."), lambda: not further.is_running)
        room = Need(self.tr("There are as many takes as can lie beside each other."), lambda: further.is_free)
        others = Need(self.tr("All models that serve this have takes here."), lambda: bool(self.other_models()))
        planned = Need(self.tr("These takes have no plan."), lambda: any(take.plan is not None for take in takes.offer))
        needs = (offered, idle, room)
        return (
            None,
            Command("assistant.more_like_this", self.tr("More like this one"),
                    self.tr("Compose further takes with the plan of the one that is heard, and variations of it."),
                    self.more_like_this, "Y", "", needs, TAKES),
            Command("assistant.other_endings", self.tr("Another ending for this one"),
                    self.tr("Keep how the take that is heard begins, and compose its second half anew, several times."),
                    self.other_endings, "E", "", needs, TAKES),
            Command("assistant.other_models", self.tr("Takes of other models beside these"),
                    self.tr("Compose two takes with each other model that serves this, one model after the other."),
                    self.of_other_models, "Ctrl+Shift+M", "", (*needs, others)),
            Command("assistant.each_idea", self.tr("One take of each idea"),
                    self.tr("Compose a take that answers, one that repeats and closes, one that goes on, a contrast "
                            "and a sequence, beside these."),
                    self.of_each_idea, "Ctrl+Shift+I", "", (*needs, planned)),
            Command("assistant.blind", self.tr("Blind takes"),
                    self.tr("Hide models and ideas of takes and shuffle them, until one is kept."),
                    self.toggle_blind, "Ctrl+Shift+B", is_on=lambda: self._session.order.is_blind),
        )
    # fmt: on
