"""What opening a MIDI file costs beside symusic, whose parser is written in C++ and keeps less of a file."""

from __future__ import annotations

import random
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure
from musicassist.midi import read_song_bytes

FILES = 180
ROUNDS = 7
SEED = 1
_SUFFIXES = (".mid", ".midi", ".kar")


def measure(music: Path | None, count: int = FILES, seed: int = SEED) -> list[Figure]:
    """Reads files that are drawn by chance from a folder's files and the tar archives in it; CPU time, best of rounds.

    Raises:
        UsageError: There are none.
    """
    import symusic

    everything = sorted(_files(music)) if music is not None else []
    if not everything:
        raise UsageError("Name a folder with MIDI files, or tar archives of them, with --music.")
    files = [data for _, data in random.Random(seed).sample(everything, min(count, len(everything)))]
    own_seconds, other_seconds = [], []
    for _ in range(ROUNDS):  # in turn, so that both meet the same machine
        own_seconds.append(_cpu_seconds(_read, files))
        other_seconds.append(_cpu_seconds(symusic.Score.from_midi, files))
    own, other = min(own_seconds), min(other_seconds)
    n = len(files)
    return [
        Figure("reading MIDI files", "", own / n * 1e3, "ms a file", n, seed),
        Figure("reading MIDI files, symusic", "", other / n * 1e3, "ms a file", n, seed),
        Figure("reading MIDI files against symusic", "", own / other, "times", n, seed),
        Figure("reading MIDI files, size", "", sum(map(len, files)) / n / 1e3, "kB a file", n, seed),
    ]


def _read(data: bytes) -> object:
    return read_song_bytes(data, "a file")


def _files(music: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each MIDI file in the folder and in its archives."""
    for path in sorted(path for path in music.rglob("*") if path.is_file()):
        if path.suffix.lower() in _SUFFIXES:
            yield path.relative_to(music).as_posix(), path.read_bytes()
        elif ".tar" in path.suffixes:
            with tarfile.open(path) as archive:
                for member in archive:
                    data = archive.extractfile(member) if member.name.lower().endswith(_SUFFIXES) else None
                    if data is not None:
                        yield f"{path.relative_to(music).as_posix()}/{member.name}", data.read()


def _cpu_seconds(read: Callable[[bytes], object], files: list[bytes]) -> float:
    began_seconds = time.process_time()
    for data in files:
        read(data)
    return time.process_time() - began_seconds
