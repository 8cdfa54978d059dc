"""What several tests of sound need."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest


@pytest.fixture
def thread_bugs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException | None]]:
    """What threads that open something died of, in a test in which they may."""
    bugs: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda died: bugs.append(died.exc_value))
    yield bugs
    for thread in threading.enumerate():
        if thread.name.startswith("open "):
            thread.join(10)
