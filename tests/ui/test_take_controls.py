"""How the assistant composes."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from musicassist.composing.request import DEFAULT_CANDIDATES, MANY_CANDIDATES
from musicassist.session.offers import Controls
from musicassist.ui.take_controls import TakeControls


def test_without_a_key_nothing_is_kept_in_and_that_is_said(qtbot: QtBot) -> None:
    controls = TakeControls()
    qtbot.addWidget(controls)
    controls.show_controls(Controls())
    controls.show_key("")
    assert controls._scale.text() == "no key ▾"
    assert not controls._scale.isEnabled()
    controls.show_key("G minor")
    assert controls._scale.text() == "keep G minor ▾"
    assert controls._scale.isEnabled()
    assert (
        controls.applied_to(Controls()).constraints.scale_strength == "keep"
    )  # the user's choice outlives a song without a key


def test_more_may_be_composed_to_choose_from(qtbot: QtBot) -> None:
    controls = TakeControls()
    qtbot.addWidget(controls)
    controls.show_controls(Controls())
    assert controls.applied_to(Controls()).candidates == DEFAULT_CANDIDATES
    with qtbot.waitSignal(controls.changed):
        controls._many.click()
    assert controls.applied_to(Controls()).candidates == MANY_CANDIDATES
    controls.show_controls(Controls())
    assert not controls._many.isChecked()
