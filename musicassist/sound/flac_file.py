"""FLAC files, written by FluidSynth itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from musicassist.errors import SoundError

BLOCK_FRAMES = 64  # FluidSynth's own: events begin at a multiple
NO_FLAC = "FLAC cannot be written here: FluidSynth was built without libsndfile. Choose a .wav file."
_OK = 0


class FlacFile:
    """Renders a synth into a FLAC file through FluidSynth's own writer, which uses libsndfile."""

    def __init__(self, binding: Any, synth: Any, path: Path) -> None:
        self._binding = binding
        synth.setting("audio.file.name", str(path))
        synth.setting("audio.file.type", "flac")
        synth.setting("audio.file.format", "s16")
        synth.setting("audio.period-size", BLOCK_FRAMES)
        self._renderer = binding.new_fluid_file_renderer(synth.synth)
        if not self._renderer:
            raise SoundError(NO_FLAC)

    def render(self, frames: int) -> None:
        """Writes the next samples; frames is a multiple of 64.

        Raises:
            SoundError: The file could not be written.
        """
        for _ in range(frames // BLOCK_FRAMES):
            if self._binding.fluid_file_renderer_process_block(self._renderer) != _OK:
                raise SoundError("FluidSynth could not write the FLAC file; is the disk full?")

    def close(self) -> None:
        """Completes the file."""
        self._binding.delete_fluid_file_renderer(self._renderer)
