"""The numbers that stand for music: one page of named sizes and tables, mirrored by a hash in every checkpoint."""

from __future__ import annotations

import hashlib
import json

STEPS_PER_BEAT = 12  # the models' grid: 16ths (3 steps) and triplets (4 steps)
MAX_STEPS = 96  # LIMIT: gaps and durations are cut at eight beats
MAX_INTERVAL = 48  # LIMIT: melodic intervals are cut at four octaves

GAP_CLASSES = MAX_STEPS + 1  # class = steps from onset to onset, 0 only before the first note
INTERVAL_CLASSES = 2 * MAX_INTERVAL + 1  # class = semitones from the last pitch + MAX_INTERVAL
DURATION_CLASSES = MAX_STEPS + 1  # class = steps
VELOCITY_CLASSES = 9  # class 4 = the running mean of the piece, each class VELOCITY_STEP away
VELOCITY_STEP = 7
NONE_CLASS = 97  # "no such note" in look-back and match columns, for every field above
assert GAP_CLASSES == INTERVAL_CLASSES == DURATION_CLASSES == NONE_CLASS

METERS = ("other", "4/4", "3/4", "2/4", "6/8", "2/2", "12/8", "9/8", "3/8", "3/2", "6/4", "5/4")
STYLES = ("", "pop", "art_song", "classical_piano", "dance", "folk", "choral", "hymn", "standards")
MODES = ("", "major", "minor")
UNKNOWN_TONIC = 12
COUNTDOWN_CLASSES = 11  # 0 unknown; 2 + bars left before the last bar, at most 8
MAX_COUNTDOWN_BARS = 8
PHRASE_BARS = 8
REGISTER_CLASSES = 49  # semitones above the first note + 24

# Lower edges of the match-length buckets, in notes: the class of a match is the number of edges it reaches.
MATCH_EDGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
MATCH_CLASSES = len(MATCH_EDGES) + 1
LOOK_BACK_BARS = (1, 2, 4, 8)

# Name of each table of the model's inputs, and how many classes it has.
TABLES: dict[str, int] = {
    "gap": GAP_CLASSES + 1,
    "interval": INTERVAL_CLASSES + 1,
    "duration": DURATION_CLASSES + 1,
    "position": 97,
    "meter": len(METERS),
    "tonic": UNKNOWN_TONIC + 1,
    "mode": len(MODES),
    "register": REGISTER_CLASSES,
    "style": len(STYLES),
    "countdown": COUNTDOWN_CLASSES,
    "phrase": PHRASE_BARS,
    "velocity": VELOCITY_CLASSES + 1,
    "match": MATCH_CLASSES,
    "agreement": 9,
    "fit": 4,
}

# What the recurrent net reads after each note: (column, table).
STATE_COLUMNS: tuple[tuple[str, str], ...] = (
    ("gap", "gap"),
    ("interval", "interval"),
    ("duration", "duration"),
    ("position", "position"),
    ("meter", "meter"),
    ("tonic", "tonic"),
    ("mode", "mode"),
    ("register", "register"),
    ("style", "style"),
    ("countdown", "countdown"),
    ("phrase", "phrase"),
    ("velocity", "velocity"),
    ("match", "match"),
    ("agreement", "agreement"),
)
# What each head reads besides the net: the look-back and the matches, then what was chosen before it for the same note.
GAP_COLUMNS: tuple[tuple[str, str], ...] = (
    ("match_gap", "gap"),
    ("second_gap", "gap"),
    ("rhythm_gap", "gap"),
    ("back1_gap", "gap"),
    ("back2_gap", "gap"),
    ("back4_gap", "gap"),
    ("back8_gap", "gap"),
    ("match_length", "match"),
    ("second_length", "match"),
    ("rhythm_length", "match"),
    ("position", "position"),
    ("duration", "duration"),
    ("meter", "meter"),
)
PITCH_COLUMNS: tuple[tuple[str, str], ...] = (
    ("match_interval", "interval"),
    ("second_interval", "interval"),
    ("contour_interval", "interval"),
    ("back1_interval", "interval"),
    ("back2_interval", "interval"),
    ("back4_interval", "interval"),
    ("back8_interval", "interval"),
    ("match_length", "match"),
    ("second_length", "match"),
    ("contour_length", "match"),
    ("match_fit", "fit"),
    ("second_fit", "fit"),
    ("next_position", "position"),
    ("next_gap", "gap"),
    ("tonic", "tonic"),
    ("mode", "mode"),
    ("register", "register"),
)
DURATION_COLUMNS: tuple[tuple[str, str], ...] = (
    ("match_duration", "duration"),
    ("second_duration", "duration"),
    ("rhythm_duration", "duration"),
    ("back1_duration", "duration"),
    ("back2_duration", "duration"),
    ("back4_duration", "duration"),
    ("back8_duration", "duration"),
    ("match_length", "match"),
    ("rhythm_length", "match"),
    ("match_fit", "fit"),
    ("second_fit", "fit"),
    ("next_position", "position"),
    ("next_gap", "gap"),
    ("next_interval", "interval"),
    ("last_duration", "duration"),
    ("meter", "meter"),
)
VELOCITY_COLUMNS: tuple[tuple[str, str], ...] = (
    ("next_position", "position"),
    ("next_interval", "interval"),
    ("next_duration", "duration"),
    ("last_velocity", "velocity"),
)
CANDIDATES = 7  # the first columns of the gap, pitch and duration heads name classes that they may copy
PROFILE_SIZE = 24  # share of sounding time of each pitch class above the last pitch: slow and fast memory
CHORD_SIZE = 13  # chord tones above the last pitch, and whether a chord is known


def vocabulary_hash() -> str:
    """Hash of everything above that a checkpoint depends on; 16 hexadecimal digits."""
    page = {
        "grid": [STEPS_PER_BEAT, MAX_STEPS, MAX_INTERVAL, VELOCITY_CLASSES, VELOCITY_STEP],
        "names": [METERS, STYLES, MODES, MATCH_EDGES, LOOK_BACK_BARS, COUNTDOWN_CLASSES, PHRASE_BARS],
        "tables": TABLES,
        "columns": [STATE_COLUMNS, GAP_COLUMNS, PITCH_COLUMNS, DURATION_COLUMNS, VELOCITY_COLUMNS],
        "sizes": [CANDIDATES, PROFILE_SIZE, CHORD_SIZE],
    }
    return hashlib.sha256(json.dumps(page, sort_keys=True).encode()).hexdigest()[:16]
