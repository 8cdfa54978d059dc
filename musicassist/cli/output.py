"""How a command answers: one JSON document, or a few aligned lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from musicassist.terminal import plain, say, width

_MOST_CELL_SIGNS = 60  # LIMIT: of one cell of a table; a name can have thousands


def print_json(document: object) -> None:
    """Prints one JSON document on stdout; readable by any program in any locale."""
    print(json.dumps(document, indent=2, allow_nan=False))


def print_table(rows: Sequence[Sequence[object]], *, header: Sequence[str]) -> None:
    """Prints rows under a header, columns aligned: text to the left, numbers to the right; names may be anything."""
    lines = [[_cell(cell) for cell in row] for row in (header, *rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(header))]
    is_number = [
        bool(rows) and all(isinstance(row[column], int | float) for row in rows) for column in range(len(header))
    ]
    for line in lines:
        cells = [
            " " * (widest - width(cell)) + cell if right else cell + " " * (widest - width(cell))
            for cell, widest, right in zip(line, widths, is_number, strict=True)
        ]
        say("  ".join(cells).rstrip())


def _cell(value: object) -> str:
    shown = plain(value)
    return shown if len(shown) <= _MOST_CELL_SIGNS else shown[: _MOST_CELL_SIGNS - 1] + "\N{HORIZONTAL ELLIPSIS}"


def counted(number: int, one: str, many: str) -> str:
    """``1 note`` or ``3 notes``."""
    return f"{number:,} {one if number == 1 else many}"
