"""When hits are heard in recorded audio, against when the score wants them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Seconds = NDArray[np.float64]
_THRESHOLD_SHARE = 0.05  # of the loudest sample: far above the noise and the room, far below a hit
_QUIET_SECONDS = 0.05  # a hit is what follows so much silence


def read_wav(path: Path) -> tuple[Samples, int]:
    """The samples of a 16-bit file, shape (frames, channels), and its sample rate."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        return samples.reshape(-1, file.getnchannels()), file.getframerate()


def onsets_seconds(samples: Samples, sample_rate: int) -> Seconds:
    """When each hit begins; hits must be short, and further apart than 50 ms."""
    level = np.abs(samples.astype(np.int64)).max(axis=1, initial=0)
    loud = np.flatnonzero(level > _THRESHOLD_SHARE * level.max(initial=0))
    if len(loud) == 0:
        return np.zeros(0)
    is_first = np.append(True, np.diff(loud) > _QUIET_SECONDS * sample_rate)
    return np.asarray(loud[is_first] / sample_rate, dtype=np.float64)


def onset_errors_seconds(heard: Seconds, wanted: Seconds) -> Seconds:
    """How much later than wanted each hit is heard, the constant delay (the median) removed.

    Raises:
        ValueError: There are not as many hits as wanted.
    """
    if len(heard) != len(wanted):
        raise ValueError(f"{len(heard)} hits were heard, {len(wanted)} were wanted")
    errors = heard - wanted
    return np.asarray(errors - np.median(errors), dtype=np.float64)
