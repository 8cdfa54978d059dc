"""Figures side by side as bars, as a picture (SVG, which every browser shows)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

WIDTH_PX = 760
_LEFT_PX, _RIGHT_PX, _LEGEND_PX, _ROW_PX, _GAP_PX = 210, 60, 38, 13, 8
_COLOURS = ("#0d8a74", "#d9822b", "#4a6fb5", "#b04a6f", "#7a8f2c", "#8a63b0", "#3f9ab5", "#a5714a", "#5f6b7a")
_REAL_COLOUR = "#9aa3b4"
_DASHES = 'stroke-dasharray="4 3"'
Group = tuple[str, Sequence[float | None]]  # what is measured, and the value of each model; None where there is none


def bar_chart(title: str, models: Sequence[str], groups: Sequence[Group], *, marked: float | None = None) -> str:
    """The picture's text.

    Args:
        title: Stands above it.
        models: The first one is drawn in grey: what the others are compared with.
        groups: From top to bottom.
        marked: A value at which a line is drawn.
    """
    values = [value for _, own in groups for value in own if value is not None]
    high = max([*values, marked or 0.0, 1e-9]) * 1.02
    heights = [_ROW_PX * sum(value is not None for value in own) + _GAP_PX for _, own in groups]
    legend, first = _legend(models)
    top, bottom = first, first + sum(heights)
    parts = [f'<text x="12" y="20" font-weight="bold">{escape(title)}</text>', *legend]
    for (name, own), height in zip(groups, heights, strict=True):
        parts.append(f'<text x="{_LEFT_PX - 8}" y="{top + 11}" text-anchor="end">{escape(name)}</text>')
        parts += _bars(own, top, high)
        top += height
    if marked is not None:
        x = _x(marked, high)
        parts.append(f'<line x1="{x:.1f}" y1="{first - 6}" x2="{x:.1f}" y2="{bottom}" stroke="#333" {_DASHES}/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{marked:g}</text>')
    body, size = "\n".join(parts), f'width="{WIDTH_PX}" height="{bottom + 22}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">\n'
        f'<rect {size} fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _x(value: float, high: float) -> float:
    return _LEFT_PX + max(0.0, value) / high * (WIDTH_PX - _LEFT_PX - _RIGHT_PX)


def _colour(model: int) -> str:
    return _COLOURS[(model - 1) % len(_COLOURS)] if model else _REAL_COLOUR


def _bars(values: Sequence[float | None], top: int, high: float) -> list[str]:
    parts = []
    for model, value in enumerate(values):
        if value is None:
            continue
        end = _x(value, high)
        box = f'x="{_LEFT_PX}" y="{top}" width="{end - _LEFT_PX:.1f}" height="{_ROW_PX - 2}"'
        parts.append(f'<rect {box} fill="{_colour(model)}"/>')
        parts.append(f'<text x="{end + 4:.1f}" y="{top + 10}" fill="#333">{value:.3g}</text>')
        top += _ROW_PX
    return parts


def _legend(models: Sequence[str]) -> tuple[list[str], int]:
    """The models' names in as many lines as they need, and where the bars may begin."""
    parts, x, y = [], 12, _LEGEND_PX
    for number, model in enumerate(models):
        width = 26 + 6 * len(model)
        if x + width > WIDTH_PX:
            x, y = 12, y + 16
        parts.append(f'<rect x="{x}" y="{y - 8}" width="9" height="9" fill="{_colour(number)}"/>')
        parts.append(f'<text x="{x + 13}" y="{y}">{escape(model)}</text>')
        x += width
    return parts, y + 18
