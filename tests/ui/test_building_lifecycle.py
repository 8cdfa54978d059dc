from __future__ import annotations

import gc
import sys
import threading

from pytestqt.qtbot import QtBot

from musicassist.errors import MusicAssistError
from musicassist.ui.building import BugReporter, GarbageCollector
from window_doubles import Stage


def test_a_bug_is_told_with_the_sound_stopped_and_a_copy_kept(stage: Stage, qtbot: QtBot) -> None:
    reporter = BugReporter(stage.window)
    stage.session.notes.select_all()
    stage.session.notes.transpose(1)
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "ZeroDivisionError: a bug" in stage.window.notices.texts[0]
    assert ("panic",) in stage.sound.said
    assert len(list(stage.journal._folder.glob("*.journal"))) == 1
    reporter.stop()
    assert sys.excepthook is not reporter._on_exception


def test_a_bug_in_a_thread_is_told_on_the_main_thread(stage: Stage, qtbot: QtBot) -> None:
    reporter = BugReporter(stage.window)
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))
    assert "ZeroDivisionError" in stage.window.notices.texts[0]
    reporter.stop()


def test_a_foreseen_error_that_nobody_caught_is_only_words(stage: Stage) -> None:
    reporter = BugReporter(stage.window)
    error = MusicAssistError("{file} is gone.", file="x.mid")
    sys.excepthook(type(error), error, None)
    assert stage.window.notices.texts == ("x.mid is gone.",)
    reporter.stop()


def test_garbage_is_collected_on_the_main_thread_only(stage: Stage) -> None:
    collector = GarbageCollector(stage.window)
    assert not gc.isenabled()
    collector.collect()
    collector.stop()
    assert gc.isenabled()
