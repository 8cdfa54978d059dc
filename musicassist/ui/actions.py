"""QActions made from the table of commands: one for each, with keys, tooltip, icon and a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from musicassist.errors import MusicAssistError
from musicassist.ui.commands import COMMANDS, MENUS, ROLL, TAKES, Command, missing_condition
from musicassist.ui.foreign_text import Tip, add_head_menu, set_face, set_tip, tr
from musicassist.ui.tasks import calling
from musicassist.ui.theme import Theme, icon

Handler = Callable[[], None]


class Actions(QObject):
    """All actions of one window. Main thread only.

    Attributes:
        failed: A handler raised an error that is told to the user; carries (command id, MusicAssistError).
        succeeded: A handler did its command; carries its id.
    """

    failed = Signal(str, object)
    succeeded = Signal(str)

    def __init__(self, window: QMainWindow, roll: QWidget, targets: Mapping[str, object]) -> None:
        """Makes them.

        Args:
            window: Hears the keys of most commands.
            roll: Hears the keys that mean something else elsewhere, such as the arrows.
            targets: For each menu of the table, the object whose methods do its commands.
        """
        super().__init__(window)
        self._targets = targets
        self._actions = {command.id: self._make(command, window, roll) for command in COMMANDS if command.text}
        self._menus: dict[str, QMenu] = {}
        self._reasons: dict[str, str | None] = {}  # why a command cannot be used, as its tooltip says it

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def _make(self, command: Command, window: QMainWindow, roll: QWidget) -> QAction:
        action = QAction(self)
        set_face(action, tr("Commands", command.text))
        action.setObjectName(command.id)
        action.setCheckable(command.is_checkable)
        action.setMenuRole(QAction.MenuRole.NoRole)
        keys = [QKeySequence(key) for key in command.keys]
        if command.scope == TAKES:  # take_keys hears these; the menu only shows them
            set_face(action, tr("Commands", command.text), keys=shortcut_text(command))
        else:
            action.setShortcuts(keys)
        if command.scope == ROLL:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            roll.addAction(action)
        else:
            window.addAction(action)
        action.triggered.connect(calling(self.run, command.id))
        return action

    def handler(self, command_id: str) -> Handler:
        """The method that does a command."""
        menu, _, name = command_id.partition(".")
        handler: Handler = getattr(self._targets[menu], name)
        return handler

    def run(self, command_id: str) -> None:
        """Does a command; what goes wrong in the user's words is emitted as ``failed``, else ``succeeded``."""
        try:
            self.handler(command_id)()
        except MusicAssistError as error:
            self.failed.emit(command_id, error)
        else:
            self.succeeded.emit(command_id)

    def fill_menu_bar(self, window: QMainWindow) -> None:
        """The menus in the order of the table."""
        for name, title in MENUS.items():
            menu = add_head_menu(window.menuBar(), tr("Commands", title))
            menu.setToolTipsVisible(True)
            self._menus[name] = menu
            for command in (command for command in COMMANDS if command.menu == name):
                if command.text:
                    menu.addAction(self._actions[command.id])
                else:
                    menu.addSeparator()

    def menu(self, name: str) -> QMenu:
        """The menu with that name of the table."""
        return self._menus[name]

    def refresh(self, holding: frozenset[str]) -> None:
        """Enables what can be done now and says in the tooltip of the rest why not."""
        for command in COMMANDS:
            if not command.text:
                continue
            reason = missing_condition(command, holding)
            action = self._actions[command.id]
            if action.isEnabled() != (reason is None):
                action.setEnabled(reason is None)
            if self._reasons.get(command.id, "") != reason:  # most are as before, and this is done at each press
                self._reasons[command.id] = reason
                set_tip(action, tip_of(command, reason))

    def set_checked(self, command_id: str, *, checked: bool) -> None:
        """Shows a switch as on or off without doing its command."""
        action = self._actions[command_id]
        if action.isChecked() != checked:
            action.setChecked(checked)

    def set_theme(self, theme: Theme) -> None:
        """Tints the icons."""
        special = {"play.record": theme.record, "assistant.continue_phrase": theme.accent}
        for command in COMMANDS:
            if command.icon:
                color = special.get(command.id)
                self._actions[command.id].setIcon(icon(command.icon, theme, color=color))


def shortcut_text(command: Command) -> str:
    """Its first shortcut as the platform writes it, or nothing."""
    return QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.keys else ""


def tip_of(command: Command, reason: str | None = None) -> Tip:
    """What the command does, its shortcut and, when it cannot be used, why."""
    body = tr("Commands", command.tip) if command.tip else ""
    note = tr("Commands", reason) if reason is not None else ""
    return Tip(body, tr("Commands", command.text), shortcut_text(command), note)
