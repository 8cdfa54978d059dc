"""Whether a window can be shown here, asked without Qt."""

from __future__ import annotations

import os
import re
import socket
import sys

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
