#!/bin/sh
# FluidSynth 2.3.1 (Debian 12's libfluidsynth3 2.3.1-2, whose own dependencies must be there), 2026-11-30; the font is
# TimGM6mb.sf2 from pretty_midi 0.2.11 (PyPI)
#
# One would expect: a bend reaches what its range says. With the range of two semitones that General MIDI begins with, the
# wheel at its end raises a note by 200 cents; with a range of 48, as MPE has it, a bend of 7/48 is a fifth, 700 cents.
#
# What happens: every bend is 0.8 % too small, 198 cents and 694 cents. The default modulator of SoundFont 2 has an amount
# of 12,700 cents and takes the range as a share of 128, not of 127. Two semitones hide it; a slide over two octaves
# at a range of 48 ends 19 cents flat, which is heard as out of tune beside a note that was struck there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q libfluidsynth3=2.3.1-2 >/dev/null 2>&1
dpkg -x libfluidsynth3_*.deb package
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 "setuptools<81"
venv/bin/pip install --quiet --disable-pip-version-check --no-deps pretty_midi==0.2.11
library=$(find package -name 'libfluidsynth.so.3*' | head -n 1)
font=$(find venv -name TimGM6mb.sf2 | head -n 1)
venv/bin/python - "$library" "$font" <<'PYTHON'
import ctypes
import sys
from pathlib import Path

import numpy as np

lib = ctypes.CDLL(str(Path(sys.argv[1]).resolve()))
for name in ("new_fluid_settings", "new_fluid_synth"):
    getattr(lib, name).restype = ctypes.c_void_p
RATE = 44100
settings = ctypes.c_void_p(lib.new_fluid_settings())
for name in (b"synth.reverb.active", b"synth.chorus.active"):
    lib.fluid_settings_setint(settings, name, 0)
synth = ctypes.c_void_p(lib.new_fluid_synth(settings))
assert lib.fluid_synth_sfload(synth, sys.argv[2].encode(), 1) >= 0


def cents(pitch, bend, semitones):
    """How high a flute stands above A 440, by the highest line of its spectrum."""
    lib.fluid_synth_system_reset(synth)
    lib.fluid_synth_program_change(synth, 0, 79)  # ocarina: nearly a sine
    lib.fluid_synth_pitch_wheel_sens(synth, 0, semitones)
    lib.fluid_synth_pitch_bend(synth, 0, bend)
    lib.fluid_synth_noteon(synth, 0, pitch, 100)
    left, right = (np.zeros(3 * RATE, dtype=np.float32) for _ in range(2))
    pointers = [part.ctypes.data_as(ctypes.c_void_p) for part in (left, right)]
    lib.fluid_synth_write_float(synth, len(left), pointers[0], 0, 1, pointers[1], 0, 1)
    sound = left[RATE // 2 :] * np.hanning(len(left) - RATE // 2)
    lines = np.abs(np.fft.rfft(sound, 2**22))
    return 1200 * np.log2(np.argmax(lines) * RATE / 2**22 / 440)


plain = cents(69, 8192, 2)
full = cents(69, 16383, 2) - plain
fifth = cents(69, 8192 + round(8192 * 7 / 48), 48) - plain
octaves = cents(69, 8192 + round(8192 * 24 / 48), 48) - plain
print(f"wheel at its end, range 2: {full:.1f} cents of 200")
print(f"7 of 48 semitones: {fifth:.1f} cents of 700")
print(f"24 of 48 semitones: {octaves:.1f} cents of 2400")
assert abs(full - 2 * 12700 / 128) < 0.5, full
assert abs(fifth - 700 * 127 / 128) < 1, fifth
assert abs(octaves - 2400 * 127 / 128) < 1, octaves
print("as described")
PYTHON
