"""Audio files on the disk: 16-bit stereo, as WAV or FLAC, written by libsndfile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from musicassist.disk import replacing
from musicassist.errors import SaveError, SoundError

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
_SAMPLES = "PCM_16"


def write_audio(
    path: Path,
    blocks: Iterable[NDArray[np.int16]],
    sample_rate: int,
    *,
    is_cancelled: Callable[[], bool] | None = None,
) -> int:
    """Writes blocks of samples, each of shape (frames, 2), in the format of the suffix; how many frames they were.

    An old file stays as it is until the new one is complete. ``is_cancelled`` is asked at each block; True ends it.

    Raises:
        SoundError: The format is not known, or libsndfile does not load.
        SaveError: The file could not be written.
    """
    format_name = FORMATS.get(path.suffix.lower())
    if format_name is None:
        raise SoundError("{file} has no known audio format; choose a name that ends in .wav or .flac.", file=path.name)
    soundfile = load_soundfile()

    def write(file: BinaryIO) -> int:
        target, frames = _Target(file), 0
        try:
            with soundfile.SoundFile(target, "w", sample_rate, 2, _SAMPLES, format=format_name) as audio:
                for block in blocks:
                    if is_cancelled is not None and is_cancelled():
                        raise SaveError("{file} was not written: it was cancelled.", file=path.name)
                    audio.write(block)
                    frames += len(block)
        finally:
            target.raise_failure()
        return frames

    return _write_atomically(path, write)


def load_soundfile() -> Any:
    """The binding of libsndfile, imported late: it loads the C library.

    Raises:
        SoundError: It does not load.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise SoundError(
            "Audio files need the Python package soundfile, which does not load ({reason}). Install it again.",
            reason=error,
        ) from error
    return soundfile


class _Target:
    """What libsndfile writes into. It keeps the failure, of which libsndfile loses the reason, or even that it was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._failure: OSError | None = None
        self.seek, self.tell = file.seek, file.tell

    def write(self, data: bytes) -> int:
        """Writes all of it, or what goes; called by the C library, through which no exception passes."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as failure:
            self._failure = failure
        return len(data) - len(view)

    def raise_failure(self) -> None:
        """Raises what went wrong, if anything did."""
        if self._failure is not None:
            raise self._failure


def _write_atomically(path: Path, write: Callable[[BinaryIO], int]) -> int:
    try:
        with replacing(path, is_buffered=False) as file:
            return write(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError("{file} could not be written: {reason}.", file=path, reason=reason) from error
