#!/bin/sh
# music21 10.5.1 (PyPI, 2026-11-30, Python 3.11, beside mido 1.3.3, pretty_midi 0.2.11, symusic 0.6.0)
#
# One would expect: a chord symbol or a grace note, which has no length, becomes either no note in the MIDI file or a very
# short one: its note-on, then its note-off, on the same tick.
#
# What happens: the note-off of each such note is written BEFORE its note-on on that tick, and no later note-off follows. So
# the file says that these keys go down and are never let go, and a player that obeys it holds the C major chord of a symbol
# `C`, and a grace note too. pretty_midi and symusic drop the notes without a word, and so does music21's own reader.
#
# Whoever reads such files does well to take a note-off and a note-on of one key on one tick, with nothing sounding and no
# later note-off, as one short note.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    music21==10.5.1 mido==1.3.3 pretty_midi==0.2.11 symusic==0.6.0 "setuptools<81"
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import mido
import pretty_midi
import symusic
from music21 import converter, harmony, note, stream

part = stream.Part()
part.insert(0, harmony.ChordSymbol("C"))
for beat, pitch in enumerate([72, 74, 76, 77, 79, 81, 83, 84]):
    part.insert(beat, note.Note(pitch))
part.insert(4, note.Note(86).getGrace())
part.write("midi", "out.mid")

held, first_off = {}, {}
for track in mido.MidiFile("out.mid").tracks:
    tick = 0
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            held[message.note] = tick
        elif message.type in ("note_on", "note_off"):
            if message.note not in held:
                first_off[message.note] = tick
            held.pop(message.note, None)
print("keys that go down and are never let go:", held)
print("of these, let go before they go down, on that tick:", sorted(k for k in held if first_off.get(k) == held[k]))
notes = [n.pitch for i in pretty_midi.PrettyMIDI("out.mid").instruments for n in i.notes]
print("pretty_midi reads:", sorted(notes))
print("symusic reads:    ", sorted(n.pitch for t in symusic.Score("out.mid").tracks for n in t.notes))
again = sorted(p.midi for n in converter.parse("out.mid").recurse().notes for p in n.pitches)
print("music21 reads:    ", again)
melody = [72, 74, 76, 77, 79, 81, 83, 84]
assert sorted(held) == [48, 52, 55, 86], held
assert all(first_off.get(key) == tick for key, tick in held.items())
assert sorted(notes) == melody
assert sorted(n.pitch for t in symusic.Score("out.mid").tracks for n in t.notes) == melody
assert again == melody, again
print("as described")
PYTHON
