"""What the words of the command line print, as JSON and as tables; and whether a window can be shown here."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections.abc import Sequence

from musicassist.terminal import plain, say, width

_HELP = "The command line does the same work: see 'musicassist --help' (in a checkout '.venv/bin/musicassist --help')."


def missing_display() -> str | None:
    """What to tell the user when no window can be shown here; None when one can.

    Qt ends the program when its display does not answer, so a local X server is asked first.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    display = os.environ.get("DISPLAY", "")
    if not display:
        return f"There is no display here, so no window can open. {_HELP}"
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    if local is not None and not _answers(f"/tmp/.X11-unix/X{local[1]}"):
        return f"The display {display} does not answer, so no window can open. {_HELP}"
    return None


def _answers(address: str) -> bool:
    """Whether a server listens there, as a file or (Linux) under the name alone."""
    for name in (address, f"\0{address}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(name)
            except OSError:
                continue
            return True
    return False


_MAX_CELL_SIGNS = 60  # LIMIT: of one cell of a table; a name can have thousands


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
    return shown if len(shown) <= _MAX_CELL_SIGNS else shown[: _MAX_CELL_SIGNS - 1] + "\N{HORIZONTAL ELLIPSIS}"


def counted(number: int, one: str, many: str) -> str:
    """``1 note`` or ``3 notes``."""
    return f"{number:,} {one if number == 1 else many}"
