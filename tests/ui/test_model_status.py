"""Whether a model is there, and which one each verb has."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from musicassist.errors import CheckpointError
from musicassist.ui.strips import MISSING, MODEL
from window_doubles import Stage


def test_the_model_is_told_ready_or_missing(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.strip.items[MODEL].text().strip() == "LSTM ready")
    stage.engine.problem = CheckpointError("There is no model named {name}.", name="vae")
    stage.window.model_status.choose("vae")
    qtbot.waitUntil(lambda: stage.window.strip.items[MODEL].state == MISSING)
    assert stage.window.notices.texts == ("There is no model named vae.",)
