"""The window: the roll in the middle, everything else thin around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QMenu, QVBoxLayout, QWidget

from musicassist.document.keeping import Keeping
from musicassist.document.recovery import RecoveryJournal
from musicassist.score.theory import pitch_name
from musicassist.session.session import Session
from musicassist.session.together import Ensemble
from musicassist.settings import Settings
from musicassist.sound.messages import SoundEvent
from musicassist.ui.actions import STEPS, TAKES, Actions
from musicassist.ui.assisting import Assistant
from musicassist.ui.background import BackgroundGenerator, BackgroundTasks, DiskWatch
from musicassist.ui.chord_hearing import ChordHearing
from musicassist.ui.commands import Commands
from musicassist.ui.continue_button import ContinueButton
from musicassist.ui.dragging import PhraseGrip
from musicassist.ui.explain_commands import ExplainCommands, ExplanationStrip
from musicassist.ui.filing import FileCommands
from musicassist.ui.further_commands import FurtherCommands
from musicassist.ui.harmony_commands import HarmonyCommands
from musicassist.ui.keeping_commands import KeepingCommands
from musicassist.ui.keyboard_menu import KeyboardMenu
from musicassist.ui.lesson_commands import LessonCommands
from musicassist.ui.lessons_panel import LessonsPanel
from musicassist.ui.mix_commands import MixCommands
from musicassist.ui.model_status import ModelFact, ModelStatus
from musicassist.ui.music_in import DropMenu, dropped_path
from musicassist.ui.origin_commands import OriginCommands, OriginPanel
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.picking_commands import PickingCommands
from musicassist.ui.plan_commands import PlanCommands
from musicassist.ui.project_losses import unsaved_words
from musicassist.ui.recovering import Recovering
from musicassist.ui.shelf_commands import ShelfCommands
from musicassist.ui.shelf_panel import ShelfPanel
from musicassist.ui.song_view import SongView
from musicassist.ui.sound_status import Heartbeat, SoundStatus
from musicassist.ui.strips import CommandNotices, Notice, NoticeStrip, StatusStrip
from musicassist.ui.takes_panel import TakesPanel
from musicassist.ui.theme import apply_theme, arranged, theme_named, theme_now, window_icon
from musicassist.ui.track_list import TrackList
from musicassist.ui.transport_bar import TransportBar
from musicassist.ui.version_commands import VersionCommands
from musicassist.ui.versions_panel import VersionsPanel
from musicassist.ui.view_keeping import ViewKeeping
from musicassist.ui.window_commands import HelpCommands, Playing, Viewing
from musicassist.ui.window_keys import LivePlayer, MusicalTyping, WindowKeys, layout_named
from musicassist.ui.workspace import FirstFrame, Preferences, Workspace, parted, restore_place, with_place

SILENCE_SECONDS = 2.5  # LIMIT: the sound engine is killed before


@dataclass(frozen=True)
class WindowParts:
    """What ``app`` hands to the window.

    Attributes:
        session: What a user can do.
        generator: The generation thread; closed by the window.
        journal: The recovery journal of this process.
        settings: The user's choices.
        save_settings: Writes them.
        list_models: The models that can be chosen.
    """

    session: Session
    generator: BackgroundGenerator
    journal: RecoveryJournal
    settings: Settings
    save_settings: Callable[[Settings], None]
    list_models: Callable[[], Sequence[ModelFact]]


class MainWindow(QMainWindow):
    """Builds the parts, places them and lets them go. What they do stands in their own modules."""

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self.session = parts.session
        self.generator = parts.generator
        self.ensemble = Ensemble(parts.session, parts.generator)
        self.preferences = Preferences(parts.settings, parts.save_settings, self)
        self._dress_application()  # before there are parts, which else would take its font only with the next theme
        self._is_closing_agreed = False
        self._is_closed = False
        self.is_over = True  # False once a thread could not be ended
        self.setWindowIcon(window_icon())
        self.setAcceptDrops(True)
        self._make_parts(parts)
        self._make_commands(parts)
        self._lay_out()
        self._make_followers()
        restore_place(self, self._sides, self.preferences.now)

    # Building

    def _make_parts(self, parts: WindowParts) -> None:
        self.roll = PianoRoll(self.session.document, preview=self.session.transport.preview, theme=theme_now())
        self.notices = NoticeStrip()
        self.strip = StatusStrip()
        self.tasks = BackgroundTasks(self)
        self.workspace = Workspace(
            self, self.session, self.roll, self.notices, self.strip, self.tasks, self.preferences
        )
        self.notices.left.connect(self.workspace.focus_roll)
        self.track_list = TrackList()
        self.takes_panel, self.shelf_panel = TakesPanel(), ShelfPanel()
        self.lessons_panel = LessonsPanel()
        self.explanation_strip, self.origin_panel = ExplanationStrip(), OriginPanel()
        self.versions_panel = VersionsPanel()
        self.sound_status = SoundStatus(self.workspace, self)
        self.sound_status.outputs_changed.connect(self.track_list.set_outputs)
        self.model_status = ModelStatus(self.workspace, self.generator, parts.list_models, self)
        keeping = Keeping(parts.journal)
        self.files = FileCommands(self.workspace, DiskWatch(self), keeping)
        self.recovering = Recovering(self.workspace, keeping, self, take_back=self.files.take_back)

    def _make_commands(self, parts: WindowParts) -> None:
        player = LivePlayer(self.session)
        self.roll.keys.struck.connect(player.note_on)
        self.roll.keys.released.connect(player.note_off)
        self._letters_words = ""  # said in the strip of letter keys that are lent
        self.typing = MusicalTyping(
            self,
            player,
            tell=self._on_typing_toggled,
            are_digits_taken=lambda: self.assistant.is_on_offer,
            layout=layout_named(self.preferences.now.letter_layout),
        )
        self.typing.letters_changed.connect(self._on_letters_changed)
        self.help_commands = HelpCommands(
            self.workspace, describe_sound=self.sound_status.describe, layout=lambda: self.typing.layout
        )
        continuing = ContinueButton()
        self.assistant = Assistant(
            self.workspace,
            self.generator,
            self.takes_panel,
            continuing,
            self,
            once_open=self.files.once_open,
            remark=self.model_status.remark,
            ensemble=self.ensemble,
        )
        self.harmony_commands = HarmonyCommands(self.workspace, self)
        self.plan_commands = PlanCommands(self.workspace, self)
        self.mix_commands = MixCommands(self.workspace, self)
        self.further_commands = FurtherCommands(self.workspace, self.generator, parts.list_models, self)
        panels: dict[str, QWidget] = {
            "roll": self.roll,
            "chords": self.roll.chord_lane,
            "lanes": self.roll.take_lanes,
            "lessons": self.lessons_panel,
            "origin": self.origin_panel,
            "versions": self.versions_panel,
        }
        panels |= {"takes": self.takes_panel, "shelf": self.shelf_panel, "tracks": self.track_list}
        commands = Commands(
            self.workspace,
            files=self.files,
            playing=Playing(self.workspace, self.typing, has_keyboard=lambda: self.sound_status.has_keyboard),
            assistant=self.assistant,
            harmony=self.harmony_commands,
            planning=self.plan_commands,
            mixing=self.mix_commands,
            lessons=LessonCommands(self.workspace, self.lessons_panel, self),
            further=self.further_commands,
            keeping=KeepingCommands(self.workspace, self),
            picking=PickingCommands(self.workspace, self),
            shelf=ShelfCommands(self.workspace, self.shelf_panel, self),
            explaining=ExplainCommands(self.workspace, self.explanation_strip, self),
            origins=OriginCommands(self.workspace, self.generator, self.origin_panel, self),
            versions=VersionCommands(self.workspace, self.versions_panel, self),
            viewing=Viewing(self.workspace, self.track_list, panels, self.set_theme_name),
            helping=self.help_commands,
        )
        self.actions_table = self.workspace.actions = Actions(self, self.roll, commands.menus)
        self.transport_bar = TransportBar(self.actions_table, continuing)
        panels["transport"], panels["notices"] = self.transport_bar, self.notices
        continuing.name_keys(self.actions_table.keys)
        self.takes_panel.connect_commands(self.actions_table)
        self.shelf_panel.connect_commands(self.actions_table)
        self._command_notices = CommandNotices(self.notices)
        self.actions_table.failed.connect(self._command_notices.show_failure)
        self.actions_table.succeeded.connect(self._command_notices.forget_failure)
        self._add_recent_menu()
        self._add_model_menu()

    def _add_recent_menu(self) -> None:
        recent = QMenu(self)
        recent.setTitle(self.tr("Open recent"))
        recent.setToolTipsVisible(True)
        file_menu = self.actions_table.menu("file")
        file_menu.insertMenu(self.actions_table["file.open_demo"], recent)
        file_menu.aboutToShow.connect(lambda: self.files.fill_recent(recent))

    def _add_model_menu(self) -> None:
        models = self.actions_table.menu("assistant").addMenu(self.tr("Model"))
        models.aboutToShow.connect(lambda: self.model_status.fill_menu(models))

    def _lay_out(self) -> None:
        centre, music = QWidget(), QWidget()
        centre.setObjectName("centre")
        arranged(
            QVBoxLayout(music),
            self.notices,
            (self.roll, 1),
            self.explanation_strip,
            self.lessons_panel,
            self.origin_panel,
            self.versions_panel,
            spacing_px=0,
        )
        self._sides = parted(self.track_list, music)
        row = arranged(QHBoxLayout(), (self._sides, 1), self.shelf_panel, self.takes_panel, spacing_px=0)
        arranged(QVBoxLayout(centre), self.transport_bar, (row, 1), self.strip, spacing_px=0)
        self.setCentralWidget(centre)

    def _make_followers(self) -> None:
        self.takes_panel.hide()
        self.song_view = SongView(
            self.workspace, self.transport_bar, self.track_list, self.assistant.display.refresh, self
        )
        self.view_keeping = ViewKeeping(self.workspace, self)
        self.chord_hearing = ChordHearing(self.workspace, self)
        self.keyboard_menu = KeyboardMenu(self.workspace, self.sound_status.show_keyboard, self)
        self.session.subscribe(lambda _change: self.typing.accompany(is_wanted=self.session.input.is_stepping))
        self.heartbeat = Heartbeat(
            self.workspace,
            tell=self._tell_of_sound,
            show_tick=self.song_view.show_tick,
            show_count_in=self.song_view.show_count_in,
            follow=self.ensemble.on_frame,
            parent=self,
        )
        self._connect_files()
        self.window_keys = WindowKeys(
            self,
            are_takes_offered=lambda: self.assistant.is_on_offer,
            of_takes=self.actions_table.keyed(TAKES),
            is_stepping=lambda: self.session.input.is_stepping and not self.session.transport.is_playing,
            of_steps=self.actions_table.keyed(STEPS),
            leave_field=self.workspace.focus_roll,
        )

    def _connect_files(self) -> None:
        """What is dragged out of the window and dropped on it."""
        out = self.files.outgoing
        self.drop_menu = DropMenu(
            self.workspace,
            self.files.incoming,
            open_path=self.files.open_path,
            blend_with=self.assistant.blend_with,
        )
        self.track_list.wishes.drag_wanted.connect(out.drag_track)
        self.takes_panel.take_dragged.connect(out.drag_take)
        self.phrase_grip = PhraseGrip(self.roll.view, out.drag_phrase)
        self.session.document.subscribe(lambda _change: self.phrase_grip.setVisible(self.session.notes.has_selection))

    def _tell_of_sound(self, events: Sequence[SoundEvent]) -> None:
        self.sound_status.tell(events)
        self.keyboard_menu.tell(events)

    def start(self, path: Path | None) -> None:
        """What happens once the window is on the screen: sound, model, the file or the demo, recoveries."""
        self.activateWindow()  # without a window manager nobody else gives it the keyboard
        self.roll.setFocus()
        self.session.sound.start()
        path = path if path is not None else self.files.last_file()
        if path is not None:
            self.files.read(path)
        else:
            self.files.show_demo()
        self.recovering.offer()
        self.roll.view.update()
        FirstFrame(
            self.roll.view, self._load_model
        )  # importing its library holds everything up: after the song is seen

    def _load_model(self) -> None:
        if not self._is_closed:
            self.model_status.load()

    # Looks

    def set_theme_name(self, name: str) -> None:
        """Dresses the window ``dark`` or ``light`` and remembers it."""
        self.preferences.change(theme=name)
        self._dress_application()
        self.roll.set_theme(theme_now())

    def _dress_application(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme_named(self.preferences.now.theme))

    def _on_typing_toggled(self, is_on: bool) -> None:  # noqa: FBT001  # a slot
        self.actions_table.refresh_switches()
        if not is_on:
            self.notices.dismiss("typing")

    def _on_letters_changed(self) -> None:
        """Shows on the piano what the letter keys play, and says how loud."""
        letters = self.typing.letters()
        were_shown = bool(self.roll.keys.letters)
        self.roll.keys.show_letters(letters)
        if not letters and self.strip.message == self._letters_words:
            self.workspace.say("")
        if letters:
            text = self.tr("The letter keys play from {pitch}, velocity {velocity}. {keys} ends it.").format(
                pitch=pitch_name(min(letters)),
                velocity=self.typing.velocity,
                keys=self.workspace.keys("play.musical_typing"),
            )
            if self.typing.is_lent and were_shown:
                self._letters_words = text
                self.workspace.say(text)
            elif not self.typing.is_lent:  # what they are lent to, step input, tells of them in its own notice
                self.notices.show_notice(Notice("typing", text, remedies=((self.tr("End it"), self.typing.toggle),)))

    # Files dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event.mimeData()) is not None and event.source() is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_menu.drop(event)

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks about unsaved work in the strip above the roll; without any, ends everything."""
        self.session.settle()
        is_idle = not unsaved_words(self.session.document) and not self.files.saving.is_busy
        if self._is_closed or self._is_closing_agreed or is_idle:
            self.shut_down(keep_recovery=False)
            event.accept()
            return
        event.ignore()
        self.files.ask_to_leave(self._close_without_asking, self.tr("Quit without saving"))

    def _close_without_asking(self) -> None:
        self._is_closing_agreed = True
        QTimer.singleShot(0, self.close)

    def shut_down(self, *, keep_recovery: bool) -> None:
        """Ends threads, sound and journal; ``is_over`` says whether all threads could be ended in time."""
        if self._is_closed:
            return
        self._is_closed = True
        self.heartbeat.stop()
        self.generator.stop()
        # What may take its time goes on at the same time: the whole has 3 seconds.
        began_seconds = time.monotonic()
        silence = threading.Thread(target=self.session.sound.close, name="end of sound", daemon=True)
        silence.start()
        self.view_keeping.keep()
        self.recovering.close(keep=keep_recovery)
        self.preferences.replace(with_place(self.preferences.now, self, self._sides))
        self.preferences.write()
        are_files_closed = all([self.files.close(), self.tasks.close()])
        self.files.outgoing.close()  # now that nothing is written any more
        silence.join(max(0.0, SILENCE_SECONDS - (time.monotonic() - began_seconds)))
        self.is_over = self.generator.close() and are_files_closed and not silence.is_alive()
