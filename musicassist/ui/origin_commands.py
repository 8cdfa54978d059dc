"""Where do these bars come from? A panel under the roll that tells it, and composes exactly the same again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from musicassist.composing.request import VERBS, Wish
from musicassist.document.document import DocumentChange
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.origins import Origin
from musicassist.session.credits import credits_of, write_credits
from musicassist.session.session import SessionChange
from musicassist.session.stories import Story
from musicassist.session.story_words import UNTOLD, bar_words, edits_since, regions, story_words
from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.dialogs import ask_where_to_write
from musicassist.ui.foreign_text import PlainLabel, filled, literal, set_face, set_tip, words_of
from musicassist.ui.model_status import title_of
from musicassist.ui.piano_roll.mouse import announce
from musicassist.ui.strips import LeavablePanel
from musicassist.ui.theme import arranged, icon
from musicassist.ui.workspace import Workspace

CREDITS_FILTER = "HTML (*.html);;Text (*.txt)"
_NOT_HERE = QT_TRANSLATE_NOOP("Errors", "No take was kept in the bars that are selected, or at the playhead.")


class OriginPanel(LeavablePanel):
    """The words, and what can be done with these bars; hidden while nobody asked.

    Attributes:
        again_wanted: They are to be composed again.
        asked_wanted: The takes panel is to be set as then.
        left: The panel is to be closed.
    """

    again_wanted = Signal()
    asked_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("origin_panel")
        self.setAccessibleName(self.tr("Where these bars come from"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title, self.words = PlainLabel(look="panel_title"), PlainLabel()
        self.words.setWordWrap(True)
        self.again, self.asked, close = QPushButton(), QPushButton(), QToolButton()
        set_face(self.again, self.tr("Compose exactly this again"))
        set_face(self.asked, self.tr("Ask as then"))
        set_tip(
            self.asked, self.tr("Set bars, rules, heat and random number of the takes as they were for these bars.")
        )
        close.setIcon(icon("close", "second_text"))
        close.setAccessibleName(self.tr("Close"))
        self.again.clicked.connect(self.again_wanted)
        self.asked.clicked.connect(self.asked_wanted)
        close.clicked.connect(self.left)
        head = arranged(QHBoxLayout(), (self.title, 1), self.asked, self.again, close, spacing_px=6)
        arranged(QVBoxLayout(self), head, self.words, margins_px=(10, 6, 10, 8), spacing_px=4)
        self.hide()

    def show_story(self, title: str, words: str, *, is_told: bool, is_composed: bool) -> None:
        """Shows what is told of some bars.

        Args:
            title: Which bars.
            words: What is told.
            is_told: Whether anything is known, so that they can be composed again.
            is_composed: Whether a model composed them, so that it can be asked as then.
        """
        self.title.show_text(title)
        self.words.show_text(words)
        self.again.setEnabled(is_told)
        self.asked.setEnabled(is_composed)
        set_tip(
            self.again,
            self.tr("Put the very same notes on offer, composed anew from what was asked then.")
            if is_told
            else filled("Stories", UNTOLD, {}),
        )


class OriginCommands(QObject):
    """Tells of the bars at the selected notes, else at the playhead, and composes them again.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(
        self, workspace: Workspace, generator: BackgroundGenerator, panel: OriginPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace, self._session = workspace, workspace.session
        self._again, self._panel = workspace.session.again, panel
        self._shown: Origin | None = None
        generator.takes_arrived.connect(self._again.on_takes)
        generator.failed.connect(self._on_failed)
        panel.again_wanted.connect(self._on_again_wanted)
        panel.asked_wanted.connect(self._on_asked_wanted)
        panel.left.connect(self.leave)
        workspace.session.document.subscribe(self._on_document_changed)
        workspace.session.subscribe(self._on_session_changed)
        workspace.roll.scene.set_origins_shown(is_shown=workspace.settings.show_origins)
        self.rows = self._rows()

    @property
    def _origin(self) -> Origin:
        """That of the bars that are meant.

        Raises:
            MusicAssistError: They come from no take.
        """
        span = self._session.notes.selected_span()
        tick = span[0] if span is not None else max(0.0, self._session.transport.position_tick())
        origin = self._again.origin_at(tick)
        if origin is None:
            raise MusicAssistError(_NOT_HERE)
        return origin

    def tell(self) -> None:
        """Shows where the bars that are meant come from.

        Raises:
            MusicAssistError: They come from no take.
        """
        self._shown = self._origin
        self._show(self._shown)
        self._panel.show()
        self._panel.setFocus()
        announce(self._panel, f"{self._panel.title.text()}: {self._panel.words.text()}")

    def compose_again(self) -> None:
        """Composes exactly these bars again.

        Raises:
            MusicAssistError: They come from no take, or nothing is known of it any more.
        """
        self._again.compose(self._origin)
        self._workspace.say(self.tr("Composing these bars again ..."))

    def ask_as_then(self) -> None:
        """Sets the takes panel as it was for these bars.

        Raises:
            MusicAssistError: They come from no take, or nothing is known of it any more.
        """
        self._set_controls(self._again.story(self._origin))

    def leave(self) -> None:
        """Closes the panel."""
        self._shown = None
        self._panel.hide()
        self._workspace.focus_roll()

    def toggle_shown(self) -> None:
        """Marks the bars that come from takes in the ruler, or no more."""
        self._workspace.preferences.change(show_origins=not self._workspace.settings.show_origins)
        self._workspace.roll.scene.set_origins_shown(is_shown=self._workspace.settings.show_origins)

    def export_credits(self) -> None:
        """Asks where to, and writes who composed which bars, in the background."""
        document = self._session.document
        stem = document.path.stem if document.path is not None else self.tr("Untitled")
        folder = document.path.parent if document.path is not None else Path.home()
        end = self.tr(" credits") + ".html"
        suggested = folder / f"{stem}{end}"
        path = ask_where_to_write(self._workspace.window, self.tr("Export the credits page"), suggested, CREDITS_FILTER)
        if path is not None:
            self.write_credits(stem, path)

    def write_credits(self, title: str, path: Path) -> None:
        """Starts to write the page."""
        song, pages = self._session.document.song, self._session.document.pages

        def work() -> None:
            write_credits(credits_of(title, song, pages, FAMILIES.installed(checkpoints_folder())), path)

        self._workspace.tasks.start(
            work,
            lambda _none: self._workspace.report(self.tr("Exported {name}."), name=path.name),
            lambda error: self._workspace.warn("credits", error),
        )

    def _set_controls(self, story: Story) -> None:
        takes, request = self._session.takes, story.request
        wish = {row.name: getattr(request, row.name) for row in fields(Wish) if row.name != "model"}
        takes.set_controls(replace(takes.controls, **wish))
        words = self.tr("The takes are asked for as then: random number {seed}. An empty number makes them new.")
        self._workspace.say(words.format(seed=request.seed))

    def _on_again_wanted(self) -> None:
        self._do(self._again.compose)

    def _on_asked_wanted(self) -> None:
        self._do(lambda origin: self._set_controls(self._again.story(origin)))

    def _do(self, act: Callable[[Origin], None]) -> None:
        """Does something with the bars that are shown; where that cannot be, says why."""
        if self._shown is not None:
            try:
                act(self._shown)
            except MusicAssistError as error:
                self._workspace.say(words_of(error))

    def _on_failed(self, request: object, problem: MusicAssistError) -> None:
        if request is not None:
            self._again.on_failure(request, problem)  # type: ignore[arg-type]

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "opened":
            self._shown = None
            self._panel.hide()

    def _on_document_changed(self, change: DocumentChange) -> None:
        """The bars may have been edited, moved or overwritten."""
        if self._shown is None or change.kind not in ("song", "track"):
            return
        origins = self._session.document.track.origins
        same = [own for own in origins if own.story == self._shown.story]
        self._shown = next((own for own in same if own == self._shown), next(iter(same), None))
        if self._shown is None:
            self._panel.hide()
        else:
            self._show(self._shown)

    def _show(self, origin: Origin) -> None:
        song, track = self._session.document.song, self._session.document.track
        template, values = bar_words(song.time_map, origin.from_tick, origin.to_tick)
        bars = filled("Stories", template, values)
        title = self.tr("{bars} of {track}").format(bars=bars, track=literal(track.name)) if track.name else bars
        try:
            story = self._again.story(origin)
        except MusicAssistError:
            self._panel.show_story(title, filled("Stories", UNTOLD, {}), is_told=False, is_composed=False)
            return
        said = [
            filled("Stories", words, {**own, "model": title_of(str(own["model"]))} if "model" in own else own)
            for words, own in story_words(story)
        ]
        if story.facts.title:
            said.append(filled("Accompaniments", story.facts.title, {}))
        if story.facts.plan is not None:
            said += [filled("Plans", words, dict(own)) for words, own in story.facts.plan.words]
        edits = edits_since(story, origin, track.notes)
        said += [filled("Stories", words, own) for words, own in edits.words]
        self._panel.show_story(
            title,
            " \N{MIDDLE DOT} ".join(said),
            is_told=True,
            is_composed=story.request.kind in VERBS,
        )

    # fmt: off
    def _rows(self) -> Rows:
        there = Need(self.tr("No take was kept in this track."), lambda: bool(self._session.document.track.origins))
        told = Need(self.tr("No take was kept in this song."), lambda: bool(regions(self._session.document.song)))
        idle = Need(self.tr("Keep or dismiss the takes first."), lambda: self._session.takes.phase == "idle")
        return (
            Command("assistant.origin", self.tr("Where do these bars come from?"),
                    self.tr("What was asked for them, what composed them, how they were chosen, and what was edited."),
                    self.tell, "Ctrl+Alt+W", "", (there,)),
            Command("assistant.same_again", self.tr("Compose exactly this again"),
                    self.tr("Put the very same notes on offer, composed anew from what was asked then."),
                    self.compose_again, "", "", (there, idle)),
            Command("assistant.ask_as_then", self.tr("Ask as then"),
                    self.tr("Set bars, rules, heat and random number of the takes as they were for these bars."),
                    self.ask_as_then, "", "", (there,)),
            Command("assistant.credits", self.tr("Export the credits page…"),
                    self.tr("Write what was asked, offered, kept and edited, and whose music the models learned from, "
                            "as HTML with pictures or as text."),
                    self.export_credits, "", "export", (told,)),
            Command("assistant.show_origins", self.tr("Show where takes came from"),
                    self.tr("Mark in the ruler the bars that takes were kept in."),
                    self.toggle_shown, is_on=lambda: self._workspace.settings.show_origins),
        )
    # fmt: on
