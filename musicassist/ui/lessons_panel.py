"""The panel under the roll that says why a bar is strong, in three ways of speaking, and lets it sound without."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.harmony.lessons import TITLES, Lesson
from musicassist.ui.foreign_text import PlainLabel, filled, set_face, set_name, set_tip, translate
from musicassist.ui.panel_fields import ChoiceField
from musicassist.ui.strips import LeavablePanel
from musicassist.ui.theme import arranged, icon

LEVELS = (
    QT_TRANSLATE_NOOP("Lessons", "In plain words"),
    QT_TRANSLATE_NOOP("Lessons", "For learners"),
    QT_TRANSLATE_NOOP("Lessons", "For musicians"),
)
MAX_ROWS = 5  # one for each feature


class LessonsPanel(LeavablePanel):
    """A row for each finding: its name, a sentence, and a button that leaves it out of what sounds.

    Attributes:
        level_chosen: Another way of speaking, from 0.
        without_chosen: The finding of this row is to be left out.
        left: The panel is to be closed.
    """

    level_chosen = Signal(int)
    without_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lessons_panel")
        self.setAccessibleName(self.tr("Why this bar is strong"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = PlainLabel(look="panel_title")
        self.level = ChoiceField(
            self.tr("Way of speaking"),
            self.tr("How much of the terms of the field the sentences use."),
            {str(level): translate("Lessons", words) for level, words in enumerate(LEVELS)},
        )
        self.level.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.level.chosen.connect(lambda: self.level_chosen.emit(int(self.level.value)))
        self._close = QToolButton()
        self._close.setIcon(icon("close", "second_text"))
        self._close.setAccessibleName(self.tr("Close"))
        self._close.clicked.connect(self.left)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        self.rows: list[tuple[PlainLabel, QPushButton]] = []
        head = arranged(QHBoxLayout(), (self.title, 1), self.level, self._close)
        arranged(QVBoxLayout(self), head, self._column, margins_px=(10, 6, 10, 8), spacing_px=4)
        self.hide()

    def show_lessons(self, bar_number: int, lessons: tuple[Lesson, ...], level: int, without: int | None) -> None:
        """Shows the findings about a bar in one of the ways of speaking; ``without`` is the one that is left out."""
        self.title.show_text(self.tr("Bar {number}: why it is strong").format(number=bar_number))
        self.level.show_choice(str(level))
        self._make_rows(max(1, len(lessons)))
        for row, (label, button) in enumerate(self.rows):
            if row >= len(lessons):
                label.show_text(self.tr("Nothing here can be proved by its notes: no cadence, sequence, or the like."))
                button.hide()
                continue
            lesson = lessons[row]
            words = f"{translate('Lessons', TITLES[lesson.feature])}: {filled('Lessons', *lesson.words[level])}"
            label.show_text(words)
            button.show()
            button.setChecked(row == without)
            face = self.tr("As it is") if row == without else self.tr("Hear it without")
            set_face(button, face)
            set_name(button, f"{face}: {translate('Lessons', TITLES[lesson.feature])}")
            set_tip(button, self.tr("Repeat the bar as it would be without this; press again for the bar as it is."))

    def _make_rows(self, count: int) -> None:
        while len(self.rows) < count:
            label, button = PlainLabel(), QPushButton()
            label.setWordWrap(True)
            button.setCheckable(True)
            button.clicked.connect(self._asking_without(len(self.rows)))
            self._column.addLayout(arranged(QHBoxLayout(), (label, 1), button))
            self.rows.append((label, button))
        for row, (label, button) in enumerate(self.rows):
            label.setVisible(row < count)
            button.setVisible(row < count)

    def _asking_without(self, row: int) -> object:
        return lambda: self.without_chosen.emit(row)
