"""SoundFonts: where a good one lies."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from musicassist.sound.font_trial import try_soundfont
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
            "No SoundFont was found. Choose an SF2 or SF3 file, or install a package such as fluid-soundfont-gm."
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
