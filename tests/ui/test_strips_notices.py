from __future__ import annotations

from pytestqt.qtbot import QtBot

from musicassist.ui.strips import MAX_NOTICES, WARNING, Notice, NoticeStrip


def test_a_notice_stands_until_its_remedy_is_pressed(qtbot: QtBot) -> None:
    strip, done = NoticeStrip(), []
    qtbot.addWidget(strip)
    strip.show_notice(Notice("disk", "It was changed.", WARNING, (("Open it", lambda: done.append("open")),)))
    assert strip.texts == ("It was changed.",) and not strip.isHidden()
    strip.press("disk", "Open it")
    assert done == ["open"] and strip.texts == () and strip.isHidden()


def test_the_same_key_says_it_once(qtbot: QtBot) -> None:
    strip = NoticeStrip()
    qtbot.addWidget(strip)
    strip.show_notice(Notice("save", "First."))
    strip.show_notice(Notice("save", "Second."))
    assert strip.texts == ("Second.",)


def test_the_oldest_goes_where_there_are_too_many(qtbot: QtBot) -> None:
    strip = NoticeStrip()
    qtbot.addWidget(strip)
    for number in range(MAX_NOTICES + 1):
        strip.show_notice(Notice(str(number), f"Notice {number}."))
    assert strip.texts == tuple(f"Notice {number}." for number in range(1, MAX_NOTICES + 1))
