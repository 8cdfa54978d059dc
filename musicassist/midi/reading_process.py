"""Opens files in a child process with limits, so that no file can freeze, fill or crash the window."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from musicassist.errors import MidiImportError
from musicassist.midi.reading import ImportedSong, read_song
from musicassist.midi.song_bytes import pack, pack_imported, unpack, unpack_imported

_MEMORY_BYTES = 2 * 2**30  # LIMIT: what the child may address, its libraries included
_LOOK_SECONDS = 0.05  # how often the caller's wish to cancel is looked at


def read_song_in_child(
    path: Path, *, timeout_seconds: float = 20.0, is_cancelled: Callable[[], bool] | None = None
) -> ImportedSong:
    """Opens a file as ``read_song`` does, in a child process. Blocks; any thread may call it.

    Args:
        path: The file.
        timeout_seconds: How long the child may take.
        is_cancelled: Asked 20 times a second; True ends the child.

    Raises:
        MidiImportError: The file cannot be opened, took too long, or opening was cancelled.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "musicassist.midi.reading_process", str(path), str(timeout_seconds)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=child_environment(),
    )
    with process:
        try:
            message = _wait(process, path, time.monotonic() + timeout_seconds, timeout_seconds, is_cancelled)
        finally:
            process.kill()
    return _result(message, path)


def child_environment() -> dict[str, str]:
    """Ours, with the package on its path and without threads that reserve memory."""
    package_parent = str(Path(__file__).resolve().parents[2])
    paths = [package_parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _wait(
    process: subprocess.Popen[bytes],
    path: Path,
    deadline: float,
    timeout_seconds: float,
    is_cancelled: Callable[[], bool] | None,
) -> bytes:
    while True:
        try:
            return process.communicate(timeout=_LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            if is_cancelled is not None and is_cancelled():
                raise MidiImportError("Opening {file} was cancelled.", file=path.name) from None
            if time.monotonic() > deadline:
                raise MidiImportError(
                    "{file} could not be read within {seconds} seconds and is not opened.",
                    file=path.name,
                    seconds=f"{timeout_seconds:g}",
                ) from None


def _result(message: bytes, path: Path) -> ImportedSong:
    try:
        header, raw = unpack(message)
        if "error" in header:
            raise MidiImportError(header["error"], **header["values"])
        return unpack_imported(header, raw)
    except (ValueError, KeyError) as error:  # the child died before it could answer
        raise MidiImportError("{file} could not be read; its reader stopped.", file=path.name) from error


def _limit_resources(timeout_seconds: float) -> None:
    if sys.platform == "win32":
        return
    import resource  # POSIX only

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(_MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    seconds = max(1, int(timeout_seconds) + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _answer(path: Path) -> bytes:
    """What the child sends: the song, or the error in words."""
    try:
        return pack_imported(read_song(path))
    except MidiImportError as error:
        values = {name: str(value) for name, value in error.values.items()}
        return pack({"error": error.template, "values": values})
    except MemoryError:
        return pack({"error": "{file} needs too much memory and is not opened.", "values": {"file": path.name}})


def main() -> None:
    """The child: reads the file named first, within the seconds named second, and answers on its standard output."""
    path, timeout_seconds = Path(sys.argv[1]), float(sys.argv[2])
    _limit_resources(timeout_seconds)
    sys.stdout.buffer.write(_answer(path))


if __name__ == "__main__":
    main()
