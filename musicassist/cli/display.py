"""Whether a window can be shown here, asked without Qt."""

from __future__ import annotations

import os
import sys


def missing_display() -> str | None:
    """What to tell the user when no window can be shown here; None when one can."""
    if not sys.platform.startswith("linux"):
        return None
    if any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return None
    return (
        "There is no display here, so no window can open. "
        "The command line does the same work: see 'musicassist --help' (in a checkout '.venv/bin/musicassist --help')."
    )
