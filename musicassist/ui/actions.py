"""What a row of the table of commands is, and the QActions, keys, menus and tooltips that are made from the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolButton, QWidget

from musicassist.errors import MusicAssistError
from musicassist.ui.foreign_text import Tip, add_head_menu, add_line, face_of, set_face, set_name, set_tip
from musicassist.ui.theme import icon

WINDOW, ROLL, TAKES, STEPS = "window", "roll", "takes", "steps"


def calling(function: Callable[..., object], *values: object) -> Callable[..., None]:
    """A slot that calls ``function`` with these values, whatever the signal carries."""

    def slot(*_carried: object) -> None:
        function(*values)

    return slot


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What must hold before a command can be used.

    Attributes:
        words: What is said while it does not hold, translated.
        holds: Whether it holds now.
    """

    words: str
    holds: Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """One thing the user can ask for.

    Attributes:
        id: ``menu.name``: the menu it stands in, and what settings and tests call it.
        text: What menus and the palette call it, translated; empty for what only has a key.
        tip: What it does, translated.
        run: Does it; may raise a MusicAssistError.
        keys: Its shortcuts as Qt writes them, with a space between; the first one is shown.
        icon: Name of a file in ``resources/icons``, or empty.
        needs: What must hold.
        scope: Where its keys are heard: in the whole window, in the roll, or only while takes are on offer or notes are
            written step by step (then from everywhere but a text field).
        is_on: For a switch, whether it is on.
        tint: The colour of the icon, a field of ``Theme``.
    """

    id: str
    text: str
    tip: str
    run: Callable[[], object]
    keys: str = ""
    icon: str = ""
    needs: tuple[Need, ...] = ()
    scope: str = WINDOW
    is_on: Callable[[], bool] | None = None
    tint: str = "text"

    @property
    def sequences(self) -> tuple[QKeySequence, ...]:
        return tuple(map(QKeySequence, self.keys.split()))

    def native_keys(self) -> tuple[str, ...]:
        """Its shortcuts as the platform writes them."""
        return tuple(keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in self.sequences)

    def why_not(self) -> str:
        """What to say why it cannot be used now; empty when it can."""
        return next((need.words for need in self.needs if not need.holds()), "")

    def described(self, reason: str = "") -> Tip:
        """Its tooltip; ``reason`` says why it cannot be used."""
        return Tip(self.tip, self.text, next(iter(self.native_keys()), ""), reason)


Rows = tuple[Command | None, ...]  # of a menu, with a line drawn at None


@dataclass(frozen=True, slots=True)
class CommandMenu:
    """A menu of the bar: its title, translated, with ``&`` before its key, and its rows; None draws a line."""

    name: str
    title: str
    rows: Sequence[Command | None]


