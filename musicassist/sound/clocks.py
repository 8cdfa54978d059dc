"""Relates other clocks to the system's smooth one: the synth's jumps from block to block, a keyboard's only counts."""

from __future__ import annotations

_SMOOTHING_SHARE = 0.05  # of a new measurement; at 50 looks a second it settles within half a second
_JUMP_SECONDS = 0.05  # LIMIT: a larger difference is a jump, not the grain of blocks

_LATEST_SECONDS = 0.25  # LIMIT: a message that seems to wait longer shows a clock that was reset
_PULL_SHARE = 0.01  # of how late a message seems, with each message: two clocks drift apart by some 50 ppm


class InputClock:
    """When the messages of a keyboard were sent, in seconds of ``time.monotonic``.

    Their delta times are stamped below Python, and are right also when the thread that hears of them comes late.
    """

    def __init__(self) -> None:
        self._last_seconds = float("-inf")

    def stamp(self, delta_seconds: float, now_seconds: float) -> float:
        """When a message was sent that comes ``delta_seconds`` after the last one and is heard of now."""
        seconds = self._last_seconds + delta_seconds
        late_seconds = now_seconds - seconds
        is_believed = 0 <= late_seconds <= _LATEST_SECONDS
        self._last_seconds = seconds + _PULL_SHARE * late_seconds if is_believed else now_seconds
        return self._last_seconds


class SynthClock:
    """Converts seconds of ``time.monotonic`` to seconds of the synth."""

    def __init__(self) -> None:
        self._offset_seconds: float | None = None

    def forget(self) -> None:
        """Another synth has another clock."""
        self._offset_seconds = None

    def look(self, monotonic_seconds: float, synth_seconds: float) -> None:
        """Notes both clocks at one moment."""
        offset = synth_seconds - monotonic_seconds
        if self._offset_seconds is None or abs(offset - self._offset_seconds) > _JUMP_SECONDS:
            self._offset_seconds = offset
        else:
            self._offset_seconds += _SMOOTHING_SHARE * (offset - self._offset_seconds)

    def to_synth(self, monotonic_seconds: float) -> float:
        """The synth's second at a moment of the system's clock."""
        return monotonic_seconds + (self._offset_seconds or 0.0)
