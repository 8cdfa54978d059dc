"""The colours, the two type sizes and the palette of the window, dark and light, in one table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QBoxLayout, QLayout, QWidget

from musicassist.resources import resources_folder

NORMAL_PX = 13
SMALL_PX = 11
VELOCITY_SHADES = 16
# Hues of the tracks in OKLCH degrees. The assistant's accent lies at 175, so none comes near it.
TRACK_HUES = (255, 70, 305, 15, 128, 45, 340, 232, 100, 280, 30, 325)
ICON_PX = 16


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, each as ``#rrggbb``.

    Attributes:
        is_dark: Whether light text stands on dark ground.
        window, panel, field, hover: Grounds of the window, its side panels, input fields and what the pointer is over.
        roll, black_key_row, outside_row, tonic_row: Grounds of the roll's rows.
        bar_line, beat_line, grid_line, row_line: Lines of the roll.
        text, second_text, disabled_text: Words.
        accent, on_accent: The assistant's colour and words upon it.
        warning, record: Something to mend; recording.
        playhead: The line that moves.
        white_key, black_key, on_white_key: The piano's keys and the names upon them.
        selected_outline: Around selected notes.
    """

    name: str
    is_dark: bool
    window: str
    panel: str
    field: str
    hover: str
    roll: str
    black_key_row: str
    outside_row: str
    tonic_row: str
    bar_line: str
    beat_line: str
    grid_line: str
    row_line: str
    text: str
    second_text: str
    disabled_text: str
    accent: str
    on_accent: str
    warning: str
    record: str
    playhead: str
    white_key: str
    black_key: str
    on_white_key: str
    selected_outline: str

    def note_color(self, track_index: int, velocity: int, *, is_selected: bool = False) -> str:
        """Fill of a note: the track's hue, velocity (1..127) as lightness; selected notes have their full colour."""
        hue = TRACK_HUES[track_index % len(TRACK_HUES)]
        loud = max(0.0, min(1.0, velocity / 127))
        if self.is_dark:
            lightness = 0.575 + 0.205 * loud
            return oklch(0.62 + 0.12 * loud, 0.20, hue) if is_selected else oklch(lightness, 0.095, hue)
        lightness = 0.62 - 0.10 * loud
        return oklch(lightness - 0.04, 0.28, hue) if is_selected else oklch(lightness, 0.11, hue)

    def ink_on(self, ground: str) -> str:
        """The text colour, near black or near white, that reads best on a ground."""
        return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, ground))


DARK = Theme(
    name="dark", is_dark=True,
    window="#15171c", panel="#191c22", field="#20242c", hover="#262b35",
    roll="#1b1e25", black_key_row="#181a20", outside_row="#15171b", tonic_row="#212731",
    bar_line="#3a4150", beat_line="#2a2f3a", grid_line="#21252e", row_line="#1f232b",
    text="#e8eaf0", second_text="#9aa3b4", disabled_text="#6a7282",
    accent="#3fb8a0", on_accent="#06231d", warning="#d9822b", record="#e5605c", playhead="#f4f6fa",
    white_key="#c9cdd6", black_key="#23272f", on_white_key="#3a4150", selected_outline="#ffffff",
)  # fmt: skip


# The accent, warning and record of the light theme are darker than in the first draft, so that they can be read (AA).
LIGHT = Theme(
    name="light", is_dark=False,
    window="#f4f4f1", panel="#efefeb", field="#ffffff", hover="#e6e6e0",
    roll="#ffffff", black_key_row="#f6f6f3", outside_row="#efefec", tonic_row="#eef3fb",
    bar_line="#c9c9c2", beat_line="#e2e2dc", grid_line="#eeeee9", row_line="#f1f1ed",
    text="#1d2026", second_text="#5c6470", disabled_text="#8f959d",
    accent="#0a7a66", on_accent="#ffffff", warning="#9c5a12", record="#c23b3b", playhead="#1d2026",
    white_key="#ffffff", black_key="#4a505b", on_white_key="#5c6470", selected_outline="#14171c",
)  # fmt: skip


def theme_named(name: str) -> Theme:
    """The theme called ``dark`` or ``light``; dark for any other name."""
    return LIGHT if name == LIGHT.name else DARK


def palette(theme: Theme) -> QPalette:
    """The theme as a Qt palette; main thread only."""
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.field,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.panel,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.record,
        QPalette.ColorRole.ToolTipBase: theme.field,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.second_text,
        QPalette.ColorRole.Highlight: theme.hover,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Light: theme.hover,
        QPalette.ColorRole.Midlight: theme.field,
        QPalette.ColorRole.Mid: theme.bar_line,
        QPalette.ColorRole.Dark: theme.bar_line,
        QPalette.ColorRole.Shadow: theme.outside_row,
    }
    result = QPalette()
    for role, color in roles.items():
        result.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled_text))
    return result


