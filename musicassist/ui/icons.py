"""The icons: one family of SVGs in ``resources/icons``, tinted with the theme's colours."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from musicassist.resources import resources_folder
from musicassist.ui.theme import Theme

ICON_PX = 16


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def tinted_pixmap(name: str, color: str, *, size_px: int = ICON_PX, scale: float = 1.0) -> QPixmap:
    """The icon in one colour (``#rrggbb``), ``size_px`` wide in logical pixels."""
    pixmap = QPixmap(QSize(round(size_px * scale), round(size_px * scale)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    renderer.render(painter, QRectF(0, 0, size_px * scale, size_px * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def icon(name: str, theme: Theme, *, color: str | None = None) -> QIcon:
    """The icon in the theme's text colour or another that means something, pale while disabled."""
    scale = math.ceil(QGuiApplication.instance().devicePixelRatio())  # type: ignore[union-attr]
    return _icon(name, color or theme.text, theme.disabled_text, scale)


@lru_cache(maxsize=256)
def _icon(name: str, color: str, disabled_color: str, scale: int) -> QIcon:
    """Drawn once: some icons change with each press."""
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, disabled_color)):
        for size in {1, scale}:
            made.addPixmap(tinted_pixmap(name, tint, scale=size), mode)
    return made


def window_icon() -> QIcon:
    """The program's own icon."""
    made = QIcon()
    for size_px in (16, 32, 48, 64, 128, 256):
        made.addPixmap(tinted_pixmap("musicassist", "#e8eaf0", size_px=size_px))
    return made
