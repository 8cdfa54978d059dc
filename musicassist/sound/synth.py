"""What can sound: the interface of a synth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from musicassist.sound.schedule import Message
from musicassist.sound.tone import Tone


class Synth(Protocol):
    """Something that sounds channel messages at given seconds of its own clock.

    Attributes:
        driver: What the user reads: the audio driver, the port, or ``silent``.
        soundfont: Name of the font's file, or empty.
        latency_seconds: From the clock's time to the ear.
        takes_clock: Whether something behind it follows a MIDI clock.
    """

    driver: str
    soundfont: str
    latency_seconds: float
    takes_clock: bool

    def now_seconds(self) -> float:
        """The synth's clock; it only goes forward."""
        ...

    def due_seconds(self, seconds: float) -> float:
        """When a message that is queued for ``seconds`` will really sound."""
        ...

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """Queues messages, in ascending time, under a source that can be removed alone."""

    def remove(self, source: int) -> None:
        """Forgets what is queued under a source."""

    def send(self, message: Message) -> None:
        """Sounds a message at once. Any thread."""

    def set_tone(self, tone: Tone) -> None:
        """Sounds otherwise from now on, what sounds already included; only FluidSynth does."""

    def is_lost(self) -> bool:
        """Whether the device behind it is gone; asked about every 20 ms."""
        ...

    def close(self) -> None:
        """Falls silent and frees everything. The object is of no use afterwards."""
