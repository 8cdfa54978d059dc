"""How a command answers: one JSON document, or a few aligned lines."""

from __future__ import annotations

import json
from collections.abc import Sequence


def print_json(document: object) -> None:
    """Prints one JSON document on stdout; readable by any program in any locale."""
    print(json.dumps(document, indent=2, allow_nan=False))


def print_table(rows: Sequence[Sequence[object]], *, header: Sequence[str]) -> None:
    """Prints rows under a header, columns aligned: text to the left, numbers to the right."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    is_number = [
        bool(rows) and all(isinstance(row[column], int | float) for row in rows) for column in range(len(header))
    ]
    for line in lines:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, is_number, strict=True)
        ]
        print("  ".join(cells).rstrip())


def counted(number: int, one: str, many: str) -> str:
    """``1 note`` or ``3 notes``."""
    return f"{number:,} {one if number == 1 else many}"
