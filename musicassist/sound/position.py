"""The song position in memory that two processes share: the engine writes it, the window reads it for each frame."""

from __future__ import annotations

import mmap
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

_FIELDS = struct.Struct("<qdddddd")
_CHECK = struct.Struct("<I")
BOARD_BYTES = _FIELDS.size + _CHECK.size
_READ_ATTEMPTS = 8  # LIMIT: the writer needs less than a microsecond


@dataclass(frozen=True, slots=True)
class Position:
    """Where the song is heard at a moment, and how it goes on from there.

    Attributes:
        number: The last command that moved the position and is obeyed.
        tick: The place.
        ticks_per_second: How fast it moves; 0 while stopped.
        at_seconds: The moment, on the clock of ``time.monotonic``, which all processes share.
        loop_start_tick, loop_end_tick: What is repeated; equal if nothing is.
        waiting_ticks: How long it still waits there, counted in.
    """

    number: int = 0
    tick: float = 0.0
    ticks_per_second: float = 0.0
    at_seconds: float = 0.0
    loop_start_tick: float = 0.0
    loop_end_tick: float = 0.0
    waiting_ticks: float = 0.0

    def tick_at(self, seconds: float) -> float:
        """The place at another moment of ``time.monotonic``, the wait before it moves and the loop respected."""
        tick = self.tick + max(0.0, self._passed_ticks(seconds) - self.waiting_ticks)
        length = self.loop_end_tick - self.loop_start_tick
        if length > 0 and self.tick < self.loop_end_tick <= tick:
            tick = self.loop_start_tick + (tick - self.loop_end_tick) % length
        return tick

    def waiting_at(self, seconds: float) -> float:
        """How long it still waits at another moment, in ticks."""
        return max(0.0, self.waiting_ticks - self._passed_ticks(seconds))

    def _passed_ticks(self, seconds: float) -> float:
        return self.ticks_per_second * max(0.0, seconds - self.at_seconds)


class PositionBoard:
    """A small file in memory. One process writes, another reads; a half-written position is never returned."""

    def __init__(self, path: Path) -> None:
        """Maps the file, which is made if it is not there."""
        with path.open("a+b") as file:
            if path.stat().st_size < BOARD_BYTES:
                file.truncate(BOARD_BYTES)
            self._memory = mmap.mmap(file.fileno(), BOARD_BYTES)
        self._last = Position()

    def write(self, position: Position) -> None:
        """Puts a position on the board."""
        p = position
        loop = (p.loop_start_tick, p.loop_end_tick)
        data = _FIELDS.pack(p.number, p.tick, p.ticks_per_second, p.at_seconds, *loop, p.waiting_ticks)
        self._memory[:BOARD_BYTES] = data + _CHECK.pack(zlib.crc32(data))

    def read(self) -> Position:
        """The newest whole position."""
        for _ in range(_READ_ATTEMPTS):
            data = self._memory[:BOARD_BYTES]
            if _CHECK.unpack_from(data, _FIELDS.size)[0] == zlib.crc32(data[: _FIELDS.size]):
                self._last = Position(*_FIELDS.unpack_from(data))
                break
        return self._last

    def close(self) -> None:
        """Unmaps the file."""
        self._memory.close()
