"""Four voices that move little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from musicassist.harmony.voicing import MAX_PITCH, MIN_BASS, MIN_PITCH, parallels, voiced
from musicassist.score.theory import Chord, parse_chord


def test_voices_hold_what_is_common_and_move_by_step() -> None:
    before = (48, 60, 64, 67)
    assert voiced(parse_chord("Am"), before) == (45, 60, 64, 69)
    assert voiced(parse_chord("G7"), before)[1:] == (59, 65, 67)


CHORDS = [
    parse_chord(n)
    for n in ["C", "Cmaj7", "Dm", "Dm7", "Em", "Em7", "F", "Fmaj7", "G", "G7", "Am", "Am7", "Bdim", "Bm7b5"]
]


@given(st.lists(st.sampled_from(CHORDS), min_size=2, max_size=12))
def test_four_voices_in_range_that_never_move_in_parallel_fifths_or_octaves(chords: list[Chord]) -> None:
    voices = None
    bad = 0
    for chord in chords:
        now = voiced(chord, voices)
        assert MIN_BASS <= now[0] < MIN_PITCH <= now[1] < now[2] < now[3] <= MAX_PITCH
        assert now[0] % 12 == chord.root
        assert {pitch % 12 for pitch in now} <= chord.pitch_classes
        bad += parallels(voices, now) if voices is not None else 0
        voices = now
    assert bad == 0


def test_voices_keep_below_the_melody() -> None:
    assert max(voiced(Chord(0), None, melody_floor=64)) < 64


def test_under_a_low_melody_all_lie_lower() -> None:
    low = voiced(Chord(0), None, melody_floor=55, lower=12)
    assert max(low) < 55
    assert voiced(Chord(5), low, melody_floor=55, lower=12)[0] < MIN_BASS


def test_every_chord_that_can_be_written_has_voices() -> None:
    for name in ("C5", "G7sus4", "C6/9", "F#m11", "Bb13", "Edim7", "C+", "D/C", "Gadd9", "A2"):
        voices = voiced(parse_chord(name), None)
        assert {pitch % 12 for pitch in voices} <= parse_chord(name).pitch_classes, name
