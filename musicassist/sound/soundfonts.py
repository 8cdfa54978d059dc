"""SoundFonts of this machine: where a good one lies, whether it does harm, and FluidSynth with it.

A damaged SoundFont can crash the C library or fill the memory. So a font that is new here is first loaded and played in
a process that is thrown away, ``python -m musicassist.sound.soundfonts FONT...``, with limits on memory and time.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from platformdirs import PlatformDirs

from musicassist.child_process import limit_this_process, start_module
from musicassist.disk import read_whole, replace_whole
from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.score import midi_bytes as midi
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.fluid_synth import DEFAULT_SAMPLE_RATE, FluidSynth
from musicassist.sound.messages import USUAL_TONE, Tone
from musicassist.sound.soundfont_file import SoundFontError, bundled_soundfont, check_soundfont, is_general_midi

# The better ones first; after them come unknown ones, the larger the better, and at last what pretty_midi brings along.
PREFERRED_NAMES = (
    "MuseScore_General_Full.sf3",
    "MuseScore_General_Full.sf2",
    "MuseScore_General.sf3",
    "MuseScore_General.sf2",
    "MuseScore_General_Lite.sf3",
    "FluidR3_GM.sf2",
    "FluidR3Mono_GM.sf3",
    "GeneralUser-GS.sf2",
    "GeneralUser GS.sf2",
    "default-GM.sf3",
    "default-GM.sf2",
)
LAST_NAME = "TimGM6mb.sf2"
_MIN_BYTES = 8_000_000  # an unknown font has to be larger than the one that comes along to be better
_FONT_LIMIT = 50  # LIMIT: unknown fonts looked at
TIME_LIMIT_SECONDS = 20.0  # LIMIT: the largest fonts load within some seconds
MEMORY_LIMIT_BYTES = 4 * 2**30  # LIMIT: of address space, the library's and Python's own included
_REMEMBERED_FONTS = 200  # LIMIT
_REMEMBERED_BYTES = 2**21  # LIMIT: as many fonts with the longest of paths
_GOOD, _REFUSED, _NO_LIBRARY, _NO_PROCESS = 0, 3, 4, 5
_UNKNOWN = (1, 2, _NO_LIBRARY, _NO_PROCESS)  # of Python itself, or nothing to try with: no fault of the font
_FRAMES = 12_000
_PROGRAMS = (0, 24, 48, 73)
_PIECES = (36, 38, 42)


def open_fluidsynth(
    soundfont: Path | None = None,
    *,
    driver: str | None = None,
    sample_rate: int = DEFAULT_SAMPLE_RATE,
    tone: Tone = USUAL_TONE,
) -> FluidSynth:
    """FluidSynth with the chosen font; without a choice with the best that it can load.

    Raises:
        SoundFontError: The chosen font, or every font, is of no use.
        SoundError: No library, or the driver does not open.
    """
    problem: SoundFontError | None = None
    for font in usable_soundfonts(soundfont):
        try:
            return FluidSynth(font, driver=driver, sample_rate=sample_rate, tone=tone)
        except SoundFontError as error:  # as of an SF3 font where FluidSynth knows no SF3
            problem = problem or error
    raise problem or SoundFontError(QT_TRANSLATE_NOOP("Errors", "No SoundFont was found. Choose an SF2 or SF3 file."))


def soundfont_folders() -> tuple[Path, ...]:
    """Where systems keep SoundFonts, the user's own folders first."""
    home = Path.home()
    folders = [home / ".local/share/soundfonts", home / ".local/share/sounds/sf2", home / ".local/share/sounds/sf3"]
    if sys.platform == "darwin":
        folders += [home / "Library/Audio/Sounds/Banks", Path("/Library/Audio/Sounds/Banks")]
    elif sys.platform == "win32":
        folders += [Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "soundfonts", Path("C:/soundfonts")]
    else:
        folders += [Path("/usr/share/sounds/sf3"), Path("/usr/share/sounds/sf2"), Path("/usr/share/soundfonts")]
    return (*folders, Path("/usr/local/share/soundfonts"), Path("/opt/homebrew/share/soundfonts"))


