""""""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication

from window_doubles import Stage


@pytest.mark.parametrize("width_px", [740, 800, 853, 1024, 1100, 1280, 1600])
def test_no_part_of_the_bar_lies_on_another_or_outside(stage: Stage, width_px: int) -> None:
    stage.window.resize(width_px, 600)
    QApplication.processEvents()
    bar = stage.window.transport_bar
    shown = [part for part in bar._parts if part.isVisible()]
    assert shown[-1].geometry().right() <= bar.width()
    for left, right in pairwise(shown):
        assert left.geometry().right() < right.geometry().left() + 1
    assert bar.buttons["play.toggle"].isVisible()
    if width_px >= 900:
        button = bar.continuing.button
        assert button.width() >= button.sizeHint().width()  # "Continue this phrase" is not cut
        assert "continues bar 1" in bar.continuing.prompt.text()
    if width_px >= 1280:
        assert all(button.isVisible() for button in bar.buttons.values())


def test_the_running_position_is_not_announced_and_the_resting_one_is_named(stage: Stage) -> None:
    position = stage.window.transport_bar.position
    assert position.accessibleName() == "Position 1.1.000"
    stage.session.transport.play()
    names = set()
    for tick in range(0, 4800, 48):
        stage.sound.position = tick
        stage.window.heartbeat.beat()
        names.add(position.accessibleName())
    assert names == {"Position"}  # Qt tells of a label's words only where it has no name of its own
    stage.session.transport.stop()
    stage.window.heartbeat.beat()
    assert position.accessibleName() == f"Position {position.text()}"
