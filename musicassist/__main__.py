"""``python -m musicassist``: the window, or a verb of the command line."""

from __future__ import annotations

from musicassist.app import main

if __name__ == "__main__":
    raise SystemExit(main())
