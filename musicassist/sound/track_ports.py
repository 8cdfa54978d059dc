"""The ports that play beside the leading synth: opened by name in a thread, lost, and found again."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Collection

from musicassist.errors import SoundError
from musicassist.sound.ports import PortSynth

MOST_PORTS = 255  # LIMIT: what the bits of a route hold
RETRY_SECONDS = 2.0  # a port that is there but taken is tried again


class TrackPorts:
    """Keeps the wanted ports open while they are there. Used by one thread.

    Attributes:
        open: The ports that are open, by name.
    """

    def __init__(self, open_port: Callable[[str], PortSynth]) -> None:
        """Makes it.

        Args:
            open_port: Opens a port by name, in a thread; raises ``SoundError``.
        """
        self.open: dict[str, PortSynth] = {}
        self._open_port = open_port
        self._wanted: frozenset[str] = frozenset()
        self._opening: set[str] = set()
        self._failed: set[str] = set()  # at the last try
        self._numbers: dict[str, int] = {}
        self._tried_at: dict[str, float] = {}
        self._results: queue.SimpleQueue[tuple[str, PortSynth | None]] = queue.SimpleQueue()

    def want(self, names: Collection[str]) -> None:
        """These ports and no others, from the next look on."""
        self._wanted = frozenset(names)

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted ports that are not open, nor being opened for the first time."""
        return tuple(sorted(self._wanted - self.open.keys() - (self._opening - self._failed)))

    def number(self, name: str) -> int:
        """The route of a port; a name keeps its number."""
        return self._numbers.setdefault(name, len(self._numbers) + 1)

    def look(self, listed: Collection[str]) -> tuple[bool, list[PortSynth]]:
        """One look, about every 20 ms.

        Args:
            listed: The ports that are there.

        Returns:
            Whether other ports are open than before, and those that the caller closes when nobody uses them any more.
        """
        gone = [name for name, port in self.open.items() if self._is_gone(name, port, listed)]
        closing = [self.open.pop(name) for name in gone]
        has_changed = bool(gone)
        while True:
            try:
                name, port = self._results.get_nowait()
            except queue.Empty:
                break
            self._opening.discard(name)
            (self._failed.add if port is None else self._failed.discard)(name)
            if port is not None and name in self._wanted and name not in self.open:
                self.open[name] = port
                has_changed = True
            elif port is not None:
                closing.append(port)
        for name in sorted((self._wanted & set(listed)) - self.open.keys() - self._opening):
            self._begin(name)
        return has_changed, closing

    def _is_gone(self, name: str, port: PortSynth, listed: Collection[str]) -> bool:
        return name not in self._wanted or name not in listed or port.is_lost()

    def _begin(self, name: str) -> None:
        now = time.monotonic()
        is_over_limit = len(self._numbers) >= MOST_PORTS and name not in self._numbers
        if is_over_limit or now - self._tried_at.get(name, -RETRY_SECONDS) < RETRY_SECONDS:
            return
        self._tried_at[name] = now
        self._opening.add(name)
        threading.Thread(target=self._open, args=(name,), name="open port", daemon=True).start()

    def _open(self, name: str) -> None:
        port = None
        try:
            with contextlib.suppress(SoundError):  # taken, or gone again: it is tried once more
                port = self._open_port(name)
        finally:  # after a bug, too, which is written into the log
            self._results.put((name, port))
