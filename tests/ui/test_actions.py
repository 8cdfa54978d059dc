"""Commands are done by name, or say why not."""

from __future__ import annotations

import pytest

from window_doubles import Stage


def test_a_missing_condition_is_said_in_words(stage: Stage) -> None:
    cut = stage.window.actions_table.commands["edit.cut"]
    stage.session.notes.select_none()
    assert cut.why_not() == "Select some notes first."
    stage.session.notes.select_all()
    assert cut.why_not() == ""


def test_an_unknown_command_is_a_bug(empty_stage: Stage) -> None:
    with pytest.raises(KeyError):
        empty_stage.window.actions_table.run("edit.fly")
