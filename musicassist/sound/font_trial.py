"""``python -m musicassist.sound.font_trial FONT...``: loads fonts where it does no harm, and remembers what came of it.

A damaged SoundFont can crash the C library or fill the memory. So a font that is new here is first loaded and played in
a process that is thrown away, with limits on memory and time.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import PlatformDirs

from musicassist.child_process import start_module
from musicassist.disk import read_whole, replace_whole
from musicassist.errors import SoundError
from musicassist.sound.soundfont_file import SoundFontError, bundled_soundfont, check_soundfont

if TYPE_CHECKING:
    from musicassist.sound.fluid_synth import FluidSynth

TIME_LIMIT_SECONDS = 20.0  # LIMIT: the largest fonts load within some seconds
MEMORY_LIMIT_BYTES = 4 * 2**30  # LIMIT: of address space, the library's and Python's own included
_REMEMBERED_FONTS = 200  # LIMIT
_REMEMBERED_BYTES = 2**21  # LIMIT: as many fonts with the longest of paths
_GOOD, _REFUSED, _NO_LIBRARY, _NO_PROCESS = 0, 3, 4, 5
_UNKNOWN = (1, 2, _NO_LIBRARY, _NO_PROCESS)  # of Python itself, or nothing to try with: no fault of the font
_FRAMES = 12_000
_PROGRAMS = (0, 24, 48, 73)
_DRUMS, _PIECES = 9, (36, 38, 42)


def remembered_file() -> Path:
    """Where the results are kept; it may be thrown away."""
    return PlatformDirs("musicassist", appauthor=False).user_cache_path / "soundfonts.json"


def try_soundfont(path: Path) -> None:
    """Sees to it that a font that is loaded afterwards does no harm. Quick for a font that was tried before.

    Takes up to 20 s. Any thread. The font that comes with the program needs no trial.

    Raises:
        SoundFontError: It cannot be read, does not load, or it crashes or chokes what loads it.
    """
    try:
        _try_new_soundfont(path.absolute())  # the trial runs in another folder
    except OSError as error:
        raise SoundFontError("{file} cannot be read: {reason}.", file=path, reason=error.strerror or error) from error


def _try_new_soundfont(path: Path) -> None:
    bundled = bundled_soundfont()
    if bundled is not None and filecmp.cmp(path, bundled, shallow=False):
        return
    state = path.stat()
    mark = [state.st_size, state.st_mtime_ns]
    remembered = _remembered()
    known = remembered.get(str(path))
    if known is None or known[:2] != mark:
        verdict = _verdict(path)
        if verdict is None:
            raise SoundFontError(
                "The SoundFont {file} takes more than {seconds} s to load; choose another.",
                file=path.name,
                seconds=round(TIME_LIMIT_SECONDS),
            )
        if verdict in _UNKNOWN:
            return
        known = [*mark, verdict]
        _remember({**remembered, str(path): known})
    if known[2] != _GOOD:
        raise SoundFontError("The SoundFont {file} is damaged: FluidSynth cannot load it.", file=path.name)


def _verdict(path: Path) -> int | None:
    """The exit status of a trial, negative after a crash; None if it took too long."""
    try:
        trial = start_module("musicassist.sound.font_trial", str(path))
    except OSError:
        return _NO_PROCESS
    try:
        return trial.wait(TIME_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        trial.kill()
        trial.wait()


def _remembered() -> dict[str, list[int]]:
    """By path: size, time of change in nanoseconds, and verdict. What is no such thing is forgotten."""
    try:
        kept = json.loads(read_whole(remembered_file(), _REMEMBERED_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    rows = kept.items() if isinstance(kept, dict) else ()
    return {path: row for path, row in rows if isinstance(row, list) and [type(n) for n in row] == [int] * 3}


def _remember(results: dict[str, list[int]]) -> None:
    """Writes them in one go; a disk that is full only costs another trial."""
    newest = dict(list(results.items())[-_REMEMBERED_FONTS:])
    with contextlib.suppress(OSError):
        remembered_file().parent.mkdir(parents=True, exist_ok=True)
        replace_whole(remembered_file(), json.dumps(newest).encode(), is_private=True)


def main() -> int:
    """In the process that is thrown away: 0 if each font loads and plays, 3 if one is refused."""
    from musicassist.sound.fluid_library import is_fluidsynth_here  # before the limits: it takes much memory
    from musicassist.sound.fluid_synth import FluidSynth  # before the limits: it takes much memory

    if not is_fluidsynth_here():
        return _NO_LIBRARY
    _limit()
    try:
        for name in sys.argv[1:]:
            path = Path(name)
            check_soundfont(path)
            synth = FluidSynth(path)
            _play_everywhere(synth)
            synth.close()
    except (SoundError, MemoryError):
        return _REFUSED
    return _GOOD


def _play_everywhere(synth: FluidSynth) -> None:
    """Strikes low and high keys of some instruments and of the drums."""
    for channel, program in enumerate(_PROGRAMS):
        synth.send((0xC0 | channel, program, 0))
        for pitch in (24, 60, 96):
            synth.send((0x90 | channel, pitch, 100))
    for pitch in _PIECES:
        synth.send((0x90 | _DRUMS, pitch, 100))
    synth.render(_FRAMES)
    for channel in range(16):
        synth.send((0xB0 | channel, 120, 0))
    synth.render(_FRAMES // 10)


def _limit() -> None:
    """Limits this process where the system can (not on Windows)."""
    if sys.platform == "win32":
        return
    import resource

    for kind, limit in ((resource.RLIMIT_AS, MEMORY_LIMIT_BYTES), (resource.RLIMIT_CPU, int(TIME_LIMIT_SECONDS))):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (limit, limit))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    code = main()
    os._exit(code)  # nothing of what was loaded is to be freed in order
