"""What a terminal is shown while something takes long."""

from __future__ import annotations

import sys

BAR_SIGNS = 24


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
            print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)

    def close(self) -> None:
        """Wipes the line."""
        if self._is_terminal and self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
            self._width = 0
