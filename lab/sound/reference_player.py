"""FluidSynth's own player of MIDI files as a witness: what it makes of a file and a font, as samples."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import SoundError
from musicassist.sound.fluid_library import FluidLibrary
from musicassist.sound.fluid_synth import BLOCK_FRAMES
from musicassist.sound.messages import Tone

DRY_TONE = Tone(gain=0.5, reverb="off", chorus="off", polyphony=1024)
PROOF_SAMPLE_RATE = 44100
_PLAYING = 1
_MAX_SECONDS = 600.0  # LIMIT: of a file that the player does not end
_TAIL_SECONDS = 1.0
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Played:
    """What the player made of a file.

    Attributes:
        samples: Shape (n, 2). Its clock begins with the second block; the first one, silent, is left out.
        ticks: How far in the file each block is, shape (blocks,). What FluidSynth is told by its own clock sounds from
            the next block on, which is why the first one is silent. The player rounds the moment of each tempo change,
            so that its clock strays from the file's, a little more with each.
    """

    samples: Samples
    ticks: NDArray[np.int64]

    def seconds_at(self, tick: float) -> float:
        """When its clock reaches a tick."""
        return int(np.searchsorted(self.ticks, tick)) * BLOCK_FRAMES / PROOF_SAMPLE_RATE


def play_reference(file: bytes, soundfont: Path, *, most_seconds: float = _MAX_SECONDS) -> Played:
    """What ``fluidsynth -F`` writes of a MIDI file without reverb and chorus.

    Raises:
        SoundError: No library, or the font or the file is of no use to it.
    """
    library = FluidLibrary()
    binding = library.binding
    with library.listening():
        synth = binding.Synth(samplerate=float(PROOF_SAMPLE_RATE), channels=16, **DRY_TONE.settings())
        try:
            if synth.sfload(str(soundfont), 1) < 0:
                raise SoundError("FluidSynth cannot load the SoundFont {file}.", file=soundfont.name)
            player = binding.new_fluid_player(synth.synth)
            try:
                return _played(binding, synth, player, file, round(most_seconds * PROOF_SAMPLE_RATE))
            finally:
                binding.fluid_player_stop(player)
                binding.delete_fluid_player(player)
        finally:
            synth.delete()


def _played(binding: Any, synth: Any, player: int, file: bytes, most_frames: int) -> Played:
    pointer, number = ctypes.c_void_p, ctypes.c_int
    memory = (("player", pointer, 1), ("data", ctypes.c_char_p, 1), ("size", ctypes.c_size_t, 1))
    add = binding.cfunc("fluid_player_add_mem", number, *memory)
    tick_of = binding.cfunc("fluid_player_get_current_tick", number, ("player", pointer, 1))
    if add(player, file, len(file)) != 0 or binding.fluid_player_play(player) != 0:
        raise SoundError("FluidSynth's player cannot read the file.")
    parts: list[Samples] = []
    ticks: list[int] = []
    while binding.fluid_player_get_status(player) == _PLAYING and len(parts) * BLOCK_FRAMES < most_frames:
        parts.append(synth.get_samples(BLOCK_FRAMES).reshape(-1, 2))
        ticks.append(tick_of(player))
    parts.append(synth.get_samples(round(_TAIL_SECONDS * PROOF_SAMPLE_RATE)).reshape(-1, 2))
    return Played(np.concatenate(parts)[BLOCK_FRAMES:], np.array(ticks, dtype=np.int64))
