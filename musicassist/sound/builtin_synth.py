"""The built-in synth: it renders block by block into what here plays raw samples."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from musicassist.errors import SoundError
from musicassist.sound.players import BLOCK_FRAMES, PLAYERS, open_player
from musicassist.sound.portaudio import PortAudioPlayer
from musicassist.sound.schedule import Message
from musicassist.sound.stall import Stall
from musicassist.sound.tone import USUAL_TONE, Tone
from musicassist.sound.urgency import ENGINE_PRIORITY, become_urgent
from musicassist.sound.wave_synth import BUILT_IN, WaveSynth

PROOF_SECONDS = 0.4  # a player that finds no device ends sooner
STALL_SECONDS = 1.5  # LIMIT: no player pauses longer while its device lives
_CLOSE_SECONDS = 1.0


class Player(Protocol):
    """Something that plays 16-bit stereo samples.

    Attributes:
        name: What the user reads.
        sample_rate: Frames a second.
        latency_seconds: From a sample that is handed over to the ear.
    """

    name: str
    sample_rate: int
    latency_seconds: float

    def write(self, samples: bytes) -> None:
        """Hands over a block of samples, and waits while enough of them lie there.

        Raises:
            OSError: It plays no more.
        """

    def kill(self) -> None:
        """Falls silent at once, and ends a ``write`` that waits in another thread."""

    def close(self) -> None:
        """Frees what is left after ``kill``, when nobody writes any more."""


def open_builtin(tone: Tone = USUAL_TONE, *, with_portaudio: bool = True) -> BuiltinSynth:
    """The built-in synth on the first player that plays. Takes about half a second for each that does not.

    Raises:
        SoundError: There is none.
    """
    players: list[Callable[[], Player]] = [partial(open_player, command) for command in PLAYERS]
    if with_portaudio:  # last: the programs know the sound servers of Linux, and need no library
        players.append(PortAudioPlayer)
    for player in players:
        with contextlib.suppress(OSError):
            synth = BuiltinSynth(player(), tone)
            if synth.lasts(PROOF_SECONDS):
                return synth
            synth.close()
    raise SoundError("Nothing here plays the samples of the built-in synth.")


class BuiltinSynth:
    """A ``Synth`` that renders in a thread, which the player's appetite paces."""

    def __init__(self, player: Player, tone: Tone = USUAL_TONE) -> None:
        self.driver, self.soundfont, self.takes_clock = f"{BUILT_IN}, {player.name}", "", False
        self.latency_seconds = player.latency_seconds + BLOCK_FRAMES / player.sample_rate
        self._player = player
        self._waves = WaveSynth(player.sample_rate, tone)
        self._stall = Stall(time.monotonic, STALL_SECONDS)
        self._is_over = False
        self._thread = threading.Thread(target=self._play, name="built-in synth", daemon=True)
        self._thread.start()

    def now_seconds(self) -> float:
        """See ``Synth``: seconds of samples rendered so far."""
        return self._waves.now_seconds()

    def due_seconds(self, seconds: float) -> float:
        """See ``Synth``."""
        return seconds

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``; exact to the sample."""
        self._waves.schedule(events, source)

    def remove(self, source: int) -> None:
        """See ``Synth``."""
        self._waves.remove(source)

    def send(self, message: Message) -> None:
        """See ``Synth``."""
        self._waves.send(message)

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``: only the loudness."""
        self._waves.set_tone(tone)

    def is_lost(self) -> bool:
        """See ``Synth``: whether the player has ended, or has taken no samples for a while."""
        return not self._thread.is_alive() or self._stall.is_over(self.now_seconds())

    def lasts(self, seconds: float) -> bool:
        """Whether the player still plays after some time; waits as long, or until it has ended."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def close(self) -> None:
        """See ``Synth``."""
        self._is_over = True
        self._player.kill()
        self._thread.join(_CLOSE_SECONDS)
        self._player.close()
        self._waves.close()

    def _play(self) -> None:
        become_urgent(ENGINE_PRIORITY)
        with contextlib.suppress(OSError):  # the player has ended
            while not self._is_over:
                self._player.write(self._waves.render(BLOCK_FRAMES).tobytes())
