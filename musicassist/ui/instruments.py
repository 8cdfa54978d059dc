"""The names of the General MIDI instruments, in their sixteen families of eight."""

from __future__ import annotations

# Source: General MIDI System Level 1 (1991), table 2, "GM Instrument Patch Map".
FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Piano", ("Grand Piano", "Bright Piano", "Electric Grand", "Honky-tonk Piano", "Electric Piano 1",
               "Electric Piano 2", "Harpsichord", "Clavinet")),
    ("Chromatic percussion", ("Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba", "Xylophone",
                              "Tubular Bells", "Dulcimer")),
    ("Organ", ("Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ", "Reed Organ", "Accordion",
               "Harmonica", "Bandoneon")),
    ("Guitar", ("Nylon Guitar", "Steel Guitar", "Jazz Guitar", "Clean Guitar", "Muted Guitar", "Overdriven Guitar",
                "Distortion Guitar", "Guitar Harmonics")),
    ("Bass", ("Acoustic Bass", "Finger Bass", "Pick Bass", "Fretless Bass", "Slap Bass 1", "Slap Bass 2",
              "Synth Bass 1", "Synth Bass 2")),
    ("Strings", ("Violin", "Viola", "Cello", "Contrabass", "Tremolo Strings", "Pizzicato Strings", "Harp", "Timpani")),
    ("Ensemble", ("Strings 1", "Strings 2", "Synth Strings 1", "Synth Strings 2", "Choir Aahs", "Voice Oohs",
                  "Synth Voice", "Orchestra Hit")),
    ("Brass", ("Trumpet", "Trombone", "Tuba", "Muted Trumpet", "French Horn", "Brass Section", "Synth Brass 1",
               "Synth Brass 2")),
    ("Reed", ("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe", "English Horn", "Bassoon", "Clarinet")),
    ("Pipe", ("Piccolo", "Flute", "Recorder", "Pan Flute", "Bottle", "Shakuhachi", "Whistle", "Ocarina")),
    ("Synth lead", ("Square Lead", "Saw Lead", "Calliope", "Chiff", "Charang", "Voice Lead", "Fifths Lead",
                    "Bass and Lead")),
    ("Synth pad", ("New Age Pad", "Warm Pad", "Polysynth", "Choir Pad", "Bowed Pad", "Metallic Pad", "Halo Pad",
                   "Sweep Pad")),
    ("Synth effects", ("Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-fi")),
    ("World", ("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai")),
    ("Percussive", ("Tinkle Bell", "Agogo", "Steel Drums", "Woodblock", "Taiko", "Melodic Tom", "Synth Drum",
                    "Reverse Cymbal")),
    ("Sound effects", ("Fret Noise", "Breath Noise", "Seashore", "Bird", "Telephone", "Helicopter", "Applause",
                       "Gunshot")),
)  # fmt: skip


def instrument_name(program: int) -> str:
    """English name of a General MIDI program, 0..127."""
    return FAMILIES[program // 8][1][program % 8]
