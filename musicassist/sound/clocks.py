"""Relates the synth's clock, which jumps from block to block, to the system's smooth one."""

from __future__ import annotations

_SMOOTHING_SHARE = 0.05  # of a new measurement; at 50 looks a second it settles within half a second
_JUMP_SECONDS = 0.05  # LIMIT: a larger difference is a jump, not the grain of blocks


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
