"""The panel of versions: the points of a song as a small tree, and what can be done with the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QToolButton, QVBoxLayout, QWidget

from musicassist.ui.actions import calling
from musicassist.ui.dialogs import Popover
from musicassist.ui.foreign_text import PlainLabel, fill_field, list_item, set_name, set_tip
from musicassist.ui.theme import arranged, icon

HEIGHT_PX = 132
_INDENT = " " * 4
MAX_DEPTH = 12  # LIMIT: what lies deeper is shown there
_USING, _HEARING, _LEAVING = (Qt.Key.Key_Return, Qt.Key.Key_Enter), Qt.Key.Key_Space, Qt.Key.Key_Escape
_THROWING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_KEYS = (*_USING, *_THROWING, _HEARING, _LEAVING, Qt.Key.Key_Up, Qt.Key.Key_Down)


@dataclass(frozen=True)
class VersionFace:
    """What a row shows.

    Attributes:
        name: Of the version.
        depth: How many versions it came from.
        words: Its title, when it was, and whether the song came from it, sounds as it, or is compared with it.
    """

    name: str
    depth: int
    words: str


class VersionsPanel(QFrame):
    """Enter goes to the chosen version, Space lets it sound, Delete throws it away, Escape closes.

    Attributes:
        used: The chosen one is to be gone to.
        listened: It is to sound, or not any more.
        thrown: It is to be thrown away.
        left: The panel is to be closed.
        list: The rows.
    """

    used = Signal()
    listened = Signal()
    thrown = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("versions_panel")
        set_name(self, self.tr("Versions"))
        self.list = _Rows(self)
        self._faces: tuple[VersionFace, ...] = ()
        self._empty = PlainLabel(self.tr("No version has a name yet."), look="second")
        close = QToolButton()
        close.setIcon(icon("close", "second_text"))
        close.setAccessibleName(self.tr("Close"))
        close.clicked.connect(self.left)
        head = arranged(QHBoxLayout(), (PlainLabel(self.tr("Versions"), look="panel_title"), 1), close)
        arranged(QVBoxLayout(self), head, self._empty, self.list, margins_px=(10, 6, 10, 8), spacing_px=4)
        self.setFixedHeight(HEIGHT_PX)
        self.hide()

    @property
    def chosen(self) -> str | None:
        """Name of the version whose row is the current one."""
        row = self.list.currentIndex().row()
        return self._faces[row].name if 0 <= row < len(self._faces) else None

    def show_faces(self, faces: Sequence[VersionFace], chosen: str | None) -> None:
        """Shows these rows, with one chosen; the row that was chosen stays so where none is said."""
        wanted = chosen or self.chosen
        self._faces = tuple(faces)
        model = self.list.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        for face in faces:
            model.appendRow(list_item(_INDENT * min(face.depth, MAX_DEPTH) + face.words, face.words))
        row = next((row for row, face in enumerate(faces) if face.name == wanted), len(faces) - 1)
        self.list.setCurrentIndex(model.index(row, 0))
        self._empty.setVisible(not faces)


class _Rows(QListView):
    def __init__(self, panel: VersionsPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setModel(QStandardItemModel(self))
        self.setAccessibleName(self.tr("Versions"))
        how = self.tr("Enter goes to a version, Space lets it sound in the song's place, Delete throws it away.")
        set_tip(self, how, description=how)
        self.doubleClicked.connect(calling(panel.used.emit))

    def event(self, event: QEvent) -> bool:
        """Its keys are its own before they are anybody's shortcut."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and not event.modifiers() and Qt.Key(event.key()) in _KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _USING:
            self._panel.used.emit()
        elif key == _HEARING:
            self._panel.listened.emit()
        elif key in _THROWING:
            self._panel.thrown.emit()
        elif key == _LEAVING:
            self._panel.left.emit()
        else:
            super().keyPressEvent(event)


class VersionPopover(Popover):
    """What is the version called?"""

    def __init__(self, window: QWidget, title: str, suggested: str, keep: Callable[[str], None]) -> None:
        super().__init__(window)
        self.set_title(title)
        self._keep = keep
        self.name = QLineEdit()
        set_name(self.name, self.tr("Name of the version"))
        fill_field(self.name, suggested)
        self.form.addRow(self.tr("Name"), self.name)
        self.setFocusProxy(self.name)
        self.name.setFocus()
        self.name.selectAll()

    def apply(self) -> None:
        self._keep(self.name.text())