class Actions(QObject):
    """All actions of one window. Main thread only.

    Attributes:
        failed: A command raised an error that is told to the user; carries (command id, MusicAssistError).
        succeeded: A command was done; carries its id.
        menus: The table.
        commands: Its rows by id.
    """

    failed = Signal(str, object)
    succeeded = Signal(str)

    def __init__(self, window: QMainWindow, roll: QWidget, menus: Sequence[CommandMenu]) -> None:
        """Makes an action for each row and fills the menu bar.

        Args:
            window: Hears the keys of most commands.
            roll: Hears the keys that mean something else elsewhere, such as the arrows.
            menus: The table.
        """
        super().__init__(window)
        self.menus = tuple(menus)
        self.commands = {row.id: row for menu in menus for row in menu.rows if row is not None}
        self._actions: dict[str, QAction] = {}
        self._bar_menus: dict[str, QMenu] = {}
        self._reasons: dict[str, str] = {}  # why a command cannot be used, as its tooltip says it
        for menu in menus:
            bar_menu = self._bar_menus[menu.name] = add_head_menu(window.menuBar(), menu.title)
            bar_menu.setToolTipsVisible(True)
            for row in menu.rows:
                if row is None:
                    bar_menu.addSeparator()
                elif row.text:
                    action = self._make(row, window, roll)
                    bar_menu.addAction(action)

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def _make(self, command: Command, window: QWidget, roll: QWidget) -> QAction:
        action = self._actions[command.id] = QAction(self)
        set_face(action, command.text)
        action.setObjectName(command.id)
        if command.icon:
            action.setIcon(icon(command.icon, command.tint))
        action.setCheckable(command.is_on is not None)
        action.setMenuRole(QAction.MenuRole.NoRole)
        if command.scope == TAKES:  # ``window_keys`` listens to these; the menu only shows them
            set_face(action, command.text, keys=command.native_keys()[0])
        else:
            action.setShortcuts(command.sequences)
        if command.scope == ROLL:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        (roll if command.scope == ROLL else window).addAction(action)
        action.triggered.connect(calling(self.run, command.id))
        return action

    def menu(self, name: str) -> QMenu:
        """The menu of the bar with that name of the table."""
        return self._bar_menus[name]

    def run(self, command_id: str) -> None:
        """Does a command; what goes wrong in the user's words is emitted as ``failed``, else ``succeeded``."""
        try:
            self.commands[command_id].run()
        except MusicAssistError as error:
            self.failed.emit(command_id, error)
        else:
            self.succeeded.emit(command_id)
        self.refresh_switches()

    def keys(self, command_id: str, index: int = 0) -> str:
        """A shortcut of a command, as sentences name it."""
        return self.commands[command_id].native_keys()[index]

    def keyed(self, scope: str) -> dict[Qt.Key, Callable[[], None]]:
        """By key, what the commands of a scope do that have no shortcuts of Qt's."""
        commands = [command for command in self.commands.values() if command.scope == scope]
        return {
            keys[0].key(): calling(self.run, each.id)  # type: ignore[index]  # PySide6 does not tell that it can
            for each in commands
            for keys in each.sequences
        }

    def refresh(self) -> None:
        """Enables what can be done now and says in the tooltip of the rest why not; shows which switches are on."""
        met: dict[Need, bool] = {}
        for command_id, action in self._actions.items():
            command = self.commands[command_id]
            reason = ""
            for need in command.needs:
                if need not in met:
                    met[need] = need.holds()  # many commands share a need, and some take their time
                if not met[need]:
                    reason = need.words
                    break
            if action.isEnabled() != (not reason):
                action.setEnabled(not reason)
            if self._reasons.get(command_id) != reason:  # most are as before, and this is done at each press
                self._reasons[command_id] = reason
                set_tip(action, command.described(reason))
        self.refresh_switches()

    def refresh_switches(self) -> None:
        for command_id, action in self._actions.items():
            is_on = self.commands[command_id].is_on
            if is_on is not None and action.isChecked() != is_on():
                action.setChecked(not action.isChecked())


def add_choice(menu: QMenu, text: str, act: Callable[[], None], *, is_chosen: bool = False, tip: str = "") -> None:
    """One line of an item's menu; the chosen one is ticked."""
    action = add_line(menu, text, tip=tip)
    action.setCheckable(is_chosen)
    action.setChecked(is_chosen)
    action.triggered.connect(calling(act))


def add_values(menu: QMenu, values: Mapping[str, Any], now: object, choose: Callable[[Any], None]) -> None:
    """A choice for each value, by its words; the one that holds now is ticked."""
    for text, value in values.items():
        add_choice(menu, text, calling(choose, value), is_chosen=value == now)


def add_option(menu: QMenu, text: str, act: Callable[[], None], *, is_chosen: bool) -> QAction:
    """A line with a box, which holds a tick where it is chosen."""
    action = add_line(menu, text)
    action.setCheckable(True)
    action.setChecked(is_chosen)
    action.triggered.connect(act)
    return action


class MenuField(QToolButton):
    """A field whose choices stand in a menu."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("wide", True)  # noqa: FBT003  # Qt's property
        self._name = name
        set_tip(self, Tip(tip, name))
        self.show_value("")
        self.setMenu(QMenu(self))
        self.menu().aboutToShow.connect(self._on_menu_about_to_show)

    def show_value(self, text: str) -> None:
        """What is chosen; a screen reader says it after the field's name."""
        set_face(self, text)
        set_name(self, f"{self._name}: {face_of(self)}" if text else self._name)

    def fill(self, menu: QMenu) -> None:
        """Puts the choices into the menu; it is empty before."""
        raise NotImplementedError

    def _on_menu_about_to_show(self) -> None:
        self.menu().clear()
        self.fill(self.menu())
