from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from musicassist.errors import SaveError
from musicassist.settings import Settings
from musicassist.ui.workspace import Preferences


def test_choices_are_written_once_they_rest(qtbot: QtBot) -> None:
    saved: list[Settings] = []
    preferences = Preferences(Settings(), saved.append)
    preferences._rest.setInterval(5)
    preferences.change(take_bars=2)
    preferences.change(take_bars=8)
    assert preferences.now.take_bars == 8 and saved == []
    qtbot.waitUntil(lambda: bool(saved))
    assert saved == [Settings(take_bars=8)]


def test_a_full_disk_is_only_logged(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    def full(_settings: Settings) -> None:
        raise SaveError("The settings could not be saved in {file}: {reason}.", file="x", reason="No space left")

    preferences = Preferences(Settings(), full)
    preferences.change(theme="light")
    preferences.write()
    assert "No space left" in caplog.text
