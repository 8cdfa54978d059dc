"""The scoreboard as files: all figures as JSON, one table as Markdown, and pictures of the main ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from lab.evaluation.bar_chart import bar_chart
from lab.evaluation.features import FEATURES
from lab.evaluation.scoreboard import REAL
from musicassist.disk import read_whole, replace_whole
from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure

# File, title, metrics of its bars (the name that stands beside them is what follows the comma), and a line to draw.
_PICTURES: tuple[tuple[str, str, tuple[str, ...], float | None], ...] = (
    (
        "overlap",
        "Overlap area with real continuations (1 is best)",
        tuple(f"overlap area, {feature.name}" for feature in FEATURES),
        1.0,
    ),
    (
        "bits",
        "Bits (fewer are better)",
        ("bits per note", "bits per note, first 32", "bits per note, true continuation"),
        None,
    ),
    (
        "classifiers",
        "Made told from real: area under the ROC curve (0.5 is best)",
        tuple(f"classifier AUC, {name}" for name in ("features", "n-grams", "GRU", "best of three")),
        0.5,
    ),
)
SIDES = ("valid", "test")
MAX_BYTES = 64 * 2**20  # LIMIT: of a scoreboard
_WIDE = 10_000  # from here on no decimals


def read_report(folder: Path) -> list[Figure]:
    """The figures that stand in a folder's scoreboard; none where there is none yet.

    Raises:
        UsageError: What stands there is no scoreboard.
    """
    path = folder / "scoreboard.json"
    try:
        return [Figure(**row) for row in json.loads(read_whole(path, MAX_BYTES))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise UsageError("{file} is no scoreboard. Name another folder.", file=path) from error


def joined(known: Sequence[Figure], rows: Sequence[Figure]) -> list[Figure]:
    """Figures of an earlier run with those of a new one, which replace those of the same metric and model.

    What was measured on another side of the split is not kept: one table is about one side.
    """
    new = {(row.metric, row.model) for row in rows}
    sides = {row.split for row in rows if row.split in SIDES}
    others = set(SIDES) - sides if sides else set()
    return [row for row in known if (row.metric, row.model) not in new and row.split not in others] + list(rows)


def write_report(rows: Sequence[Figure], folder: Path) -> None:
    """Writes ``scoreboard.json``, ``scoreboard.md`` and one ``.svg`` for each group of metrics that was measured.

    Args:
        rows: All figures, none of them twice.
        folder: Exists already.
    """
    page = json.dumps([row.as_json() for row in rows], indent=1)
    replace_whole(folder / "scoreboard.json", f"{page}\n".encode())
    values = {(row.metric, row.model): row for row in rows}
    models = _models(rows)
    pictures = []
    for name, title, metrics, marked in _PICTURES:
        groups = [(_short(metric), [_value(values, metric, model) for model in models]) for metric in metrics]
        shown = [group for group in groups if any(value is not None for value in group[1])]
        if shown:
            replace_whole(folder / f"{name}.svg", bar_chart(title, models, shown, marked=marked).encode())
            pictures.append(f"![{title}]({name}.svg)")
    replace_whole(folder / "scoreboard.md", _page(rows, values, models, pictures).encode())


def _models(rows: Sequence[Figure]) -> list[str]:
    """In the order in which they were measured, what really followed first."""
    names = dict.fromkeys(row.model for row in rows)
    return sorted(names, key=lambda name: name != REAL)


def _value(values: dict[tuple[str, str], Figure], metric: str, model: str) -> float | None:
    row = values.get((metric, model))
    return None if row is None else row.value


def _short(metric: str) -> str:
    return metric.partition(", ")[2] if metric.startswith(("overlap", "classifier")) else metric


def _page(
    rows: Sequence[Figure], values: dict[tuple[str, str], Figure], models: Sequence[str], pictures: Sequence[str]
) -> str:
    splits = ", ".join(sorted({row.split for row in rows if row.split}))
    seeds = ", ".join(sorted({str(row.seed) for row in rows if row.seed is not None}))
    head = f"| metric | n | {' | '.join(models)} |"
    lines = [head, "|---|---:|" + "---:|" * len(models)]
    for metric in dict.fromkeys(row.metric for row in rows):
        own = [values.get((metric, model)) for model in models]
        known = [row for row in own if row is not None]
        name = f"{metric} ({known[0].unit})" if known[0].unit else metric
        cells = ["" if row is None else _number(row.value) for row in own]
        lines.append(f"| {name} | {max(row.n for row in known)} | {' | '.join(cells)} |")
    return "\n".join(
        [
            "# Scoreboard",
            "",
            f"Measured on: {splits}. Random number: {seeds}. In the column *{REAL}* two halves of the real ones",
            "are compared with each other wherever two sets are compared: that is how well a perfect model would do.",
            "",
            *lines,
            "",
            *pictures,
            "",
        ]
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _WIDE else f"{value:.4g}"
