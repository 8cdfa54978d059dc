"""A machine without a display is told of before Qt gives up."""

from __future__ import annotations

import os
import socket

import pytest

from musicassist.terminal import missing_display


def test_a_machine_without_a_display_points_to_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    sentence = missing_display()
    assert sentence is not None
    assert "musicassist --help" in sentence
    monkeypatch.setenv("DISPLAY", "elsewhere:0")
    assert missing_display() is None


def test_a_display_that_does_not_answer_is_told_before_qt_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    number = os.getpid() + 100_000  # of a display that nobody has
    monkeypatch.setenv("DISPLAY", f":{number}")
    sentence = missing_display()
    assert sentence is not None
    assert f":{number} does not answer" in sentence
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        assert missing_display() is None
