"""The loss curves of a run as a picture (SVG, which every browser shows)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH_PX, HEIGHT_PX = 720, 400
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 56, 150, 34, 44
_LINES = (  # field of a progress line, name, colour
    ("train_bits", "training", "#9aa3b4"),
    ("valid_bits_plain", "validation, nothing known", "#d9822b"),
    ("valid_bits", "validation, key and style known", "#0d8a74"),
)
_MOST_BITS_OVER_BEST = 1.5  # LIMIT: the first steps, which would flatten all the rest, run out of the picture
Point = tuple[float, float]


def write_curves(progress_path: Path, out: Path, *, title: str) -> None:
    """Draws a run's progress file.

    Args:
        progress_path: One JSON object a line, see ``loop.Progress``; a later line of the same step counts.
        out: The picture.
        title: Stands above it.
    """
    rows = {row["step"]: row for row in map(json.loads, progress_path.read_text(encoding="utf-8").splitlines())}
    curves = [
        [(float(step), float(row[field])) for step, row in sorted(rows.items()) if row[field] is not None]
        for field, _, _ in _LINES
    ]
    out.write_text(_picture(curves, title), encoding="utf-8")


def _picture(curves: Sequence[Sequence[Point]], title: str) -> str:
    bits = [value for curve in curves for _, value in curve]
    low = int(min(bits, default=0.0) * 10) / 10
    high = min(max(bits, default=1.0), low + _MOST_BITS_OVER_BEST) + 0.05
    steps = max((curve[-1][0] for curve in curves if curve), default=1.0)

    def place(point: Point) -> Point:
        x = _LEFT_PX + point[0] / steps * (WIDTH_PX - _LEFT_PX - _RIGHT_PX)
        share = (min(point[1], high) - low) / (high - low)
        return x, HEIGHT_PX - _BOTTOM_PX - share * (HEIGHT_PX - _TOP_PX - _BOTTOM_PX)

    parts = [f'<text x="{_LEFT_PX}" y="20" font-weight="bold">{escape(title)}</text>', *_axes(low, high, steps, place)]
    for number, (curve, (_, name, colour)) in enumerate(zip(curves, _LINES, strict=True)):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, curve))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if curve:
            parts += _label(number, name, curve[-1][1], colour)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{HEIGHT_PX}" font-family="sans-serif" '
        f'font-size="11">\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _label(number: int, name: str, last: float, colour: str) -> list[str]:
    x, y = WIDTH_PX - _RIGHT_PX + 8, _TOP_PX + 14 + number * 52
    lines = [*name.split(", "), f"{last:.3f}"]
    return [f'<text x="{x}" y="{y + 13 * i}" fill="{colour}">{escape(line)}</text>' for i, line in enumerate(lines)]


def _axes(low: float, high: float, steps: float, place: Callable[[Point], Point]) -> list[str]:
    parts = []
    tenths = range(round(low * 10), int(high * 10) + 1, 2)
    for bits in (tenth / 10 for tenth in tenths):
        x, y = place((0.0, bits))
        end, _ = place((steps, bits))
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{end:.1f}" y2="{y:.1f}" stroke="#e2e2dc"/>')
        parts.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{bits:.1f}</text>')
    for share in range(5):
        step = steps * share / 4
        x, y = place((step, low))
        parts.append(f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{step:.0f}</text>')
    parts.append(f'<text x="{_LEFT_PX}" y="{HEIGHT_PX - 8}">bits per note (gap, pitch and duration) over steps</text>')
    return parts
