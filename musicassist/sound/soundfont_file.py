"""The file of a SoundFont: whether it is one, whether it is whole, which instruments it has and what they stand for."""

from __future__ import annotations

import importlib.util
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from musicassist.disk import open_regular
from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.score.midi_bytes import DRUM_CHANNEL, DRUM_KIT, NO_DRUM_KIT, USUAL_BANK

_REQUIRED_LISTS = {b"INFO", b"sdta", b"pdta"}
_CHUNK_LIMIT = 64  # LIMIT: chunks looked at; a SoundFont has three
_PRESET_BYTES = 38
_PRESET_LIMIT = 20_000  # LIMIT: presets looked at
_MIN_PROGRAMS = 100  # of 128: some free fonts leave out a sound effect


class SoundFontError(SoundError):
    """A file is no SoundFont that can be used."""


def bundled_soundfont() -> Path | None:
    """TimGM6mb in the installed pretty_midi, without importing that; None if it is not there."""
    spec = importlib.util.find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("TimGM6mb.sf2")
    return path if path.is_file() else None


def check_soundfont(path: Path) -> None:
    """Looks at the frame of the file, so that the C library gets only whole SoundFonts.

    Raises:
        SoundFontError: It cannot be read, is no SF2 or SF3 file, or is cut short.
    """
    try:
        with open_regular(path) as file:
            head = file.read(12)
            form = head[8:12] if head[:4] == b"RIFF" else b""
            if form == b"DLS ":
                raise SoundFontError(
                    QT_TRANSLATE_NOOP("Errors", "{file} is a DLS file; only SF2 and SF3 SoundFonts can be used."),
                    file=path.name,
                )
            if form != b"sfbk":
                raise SoundFontError(
                    QT_TRANSLATE_NOOP("Errors", "{file} is no SoundFont; choose an SF2 or SF3 file."), file=path.name
                )
            riff_end, size = 8 + int.from_bytes(head[4:8], "little"), os.fstat(file.fileno()).st_size
            if not _is_whole(file, riff_end, size):
                raise SoundFontError(
                    QT_TRANSLATE_NOOP("Errors", "{file} is cut short or damaged; fetch the SoundFont again."),
                    file=path.name,
                )
    except OSError as error:
        raise SoundFontError(
            QT_TRANSLATE_NOOP("Errors", "{file} cannot be read: {reason}."), file=path, reason=error.strerror or error
        ) from error


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, form and length of each chunk that begins before ``end``; the file stands behind its form."""
    position = 12
    for _ in range(_CHUNK_LIMIT):
        file.seek(position)
        head = file.read(12) if position + 12 <= end else b""
        if len(head) < 12:
            return
        kind, length, form = struct.unpack("<4sI4s", head)
        yield kind, form, length
        position += 8 + length + length % 2


def _is_whole(file: BinaryIO, riff_end: int, size: int) -> bool:
    """Whether the three lists of a SoundFont lie inside the file."""
    found = set()
    for kind, form, length in _chunks(file, min(riff_end, size)):
        if length < 4 or file.tell() - 4 + length > size:
            return False
        if kind == b"LIST":
            found.add(form)
        if form == b"pdta" and not _has_presets(file.read(min(length - 4, 64))):
            return False
    return riff_end <= size + 1 and found >= _REQUIRED_LISTS


def _has_presets(head: bytes) -> bool:
    """Whether the preset list begins with at least one preset and its terminal record."""
    length = int.from_bytes(head[4:8], "little") if head[:4] == b"phdr" else 0
    return length >= 2 * _PRESET_BYTES and length % _PRESET_BYTES == 0


def is_general_midi(path: Path) -> bool:
    """Whether a whole SoundFont has nearly all programs of General MIDI, and drums."""
    programs = presets_of(path)
    melodic = {program for bank, program in programs if bank == 0}
    return len(melodic) >= _MIN_PROGRAMS and any(bank == DRUM_KIT for bank, _ in programs)


def presets_of(path: Path) -> dict[tuple[int, int], str]:
    """The name of each preset of a whole SoundFont, by bank and program; none if it cannot be read."""
    try:
        with open_regular(path) as file:
            for _, form, _ in _chunks(file, sys.maxsize):
                if form == b"pdta":
                    (size,) = struct.unpack("<4xI", file.read(8))
                    table = file.read(min(size, _PRESET_LIMIT * _PRESET_BYTES))
                    starts = range(0, len(table) - _PRESET_BYTES, _PRESET_BYTES)  # without the terminal record
                    rows = [struct.unpack_from("<20sHH", table, start) for start in starts]
                    return {(bank, program): name.split(b"\0")[0].decode("latin-1") for name, program, bank in rows}
    except (OSError, struct.error):
        pass
    return {}


def font_bank(channel: int, bank: int) -> int:
    """The SoundFont's bank for the third byte of a program change on a channel, 0..15; 128 is that of drums."""
    if channel == DRUM_CHANNEL and bank != NO_DRUM_KIT:  # by itself it has drums, whatever bank was sent
        return DRUM_KIT
    return USUAL_BANK if bank == NO_DRUM_KIT else bank


def nearest_preset(presets: Iterable[tuple[int, int]], bank: int, program: int) -> tuple[int, int] | None:
    """What plays a program of a font that lacks it, as (bank, program); None for drums where it has none.

    First as FluidSynth chooses: the same program of bank 0, then the first one; then the nearest of its kind.
    """
    have = set(presets)
    if bank == DRUM_KIT:
        kits = [number for of_bank, number in have if of_bank == DRUM_KIT]
        firsts = [(DRUM_KIT, program), (DRUM_KIT, 0)]
        nearest = [(DRUM_KIT, min(kits, key=lambda number: (abs(number - program), number)))] if kits else []
    else:
        firsts = [(bank, program), (0, program), (0, 0)]
        melodic = [preset for preset in have if preset[0] != DRUM_KIT] or list(have)
        nearest = [min(melodic, key=lambda preset: _distance(preset, program))] if melodic else []
    return next((preset for preset in (*firsts, *nearest) if preset in have), None)


def _distance(preset: tuple[int, int], program: int) -> tuple[bool, int, int, int]:
    """How far a preset is from a program: another family of General MIDI is farther than any of the same."""
    bank, number = preset
    return number // 8 != program // 8, abs(number - program), bank, number
