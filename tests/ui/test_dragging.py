"""When the mouse drags: far enough, with the left button, and only once."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from musicassist.ui.dragging import GRIP_PX, DragStart, PhraseGrip
from window_hands import drag_by


def test_a_drag_begins_once_when_the_pointer_has_moved_far_enough(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    begun: list[str] = []
    DragStart(widget).begun.connect(lambda: begun.append("begun"))
    far = QApplication.startDragDistance()
    drag_by(widget, far - 1)
    drag_by(widget, 3 * far, button=Qt.MouseButton.RightButton)
    assert begun == []
    drag_by(widget, far, 2 * far, 3 * far)
    assert begun == ["begun"]
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert begun == ["begun"]


def test_the_grip_keeps_to_the_corner_of_the_paper(qtbot: QtBot) -> None:
    paper = QWidget()
    qtbot.addWidget(paper)
    paper.resize(400, 300)
    paper.show()
    grip = PhraseGrip(paper, lambda: None)
    assert grip.accessibleName() == "Drag the selected notes out"
    for width in (400, 640):
        paper.resize(width, 300)
        assert (grip.x(), grip.y()) == (width - GRIP_PX - 8, 8)
