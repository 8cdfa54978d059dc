"""Proof that damaged SoundFonts do no harm: a small font, its damaged copies, and what becomes of each."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicassist.sound.soundfont_file import SoundFontError, check_soundfont
from musicassist.sound.soundfonts import try_soundfont

_FRAMES = 2000
_RATE = 32_000
_SAMPLE_ID, _INSTRUMENT, _KEY_RANGE = 53, 41, 43
_PLAY = """
import sys
from pathlib import Path
from musicassist.sound.fluid_synth import FluidSynth
for name in sys.argv[1:]:
    synth = FluidSynth(Path(name))
    for pitch in range(24, 108, 7):
        synth.send((0x90, pitch, 100))
        synth.send((0x99, pitch, 100))
        synth.render(4800)
    synth.close()
    print(name, flush=True)
"""


@dataclass(frozen=True)
class Fates:
    """What became of damaged fonts: how many the check and the trial refused, and how many played or crashed later."""

    refused: int
    failed_trial: int
    played: int
    crashed: int


def tiny_font() -> bytes:
    """An SF2 file with one looped sample, as a piano and as drums."""
    wave = np.round(12_000 * np.sin(np.arange(_FRAMES) * 2 * np.pi * 250 / _RATE)).astype("<i2").tobytes()
    samples = _chunk(b"smpl", wave + bytes(92))
    info = _chunk(b"ifil", struct.pack("<HH", 2, 1)) + _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", b"tiny\0\0")
    presets = _preset(b"Piano", 0, 0, 0) + _preset(b"Drums", 0, 128, 1) + _preset(b"EOP", 0, 0, 2)
    zone = struct.pack("<HBB", _KEY_RANGE, 0, 127)
    articulation = b"".join(
        (
            _chunk(b"phdr", presets),
            _chunk(b"pbag", struct.pack("<6H", 0, 0, 2, 0, 4, 0)),
            _chunk(b"pmod", bytes(10)),
            _chunk(b"pgen", 2 * (zone + struct.pack("<HH", _INSTRUMENT, 0)) + bytes(4)),
            _chunk(b"inst", struct.pack("<20sH", b"Sine", 0) + struct.pack("<20sH", b"EOI", 1)),
            _chunk(b"ibag", struct.pack("<4H", 0, 0, 3, 0)),
            _chunk(b"imod", bytes(10)),
            _chunk(b"igen", zone + struct.pack("<HHHH", 54, 1, _SAMPLE_ID, 0) + bytes(4)),
            _chunk(b"shdr", _sample(b"Sine", _FRAMES, 1) + _sample(b"EOS", 0, 0)),
        )
    )
    lists = (
        _chunk(b"LIST", b"INFO" + info) + _chunk(b"LIST", b"sdta" + samples) + _chunk(b"LIST", b"pdta" + articulation)
    )
    return _chunk(b"RIFF", b"sfbk" + lists)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _preset(name: bytes, program: int, bank: int, bag: int) -> bytes:
    return struct.pack("<20sHHHIII", name, program, bank, bag, 0, 0, 0)


def _sample(name: bytes, end: int, kind: int) -> bytes:
    loop = (200, end - 200) if end else (0, 0)
    return struct.pack("<20sIIIIIBbHH", name, 0, end, *loop, _RATE if end else 0, 60, 0, 0, kind)


def damaged(font: bytes, seed: int) -> bytes:
    """A damaged copy: the same one for the same seed."""
    chance = random.Random(seed)
    data = bytearray(font)
    tables_at = data.index(b"pdta")
    for _ in range(chance.randint(1, 6)):
        kind = chance.randrange(5)
        at = chance.randrange(tables_at, len(data)) if chance.random() < 0.85 else chance.randrange(len(data))
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at : at + 2] = struct.pack("<H", chance.choice((0, 1, 0x7FFF, 0x8000, 0xFFFF)))
        elif kind == 2:
            data[at : at + 4] = struct.pack("<I", chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)))
        elif kind == 3:
            del data[at : at + chance.randint(1, 40)]
        else:
            data[at:at] = data[at : at + chance.randint(1, 40)]
    if chance.random() < 0.7:  # a frame that fits lets the damage reach the library
        data[4:8] = struct.pack("<I", max(0, len(data) - 8))
        size_at = data.find(b"LIST", tables_at - 16) + 4
        data[size_at : size_at + 4] = struct.pack("<I", max(0, len(data) - size_at - 4))
    return bytes(data)


def prove(count: int) -> Fates:
    """Checks, tries and plays ``count`` damaged fonts, as the engine would; about a second each."""
    refused = failed = 0
    accepted: list[Path] = []
    font = tiny_font()
    with tempfile.TemporaryDirectory(prefix="musicassist-fonts-") as folder:
        for seed in range(count):
            path = Path(folder) / f"{seed}.sf2"
            path.write_bytes(damaged(font, seed))
            try:
                check_soundfont(path)
            except SoundFontError:
                refused += 1
                continue
            try:
                try_soundfont(path)
            except SoundFontError:
                failed += 1
                continue
            accepted.append(path)
        played = _played(accepted)
    return Fates(refused, failed, played, len(accepted) - played)


def _played(fonts: list[Path]) -> int:
    """How many fonts can be played all over, one after another in a process like the engine's."""
    played = 0
    while fonts:
        answer = subprocess.run(
            [sys.executable, "-c", _PLAY, *map(str, fonts)], stdout=subprocess.PIPE, text=True, check=False
        )
        done = len(answer.stdout.splitlines())
        played += done
        fonts = fonts[done + 1 :]  # the next one crashed it; the others get a process of their own
    return played
