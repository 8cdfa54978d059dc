from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from musicassist.errors import MidiImportError, MusicAssistError
from musicassist.ui.background import BackgroundTasks


def test_work_is_done_elsewhere_and_answered_here_in_order(qtbot: QtBot) -> None:
    tasks = BackgroundTasks()
    answers: list[tuple[str, str]] = []

    def answer(worker: str) -> None:
        answers.append((worker, threading.current_thread().name))

    for _ in range(2):
        tasks.start(lambda: threading.current_thread().name, answer, pytest.fail)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers == [("files", "MainThread")] * 2
    assert not tasks.is_busy
    tasks.close()


def test_errors_in_words_are_handed_on(qtbot: QtBot) -> None:
    tasks = BackgroundTasks()
    errors: list[MusicAssistError] = []

    def read() -> None:
        raise MidiImportError("{file} is no MIDI file.", file="x")

    tasks.start(read, pytest.fail, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "x is no MIDI file."
    tasks.close()


def test_a_bug_in_the_work_is_logged_and_told(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    tasks = BackgroundTasks()
    errors: list[MusicAssistError] = []
    tasks.start(lambda: 1 // 0, pytest.fail, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert "division" in str(errors[0]) and "ZeroDivisionError" in caplog.text
    tasks.close()


def test_after_closing_nothing_is_answered(qtbot: QtBot) -> None:
    tasks = BackgroundTasks()
    gate = threading.Event()
    tasks.start(lambda: gate.wait(5), pytest.fail, pytest.fail)
    tasks.close()
    gate.set()
    tasks.start(lambda: 1, pytest.fail, pytest.fail)
    qtbot.wait(20)
