#!/bin/sh
# pychord 1.4.1 (PyPI, 2026-11-30, Python 3.11)
#
# One would expect: `C6/9`, as lead sheets write a sixth chord with a ninth, has the notes C E G A D, like `C69`.
#
# What happens: the slash with a number is taken for an inversion, the ninth one, so `C6/9` is C6 turned round: E G A C. The D
# is missing, another note lies lowest, and no error is raised. The other way round, a number beyond the chord's notes
# is no mistake to it: `C/9` is a plain C major chord.
#
# Whoever reads lead sheets with it has to write 6/9 as 69 first.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pychord==1.4.1
"$folder/venv/bin/python" - <<'PYTHON'
from pychord import Chord

notes = {word: Chord(word).components() for word in ("C69", "C6/9", "Cm69", "Cm6/9", "C/9")}
for word, components in notes.items():
    print(f"{word:6}", *components)
assert notes["C69"] == ["C", "E", "G", "A", "D"]
assert notes["C6/9"] == ["E", "G", "A", "C"]
assert notes["Cm69"] == ["C", "Eb", "G", "A", "D"]
assert sorted(notes["Cm6/9"]) == ["A", "C", "Eb", "G"]
assert sorted(notes["C/9"]) == ["C", "E", "G"]
print("as described")
PYTHON
