"""What a terminal is shown: lines in which no name of a file, a port or another program gives it orders."""

from __future__ import annotations

import sys
import unicodedata

BAR_SIGNS = 24
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
