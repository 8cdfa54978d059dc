"""The loss curves of a run as a picture (SVG, which every browser shows)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from musicassist.disk import read_whole, replace_whole

MAX_BYTES = 64 * 2**20  # LIMIT: of a progress file, a line a step
WIDTH_PX, HEIGHT_PX = 720, 400
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 56, 150, 34, 44
_TRAINING, _VALIDATION = "#9aa3b4", "#0d8a74"
_HIGHEST_OVER_BEST = 1.6  # LIMIT: times; the first steps, which would flatten all the rest, run out of the picture
_MAX_APART = 1.5  # times: curves whose last values are further apart get a panel each
Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """One line of the picture: points of (step, value), with what it is called and its colour."""

    name: str
    colour: str
    points: tuple[Point, ...]

    @property
    def last(self) -> float:
        """Its last value; 0 of a curve that has not begun."""
        return self.points[-1][1] if self.points else 0.0


def write_curves(progress_path: Path, out: Path, *, title: str) -> None:
    """Draws a run's progress file: training, and the validation figure that decides.

    Args:
        progress_path: One JSON object a line, see ``loop.Progress``; a later line of the same step counts.
        out: The picture.
        title: Stands above it.
    """
    rows = {row["step"]: row for row in map(json.loads, read_whole(progress_path, MAX_BYTES).splitlines())}
    lines = [row for _, row in sorted(rows.items())]
    training = Curve("training", _TRAINING, tuple((float(row["step"]), float(row["train"])) for row in lines))
    valid = [(float(row["step"]), next(iter(row["valid"].items()))) for row in lines if row["valid"]]
    name = valid[0][1][0] if valid else ""
    validation = Curve(f"validation, {name}", _VALIDATION, tuple((step, float(value)) for step, (_, value) in valid))
    picture = _picture([training, validation], title, lines[0]["unit"] if lines else "")
    replace_whole(out, picture.encode())


def _picture(curves: Sequence[Curve], title: str, unit: str) -> str:
    ends = sorted(abs(curve.last) for curve in curves)
    panels = [list(curves)] if ends[-1] <= _MAX_APART * ends[0] or not ends[0] else [[curve] for curve in curves]
    steps = max((curve.points[-1][0] for curve in curves if curve.points), default=1.0)
    height = (HEIGHT_PX - _TOP_PX - _BOTTOM_PX) / len(panels)
    parts = [f'<text x="{_LEFT_PX}" y="20" font-weight="bold">{escape(title)}</text>']
    for number, panel in enumerate(panels):
        parts += _Panel(panel, _TOP_PX + number * height, height - 10, steps).drawn()
    parts += _steps(steps)
    parts.append(f'<text x="{_LEFT_PX}" y="{HEIGHT_PX - 8}">{escape(unit)} over steps</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{HEIGHT_PX}" font-family="sans-serif" '
        f'font-size="11">\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


class _Panel:
    """Curves on one scale."""

    def __init__(self, curves: Sequence[Curve], top: float, height: float, steps: float) -> None:
        self.curves = curves
        self.top, self.height, self.steps = top, height, steps
        values = [value for curve in curves for _, value in curve.points] or [0.0, 1.0]
        self.low = min(values)
        self.high = min(max(values), self.low + (_HIGHEST_OVER_BEST - 1) * abs(self.low)) if self.low else max(values)
        self.high = max(self.high, self.low + 1e-6)

    def drawn(self) -> list[str]:
        parts = []
        right = _x(self.steps, self.steps)
        for share in range(5):
            value = self.low + (self.high - self.low) * share / 4
            y = self._y(value)
            line = f'<line x1="{_LEFT_PX}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="#e2e2dc"/>'
            parts.append(line)
            parts.append(f'<text x="{_LEFT_PX - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
        for number, curve in enumerate(self.curves):
            places = " ".join(f"{_x(step, self.steps):.1f},{self._y(value):.1f}" for step, value in curve.points)
            parts.append(f'<polyline points="{places}" fill="none" stroke="{curve.colour}" stroke-width="1.5"/>')
            if curve.points:
                parts += self._label(number, curve)
        return parts

    def _y(self, value: float) -> float:
        share = (min(value, self.high) - self.low) / (self.high - self.low)
        return self.top + self.height * (1 - share)

    def _label(self, number: int, curve: Curve) -> list[str]:
        x, y = WIDTH_PX - _RIGHT_PX + 8, self.top + 14 + number * 52
        lines = [*curve.name.split(", "), f"{curve.last:.3f}"]
        return [
            f'<text x="{x}" y="{y + 13 * i:.1f}" fill="{curve.colour}">{escape(line)}</text>'
            for i, line in enumerate(lines)
        ]


def _x(step: float, steps: float) -> float:
    return _LEFT_PX + step / steps * (WIDTH_PX - _LEFT_PX - _RIGHT_PX)


def _steps(steps: float) -> list[str]:
    y = HEIGHT_PX - _BOTTOM_PX + 10
    return [
        f'<text x="{_x(steps * share / 4, steps):.1f}" y="{y}" text-anchor="middle">{steps * share / 4:.0f}</text>'
        for share in range(5)
    ]
