"""Figures side by side as bars, as a picture (SVG, which every browser shows)."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

_COLOURS = ("#0d8a74", "#d9822b", "#4a6fb5", "#b04a6f", "#7a8f2c", "#8a63b0", "#3f9ab5", "#a5714a", "#5f6b7a")
_REAL_COLOUR = "#9aa3b4"
_BAR_INCHES, _GAP_BARS, _HEAD_INCHES, _LEGEND_COLUMNS = 0.16, 0.6, 1.1, 3
Group = tuple[str, Sequence[float | None]]  # what is measured, and the value of each model; None where there is none


def bar_chart(title: str, models: Sequence[str], groups: Sequence[Group], *, marked: float | None = None) -> str:
    """The picture's text.

    Args:
        title: Stands above it.
        models: The first one is drawn in grey: what the others are compared with.
        groups: From top to bottom.
        marked: A value at which a line is drawn.
    """
    # The salt and the missing date make the same figures the same bytes.
    with rc_context({"svg.hashsalt": "musicassist", "svg.fonttype": "none", "font.size": 8}):
        text = io.StringIO()
        drawn(title, models, groups, marked).savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def drawn(title: str, models: Sequence[str], groups: Sequence[Group], marked: float | None) -> Canvas:
    """The picture; see ``bar_chart``."""
    rows = sum(sum(value is not None for value in values) + _GAP_BARS for _, values in groups)
    canvas = Canvas(figsize=(8, _HEAD_INCHES + _BAR_INCHES * rows), layout="constrained")
    axes = canvas.add_subplot(title=title)
    y, ticks = 0.0, []
    for name, values in groups:
        known = [(number, value) for number, value in enumerate(values) if value is not None]
        ticks.append((y + (len(known) - 1) / 2, name))
        for number, value in known:
            axes.bar_label(axes.barh(y, value, color=_colour(number)), fmt="{:.3g}", padding=2)
            y += 1
        y += _GAP_BARS
    axes.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.invert_yaxis()
    axes.margins(x=0.08)
    if marked is not None:
        axes.axvline(marked, color="#333", linestyle="--", linewidth=1)
    marks = [Patch(color=_colour(number), label=model) for number, model in enumerate(models)]
    canvas.legend(handles=marks, loc="outside upper center", ncols=_LEGEND_COLUMNS)
    return canvas


def _colour(model: int) -> str:
    return _COLOURS[(model - 1) % len(_COLOURS)] if model else _REAL_COLOUR
