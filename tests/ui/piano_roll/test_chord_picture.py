"""How chords look: each kind by its shape as well."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from musicassist.score.chord_track import ChordSpan
from musicassist.score.grid import SongGrid
from musicassist.score.theory import parse_chord
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.chord_picture import ChordPicture, ChordSheet
from musicassist.ui.piano_roll.geometry import TickTransform
from musicassist.ui.theme import DARK, LIGHT, Theme, contrast

SIZE = QSize(400, 26)
PER_TICK = 0.05


def drawn(theme: Theme, *spans: ChordSpan, proposed: tuple[ChordSpan, ...] = (), scroll_px: float = 0) -> QImage:
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    sheet = ChordSheet(theme, SongGrid(TimeMap()), spans, proposed, lambda _tick: None)
    ChordPicture().draw(painter, sheet, TickTransform(PER_TICK, scroll_px), SIZE, 1.0)
    painter.end()
    return image


def colors(image: QImage, left: int, right: int) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(left, right) for y in range(2, 24)}


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_what_is_written_is_a_block_and_what_is_heard_is_none(qtbot: QtBot, theme: Theme) -> None:
    written = drawn(theme, ChordSpan(0, 1920, parse_chord("C")))
    heard = drawn(theme, ChordSpan(0, 1920, parse_chord("C"), is_written=False))
    block = written.pixelColor(70, 12).name()
    assert block != theme.window and contrast(theme.text, block) >= 4.5
    assert heard.pixelColor(70, 12).name() == theme.window and contrast(theme.second_text, theme.window) >= 4.5
    assert len(colors(heard, 4, 30)) > 3  # a name stands there


def test_what_is_offered_is_framed_and_covers_what_it_would_replace(qtbot: QtBot) -> None:
    standing = ChordSpan(0, 1920, parse_chord("C"))
    offered = ChordSpan(960, 2880, parse_chord("G"), is_written=False)
    image = drawn(DARK, standing, proposed=(offered,))
    assert DARK.accent in colors(image, 48, 60)
    block = drawn(DARK, standing).pixelColor(40, 20).name()
    assert image.pixelColor(40, 20).name() == block != image.pixelColor(70, 20).name()


def test_a_name_that_has_no_room_is_smaller_and_then_left_out(qtbot: QtBot) -> None:
    def inked(duration_ticks: int) -> int:
        image = drawn(DARK, ChordSpan(0, duration_ticks, parse_chord("Bbmaj7")))
        lit = [x for x in range(round(duration_ticks * PER_TICK)) for y in range(5, 20)
               if image.pixelColor(x, y).lightness() > 150]  # fmt: skip
        return max(lit, default=0)

    whole, tight = inked(1920), inked(1080)
    assert 40 < tight < whole
    assert inked(400) == 0


def test_a_scrolled_picture_is_the_same_moved(qtbot: QtBot) -> None:
    spans = tuple(ChordSpan(bar * 1920, bar * 1920 + 1920, parse_chord("Am")) for bar in range(30))
    assert drawn(DARK, *spans, scroll_px=960).copy(0, 0, 300, 26) == drawn(DARK, *spans, scroll_px=1056).copy(
        0, 0, 300, 26
    )
