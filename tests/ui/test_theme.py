"""Both themes can be read, and their notes told apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from musicassist.ui.theme import (
    DARK,
    LIGHT,
    SMALL_PX,
    TRACK_HUES,
    Theme,
    apply_theme,
    contrast,
    oklch,
    palette,
    style_sheet,
    text_font,
    theme_named,
)

BOTH = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
GROUNDS = ("window", "panel", "field", "hover", "roll", "black_key_row", "outside_row", "tonic_row")


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
def test_words_can_be_read_on_every_ground(theme: Theme, ground: str) -> None:
    for words in ("text", "second_text"):
        assert contrast(getattr(theme, words), getattr(theme, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("ground", ["window", "panel", "roll"])
def test_signals_can_be_read_as_words(theme: Theme, ground: str) -> None:
    for color in ("accent", "warning", "record"):
        assert contrast(getattr(theme, color), getattr(theme, ground)) >= 4.5


@BOTH
def test_words_on_the_assistants_button_can_be_read(theme: Theme) -> None:
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@BOTH
def test_key_names_can_be_read(theme: Theme) -> None:
    assert contrast(theme.on_white_key, theme.white_key) >= 4.5


@BOTH
def test_even_the_softest_note_stands_out_from_its_row(theme: Theme) -> None:

    for track in range(len(TRACK_HUES)):
        for ground in ("roll", "outside_row", "tonic_row"):
            assert contrast(theme.note_color(track, 1), getattr(theme, ground)) >= 3.0


@BOTH
def test_names_on_notes_can_be_read(theme: Theme) -> None:
    for track in range(len(TRACK_HUES)):
        for velocity in (1, 40, 88, 127):
            for is_selected in (False, True):
                color = theme.note_color(track, velocity, is_selected=is_selected)
                assert contrast(theme.ink_on(color), color) >= 4.5


@BOTH
def test_louder_notes_stand_out_more(theme: Theme) -> None:
    shades = [contrast(theme.note_color(0, velocity), theme.roll) for velocity in (1, 32, 64, 96, 127)]
    assert all(soft < loud for soft, loud in pairwise(shades))


def test_no_track_looks_like_the_assistant() -> None:
    for theme in (DARK, LIGHT):
        accent = QColor(theme.accent).hslHue()
        for track in range(len(TRACK_HUES)):
            hue = QColor(theme.note_color(track, 100)).hslHue()
            assert min((hue - accent) % 360, (accent - hue) % 360) > 18


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_oklch_gives_grey_without_chroma_and_stays_on_screen() -> None:
    assert oklch(1.0, 0.0, 0.0) == "#ffffff"
    assert QColor(oklch(0.7, 0.4, 150)).isValid()


@BOTH
def test_palette_and_style_sheet_carry_the_table(theme: Theme, qapp: QApplication) -> None:
    assert palette(theme).color(QPalette.ColorRole.Window).name() == theme.window
    assert theme.accent in style_sheet(theme)
    before = qapp.palette(), qapp.styleSheet(), qapp.font()
    apply_theme(qapp, theme)
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == theme.text
    qapp.setPalette(before[0])
    qapp.setStyleSheet(before[1])
    qapp.setFont(before[2])


def test_themes_have_names() -> None:
    assert theme_named("light") is LIGHT
    assert theme_named("dark") is DARK
    assert theme_named("anything else") is DARK


def test_there_are_two_sizes_of_type(qapp: QApplication) -> None:
    assert text_font(SMALL_PX).pixelSize() == 11
    assert text_font().pixelSize() == 13
