#!/bin/sh
# soundfile 0.14.0 (PyPI, libsndfile of its wheel), numpy 2.4.6, 2026-11-30, Python 3.11, Linux
#
# One would expect: Ctrl+C while SoundFile.write() writes into a Python file object ends the program as it does everywhere:
# KeyboardInterrupt is raised by write(), and whoever wrote can take the unfinished file away.
#
# What happens: libsndfile calls back into Python for each piece. A signal that arrives there raises KeyboardInterrupt inside
# the callback, cffi prints it as ignored, and write() goes on and returns as if nothing had come. The same holds for SystemExit
# of a SIGTERM handler. So a long export cannot be relied on to end; handlers must only remember the signal until write() returns.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6
"$folder/venv/bin/python" - "$folder/sound.wav" 2>"$folder/said" <<'PYTHON'
import signal
import sys

import numpy as np
import soundfile

signal.signal(signal.SIGINT, signal.default_int_handler)
second = np.zeros((44100, 2), dtype=np.int16)


class Interrupted:
    """A file in which one Ctrl+C comes, as it may at any moment."""

    def __init__(self, file, is_interrupted):
        self.file, self.is_interrupted = file, is_interrupted
        self.seek, self.tell = file.seek, file.tell

    def write(self, data):
        written = self.file.write(data)
        if self.is_interrupted:
            self.is_interrupted = False
            signal.raise_signal(signal.SIGINT)
        return written


came = False
with open(sys.argv[1], "w+b") as file:
    target = Interrupted(file, False)
    with soundfile.SoundFile(target, "w", 44100, 2, "PCM_16", format="WAV") as audio:
        target.is_interrupted = True
        try:
            audio.write(second)
        except KeyboardInterrupt:
            came = True
print("interrupt raised by write():", came)
assert not came
PYTHON
grep "Exception ignored" "$folder/said"
grep "KeyboardInterrupt" "$folder/said"