def style_sheet(theme: Theme) -> str:
    """What a palette cannot say: radii, spacing, flat grounds; of bars, panels and notices by their object names."""
    return f"""
QToolTip {{ color: {theme.text}; background: {theme.field}; border: 1px solid {theme.bar_line}; padding: 4px; }}
QToolButton, QPushButton {{ border: 1px solid transparent; border-radius: 6px; padding: 3px 7px;
    background: transparent; }}
QToolButton:hover, QPushButton:hover {{ background: {theme.hover}; }}
QToolButton:checked {{ background: {theme.hover}; }}
QPushButton {{ background: {theme.field}; }}
QToolButton:focus, QPushButton:focus, QSlider:focus {{ border: 1px solid {theme.text}; }}
QPushButton[assistant="true"] {{ background: {theme.accent}; color: {theme.on_accent}; font-weight: 600; }}
QPushButton[assistant="true"]:disabled {{ background: {theme.field}; color: {theme.disabled_text}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
    background: {theme.field}; border: 1px solid transparent; border-radius: 6px; padding: 3px 6px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{ border-color: {theme.second_text}; }}
QMenu {{ background: {theme.panel}; border: 1px solid {theme.bar_line}; padding: 4px; }}
QMenu::item {{ padding: 4px 24px 4px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {theme.hover}; }}
QMenu::item:disabled {{ color: {theme.disabled_text}; }}
QMenu::separator {{ height: 1px; background: {theme.beat_line}; margin: 4px 8px; }}
QScrollBar {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ width: 10px; }} QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {theme.bar_line}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle {{ min-width: 24px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QMainWindow, #centre {{ background: {theme.window}; }}
QMenuBar {{ background: {theme.window}; padding: 0 4px; }}
QMenuBar::item {{ padding: 3px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {theme.hover}; }}
#transport_bar, #status_strip, #track_list, #takes_panel {{ background: {theme.window}; }}
#transport_bar QToolButton {{ padding: 4px; }}
#transport_bar QToolButton[wide="true"] {{ padding: 4px 7px; }}
#transport_bar QToolButton#prompt_field {{ color: {theme.second_text}; font-size: {SMALL_PX}px; }}
#transport_bar QToolButton:checked {{ background: {theme.hover}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
#position {{ background: {theme.field}; border-radius: 6px; padding: 4px 8px; color: {theme.text}; }}
#separator {{ background: {theme.beat_line}; min-width: 1px; max-width: 1px; min-height: 20px; max-height: 20px; }}
QPushButton[quiet="true"] {{ background: {theme.field}; color: {theme.second_text}; font-weight: normal;
    font-size: {SMALL_PX}px; }}
#status_strip QToolButton {{ padding: 1px 5px; color: {theme.second_text}; border-radius: 4px; }}
#status_message {{ color: {theme.second_text}; }}
#takes_panel QPushButton {{ padding: 3px 4px; }}
#takes_panel QScrollBar:vertical {{ width: 6px; }} #takes_panel QScrollBar::handle {{ margin: 2px 0 2px 2px; }}
#notice {{ background: {theme.field}; }}
#notice QPushButton {{ background: {theme.hover}; padding: 2px 9px; }}
#panel_title {{ color: {theme.second_text}; font-weight: 600; }}
#second, #take_facts {{ color: {theme.second_text}; font-size: {SMALL_PX}px; }}
#refusal {{ color: {theme.warning}; font-size: {SMALL_PX}px; }}
QToolButton#mute, QToolButton#solo {{ border: 0; padding: 0; border-radius: 4px; font-size: {SMALL_PX}px;
    color: {theme.second_text}; }}
QToolButton#mute:checked {{ background: {theme.warning}; color: {theme.window}; }}
QToolButton#solo:checked {{ background: {theme.text}; color: {theme.window}; }}
#track_row[chosen="true"] {{ background: {theme.hover}; border-radius: 6px; }}
#progress {{ background: transparent; border: 0; min-height: 2px; max-height: 2px; }}
#progress::chunk {{ background: {theme.accent}; }}
QSlider::groove:horizontal {{ height: 3px; background: {theme.bar_line}; border-radius: 1px; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 1px; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -5px 0; border-radius: 6px;
    background: {theme.text}; }}
QAbstractSpinBox {{ padding: 3px 0; }}
QAbstractSpinBox QLineEdit {{ padding: 0; border: 0; background: transparent; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; height: 0; border: 0; }}
#instrument {{ color: {theme.second_text}; font-size: {SMALL_PX}px; text-align: left; border: 0; padding: 1px 0;
    background: transparent; }}
#instrument:hover {{ color: {theme.text}; }}
QSplitter::handle {{ background: {theme.window}; }}
#popup {{ background: {theme.panel}; border: 1px solid {theme.bar_line}; border-radius: 8px; }}
#popup QListView, #takes_panel QListView {{ background: transparent; border: 0; }}
#popup QListView::item {{ padding: 5px 8px; border-radius: 4px; }}
#popup QListView::item:selected {{ background: {theme.hover}; color: {theme.text}; }}
"""