def soundfonts() -> Iterator[Path]:
    """Every General MIDI font found, the best first: by known names, then by size."""
    folders = soundfont_folders()
    for name in PREFERRED_NAMES:
        yield from (folder / name for folder in folders if _is_file(folder / name))
    yield from _unknown_fonts(folders)
    yield from (folder / LAST_NAME for folder in folders if _is_file(folder / LAST_NAME))
    bundled = bundled_soundfont()
    if bundled is not None:
        yield bundled


def _is_file(path: Path) -> bool:
    """Whether there is such a file; in a folder that may not be looked into there is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _unknown_fonts(folders: Iterable[Path]) -> Iterator[Path]:
    """Fonts of any other name that have the instruments of General MIDI, the largest first."""
    found: list[tuple[int, Path]] = []
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in sorted(folder.iterdir()):
                is_font = path.suffix.lower() in (".sf2", ".sf3") and path.name not in (*PREFERRED_NAMES, LAST_NAME)
                if is_font and path.is_file() and path.stat().st_size >= _MIN_BYTES:
                    found.append((path.stat().st_size, path))
    largest = sorted(found, key=lambda row: -row[0])[:_FONT_LIMIT]
    yield from (path for _, path in largest if is_general_midi(path))


def usable_soundfonts(preferred: Path | None = None) -> Iterator[Path]:
    """The chosen font alone; without a choice every whole one of this machine, the best first.

    A font that is new here is tried first, which takes some seconds; each is looked at only when it is asked for.

    Raises:
        SoundFontError: The chosen file is no usable SoundFont, or there is none anywhere.
    """
    if preferred is not None:
        check_soundfont(preferred)
        try_soundfont(preferred)
        yield preferred
        return
    is_found = False
    for path in soundfonts():
        if _is_usable(path):
            is_found = True
            yield path.resolve()  # a link's own name says nothing
    if not is_found:
        raise SoundFontError(
            QT_TRANSLATE_NOOP(
                "Errors",
                "No SoundFont was found. Choose an SF2 or SF3 file, or install a package such as fluid-soundfont-gm.",
            )
        )


def find_soundfont(preferred: Path | None = None) -> Path:
    """The chosen font, or the best one on this machine.

    Raises:
        SoundFontError: The chosen file is no usable SoundFont, or there is none anywhere.
    """
    return next(usable_soundfonts(preferred))


def _is_usable(path: Path) -> bool:
    """Whether the file is whole and does no harm: a broken font on the system is no reason to be silent."""
    try:
        check_soundfont(path)
        try_soundfont(path.resolve())
    except (SoundFontError, OSError):
        return False
    return True


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
        raise SoundFontError(
            QT_TRANSLATE_NOOP("Errors", "{file} cannot be read: {reason}."), file=path, reason=error.strerror or error
        ) from error


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
                QT_TRANSLATE_NOOP(
                    "Errors", "The SoundFont {file} takes more than {seconds} s to load; choose another."
                ),
                file=path.name,
                seconds=round(TIME_LIMIT_SECONDS),
            )
        if verdict in _UNKNOWN:
            return
        known = [*mark, verdict]
        _remember({**remembered, str(path): known})
    if known[2] != _GOOD:
        raise SoundFontError(
            QT_TRANSLATE_NOOP("Errors", "The SoundFont {file} is damaged: FluidSynth cannot load it."), file=path.name
        )


def _verdict(path: Path) -> int | None:
    """The exit status of a trial, negative after a crash; None if it took too long."""
    try:
        trial = start_module("musicassist.sound.soundfonts", str(path))
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
    if not is_fluidsynth_here():
        return _NO_LIBRARY
    limit_this_process(MEMORY_LIMIT_BYTES, TIME_LIMIT_SECONDS)
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
        synth.send((midi.PROGRAM | channel, program, 0))
        for pitch in (24, 60, 96):
            synth.send((midi.NOTE_ON | channel, pitch, 100))
    for pitch in _PIECES:
        synth.send((midi.NOTE_ON | midi.DRUM_CHANNEL, pitch, 100))
    synth.render(_FRAMES)
    for channel in range(16):
        synth.send((midi.CONTROL | channel, midi.ALL_SOUND_OFF, 0))
    synth.render(_FRAMES // 10)


if __name__ == "__main__":
    code = main()
    os._exit(code)  # nothing of what was loaded is to be freed in order
