"""SoundFonts: where a good one lies, and whether a file is one at all."""

from __future__ import annotations

import importlib.util
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from musicassist.errors import SoundError

# The better ones first; the last is the one that pretty_midi brings along.
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
    "TimGM6mb.sf2",
)
_REQUIRED_LISTS = {b"INFO", b"sdta", b"pdta"}
_CHUNK_LIMIT = 64  # LIMIT: chunks looked at; a SoundFont has three


class SoundFontError(SoundError):
    """A file is no SoundFont that can be used."""


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


def bundled_soundfont() -> Path | None:
    """TimGM6mb in the installed pretty_midi, without importing that; None if it is not there."""
    spec = importlib.util.find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("TimGM6mb.sf2")
    return path if path.is_file() else None


def soundfonts() -> Iterator[Path]:
    """Every General MIDI font found, the best first."""
    folders = [folder for folder in soundfont_folders() if folder.is_dir()]
    for name in PREFERRED_NAMES:
        yield from (folder / name for folder in folders if (folder / name).is_file())
    bundled = bundled_soundfont()
    if bundled is not None:
        yield bundled


def usable_soundfonts(preferred: Path | None = None) -> Iterator[Path]:
    """The chosen font alone; without a choice every whole one of this machine, the best first.

    Raises:
        SoundFontError: The chosen file is no usable SoundFont, or there is none anywhere.
    """
    if preferred is not None:
        check_soundfont(preferred)
        yield preferred
        return
    whole = [path.resolve() for path in soundfonts() if _is_usable(path)]  # a link's own name says nothing
    if not whole:
        raise SoundFontError(
            "No SoundFont was found. Choose an SF2 or SF3 file, or install a package such as fluid-soundfont-gm."
        )
    yield from whole


def find_soundfont(preferred: Path | None = None) -> Path:
    """The chosen font, or the best one on this machine.

    Raises:
        SoundFontError: The chosen file is no usable SoundFont, or there is none anywhere.
    """
    return next(usable_soundfonts(preferred))


def _is_usable(path: Path) -> bool:
    """Whether the file is whole: a broken font on the system is no reason to be silent."""
    try:
        check_soundfont(path)
    except SoundFontError:
        return False
    return True


def check_soundfont(path: Path) -> None:
    """Looks at the frame of the file, so that the C library gets only whole SoundFonts.

    Raises:
        SoundFontError: It cannot be read, is no SF2 or SF3 file, or is cut short.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            form = _riff_form(file)
            if form == b"DLS ":
                raise SoundFontError("{file} is a DLS file; only SF2 and SF3 SoundFonts can be used.", file=path.name)
            if form != b"sfbk":
                raise SoundFontError("{file} is no SoundFont; choose an SF2 or SF3 file.", file=path.name)
            if not _is_whole(file, size):
                raise SoundFontError("{file} is cut short or damaged; fetch the SoundFont again.", file=path.name)
    except OSError as error:
        raise SoundFontError("{file} cannot be read: {reason}.", file=path, reason=error.strerror or error) from error


def _riff_form(file: BinaryIO) -> bytes:
    head = file.read(12)
    return head[8:12] if head[:4] == b"RIFF" else b""


def _is_whole(file: BinaryIO, size: int) -> bool:
    """Whether the three lists of a SoundFont lie inside the file."""
    file.seek(4)
    riff_end = 8 + struct.unpack("<I", file.read(4))[0]
    position, found = 12, set()
    for _ in range(_CHUNK_LIMIT):
        if position + 12 > min(riff_end, size):
            break
        file.seek(position)
        kind, length, form = struct.unpack("<4sI4s", file.read(12))
        end = position + 8 + length
        if length < 4 or end > size:
            return False
        if kind == b"LIST":
            found.add(form)
        if form == b"pdta" and not _has_presets(file.read(min(length - 4, 64))):
            return False
        position = end + length % 2
    return riff_end <= size + 1 and found >= _REQUIRED_LISTS


def _has_presets(head: bytes) -> bool:
    """Whether the preset list begins with at least one preset and its terminal record."""
    if head[:4] != b"phdr" or len(head) < 8:
        return False
    (length,) = struct.unpack("<I", head[4:8])
    return bool(length % 38 == 0 and length >= 76)
