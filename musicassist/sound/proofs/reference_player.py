"""FluidSynth's own player of MIDI files as a witness: what it makes of a file and a font, as samples."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import SoundError
from musicassist.sound.fluid_library import FluidLibrary
from musicassist.sound.fluid_synth import BLOCK_FRAMES
from musicassist.sound.tone import Tone

DRY_TONE = Tone(gain=0.5, reverb="off", chorus="off", polyphony=1024)
PROOF_SAMPLE_RATE = 44100
_PLAYING = 1
_LONGEST_SECONDS = 600.0  # LIMIT: of a file that the player does not end
_STEP_BLOCKS = 16
_TAIL_SECONDS = 1.0
Samples = NDArray[np.int16]


def play_reference(
    file: bytes, soundfont: Path, *, sample_rate: int = PROOF_SAMPLE_RATE, most_seconds: float = _LONGEST_SECONDS
) -> Samples:
    """What ``fluidsynth -F`` writes of a MIDI file without reverb and chorus, shape (n, 2).

    Its clock begins with the second block of samples; the first one, silent, is left out.

    Raises:
        SoundError: No library, or the font or the file is of no use to it.
    """
    library = FluidLibrary()
    binding = library.binding
    with library.listening():
        synth = binding.Synth(samplerate=float(sample_rate), channels=16, **DRY_TONE.settings())
        try:
            if synth.sfload(str(soundfont), 1) < 0:
                raise SoundError("FluidSynth cannot load the SoundFont {file}.", file=soundfont.name)
            player = binding.new_fluid_player(synth.synth)
            try:
                return _played(binding, synth, player, file, round(most_seconds * sample_rate))
            finally:
                binding.fluid_player_stop(player)
                binding.delete_fluid_player(player)
        finally:
            synth.delete()


def _played(binding: Any, synth: Any, player: int, file: bytes, most_frames: int) -> Samples:
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    add = binding.cfunc(
        "fluid_player_add_mem", ctypes.c_int, ("p", pointer, 1), ("d", ctypes.c_char_p, 1), ("n", size, 1)
    )
    if add(player, file, len(file)) != 0 or binding.fluid_player_play(player) != 0:
        raise SoundError("FluidSynth's player cannot read the file.")
    parts: list[Samples] = []
    step, frames = BLOCK_FRAMES * _STEP_BLOCKS, 0
    while binding.fluid_player_get_status(player) == _PLAYING and frames < most_frames:
        parts.append(synth.get_samples(step).reshape(-1, 2))
        frames += step
    parts.append(synth.get_samples(round(_TAIL_SECONDS * PROOF_SAMPLE_RATE)).reshape(-1, 2))
    return np.concatenate(parts)[BLOCK_FRAMES:]