def text_font(size_px: int = NORMAL_PX) -> QFont:
    """The system's font in one of the two sizes."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(size_px)
    return font


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dresses the whole application; both the hint and our own palette, because bare X11 ignores the hint.

    Widgets draw with ``theme_now``; Qt tells them by ``QEvent.PaletteChange``, and draws them and their icons anew.
    """
    sheet = style_sheet(theme)
    if sheet == app.styleSheet():
        return  # each widget would be polished again
    app.styleHints().setColorScheme(Qt.ColorScheme.Dark if theme.is_dark else Qt.ColorScheme.Light)
    app.setPalette(palette(theme))
    app.setFont(text_font())
    app.setStyleSheet(sheet)


def theme_now() -> Theme:
    """The theme that the application wears."""
    return LIGHT if QGuiApplication.palette().window().color().name() == LIGHT.window else DARK


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1..21. Source: WCAG 2.2, definition of contrast ratio."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def faint(color: str, share: float) -> QColor:
    """A see-through colour; opaque where the share is 1."""
    result = QColor(color)
    result.setAlphaF(share)
    return result


def oklch(lightness: float, chroma: float, hue_degrees: float) -> str:
    """``#rrggbb`` of a colour of even lightness; chroma shrinks until the screen can show it.

    Source: Ottosson (2020), "A perceptual color space for image processing" (Oklab).
    """
    while chroma > 0.005:
        linear = _oklch_to_linear(lightness, chroma, hue_degrees)
        if all(-0.001 <= c <= 1.001 for c in linear):
            break
        chroma *= 0.94
    return "#" + "".join(f"{round(255 * _gamma(c)):02x}" for c in _oklch_to_linear(lightness, chroma, hue_degrees))


def _oklch_to_linear(lightness: float, chroma: float, hue_degrees: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue_degrees)), chroma * math.sin(math.radians(hue_degrees))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(channel: float) -> float:
    channel = min(max(channel, 0.0), 1.0)
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def tinted_pixmap(name: str, color: str, *, size_px: int = ICON_PX, scale: float = 1.0) -> QPixmap:
    """The icon in one colour (``#rrggbb``), ``size_px`` wide in logical pixels. Drawn once; main thread only."""
    pixmap = QPixmap(QSize(round(size_px * scale), round(size_px * scale)))
    pixmap.fill(Qt.GlobalColor.transparent)
    # A file that cannot be read is found before the painter begins: Qt crashes where a pixmap goes while it is painted.
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size_px * scale, size_px * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class TintedIcon(QIconEngine):
    """Draws an icon in a colour of the theme that is worn when it is drawn, so that nobody sets it again."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name, self._role = name, role

    def clone(self) -> QIconEngine:
        return TintedIcon(self._name, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect.topLeft(), self._drawn(min(rect.width(), rect.height()), mode, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._drawn(min(size.width(), size.height()), mode, 1.0)

    def _drawn(self, size_px: int, mode: QIcon.Mode, scale: float) -> QPixmap:
        role = "disabled_text" if mode == QIcon.Mode.Disabled else self._role
        return tinted_pixmap(self._name, getattr(theme_now(), role), size_px=size_px, scale=scale)


@lru_cache(maxsize=256)
def icon(name: str, role: str = "text") -> QIcon:
    """The icon in a colour of the theme, by the name of the field of ``Theme``; pale while it is disabled."""
    return QIcon(TintedIcon(name, role))


def restyle(widget: QWidget, **properties: object) -> None:
    """Gives a widget other properties and, as Qt does not by itself, the look that the style sheet has for them."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


Part = QWidget | QLayout | int


def arranged(
    layout: QBoxLayout,
    *parts: Part | tuple[Part, int],
    margins_px: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing_px: int | None = None,
) -> QBoxLayout:
    """A row or column with its parts; in a pair, the number is the part's share of the spare room.

    Args:
        layout: Empty so far.
        parts: Widgets and layouts; a number leaves that many pixels free.
        margins_px: Left, top, right, bottom.
        spacing_px: Between the parts; None leaves it to the style.
    """
    layout.setContentsMargins(*margins_px)
    if spacing_px is not None:
        layout.setSpacing(spacing_px)
    for each in parts:
        part, share = each if isinstance(each, tuple) else (each, 0)
        if isinstance(part, QWidget):
            layout.addWidget(part, share)
        elif isinstance(part, QLayout):
            layout.addLayout(part, share)
        else:
            layout.addSpacing(part)
    return layout


def window_icon() -> QIcon:
    """The program's own icon."""
    made = QIcon()
    for size_px in (16, 32, 48, 64, 128, 256):
        made.addPixmap(tinted_pixmap("musicassist", "#e8eaf0", size_px=size_px))
    return made
