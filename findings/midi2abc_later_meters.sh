#!/bin/sh
# abcmidi 20230208+ds1-1 (Debian 12's package, 2026-11-30), with files written by mido 1.3.3 (PyPI)
#
# One would expect: midi2abc bars a file by its time signatures, each from where it stands, and writes an M: field where one
# changes, as ABC has it; or says that it does not.
#
# What happens: only the first time signature counts. Two bars of 3/4 before 4/4 are barred in 3/4 to the end, and a
# pickup that a file says by a short first bar (1/4, then 4/4; MuseScore reads it as measure 0) gives a bar line behind every
# beat. Nothing is said. The key is known by its sharps or flats alone, so that E flat minor is written as K:Gb.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q abcmidi=20230208+ds1-1 >/dev/null 2>&1
dpkg -x abcmidi_*.deb package
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mido==1.3.3
venv/bin/python - <<'PYTHON'
import mido


def write(name, meters, beats, key=None):
    """Quarters in these meters, each from its beat on."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    if key:
        track.append(mido.MetaMessage("key_signature", key=key))
    for beat in range(beats):
        if beat in meters:
            numerator, denominator = meters[beat]
            track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
        track.append(mido.Message("note_on", note=60, velocity=80))
        track.append(mido.Message("note_off", note=60, time=480))
    file.save(name)


write("changing.mid", {0: (3, 4), 6: (4, 4)}, 14)
write("pickup.mid", {0: (1, 4), 1: (4, 4)}, 9)
write("minor.mid", {0: (4, 4)}, 4, key="Ebm")
PYTHON
for name in changing pickup minor; do
    package/usr/bin/midi2abc "$name.mid" >"$name.abc"
    echo "-- $name"
    grep -v '^[XTLQV]:' "$name.abc"
done
[ "$(grep -c '^M:' changing.abc)" = 1 ]
grep -q '^M: 3/4' changing.abc
[ "$(grep -o '|' changing.abc | wc -l)" = 4 ] # 14 quarters: four bars of 3/4 and two notes more
[ "$(grep -c '^M:' pickup.abc)" = 1 ]
grep -q '^M: 1/4' pickup.abc
[ "$(grep -o '|' pickup.abc | wc -l)" -ge 8 ]
grep -q '^K:Gb' minor.abc
echo "as described"
