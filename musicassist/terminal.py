"""What a terminal is shown, on its own or in place of a window.

No name of a file, a port or another program gives it orders; JSON is for other programs.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import unicodedata
from collections.abc import Sequence

BAR_SIGNS = 24
_MAX_CELL_SIGNS = 60  # LIMIT: of one cell of a table; a name can have thousands
_HELP = "The command line does the same work: see 'musicassist --help' (in a checkout '.venv/bin/musicassist --help')."
_JOINERS = "\u200c\u200d"  # some scripts cannot be written without them, and they move nothing
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control codes, marks of direction, surrogates, breaks of lines


def plain(text: object) -> str:
    r"""One line that shows everything and does nothing: a control code stands as ``\\x1b``, a line break as ``\\n``."""
    return "".join(sign if _is_seen(sign) else sign.encode("unicode_escape").decode("ascii") for sign in str(text))


def _is_seen(sign: str) -> bool:
    return " " <= sign <= "~" or sign in _JOINERS or unicodedata.category(sign) not in _UNSEEN


def width(text: str) -> int:
    """How many columns a line takes: signs of East Asia take two, marks above and below a letter none."""
    return sum(
        0 if unicodedata.combining(sign) or sign in _JOINERS else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def say(line: object, *, on_stderr: bool = False) -> None:
    """Prints one line, plain whatever it is made of."""
    print(plain(line), file=sys.stderr if on_stderr else sys.stdout)


def bar(share: float) -> str:
    """A bar that is filled to a share, 0..1."""
    filled = round(max(0.0, min(1.0, share)) * BAR_SIGNS)
    return f"[{'=' * filled}{' ' * (BAR_SIGNS - filled)}]"


def duration(seconds: float) -> str:
    """``40 s``, ``7 min`` or ``2 h 5 min``."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """One line on stderr that is written over, and only on a terminal."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._width = 0

    def say(self, text: str) -> None:
        """Replaces the line."""
        if self._is_terminal:
            shown = plain(text)
            print(f"\r{shown:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(shown)

    def close(self) -> None:
        """Wipes the line."""
        if self._is_terminal and self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
            self._width = 0


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
