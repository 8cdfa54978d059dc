"""What is heard beneath a melody."""

from __future__ import annotations

from lab.form.harmony import of_chord_track, of_other_tracks
from melodies import bars_of
from musicassist.families.recurrent.form_context import NO_HARMONY, Harmony
from musicassist.score.song import Note, Notes
from musicassist.tokens.codec import NO_BASS

BARS = bars_of((0, 4, 4))
C_MAJOR, F_MAJOR = 0b000010010001, 0b001000100001


def chord(start_beat: int, beats: int, *pitches: int) -> list[Note]:
    return [Note(480 * start_beat, pitch, 480 * beats, 80) for pitch in pitches]


def test_a_chord_track_is_read_as_it_is_written() -> None:
    notes = Notes.of([*chord(0, 2, 48, 64, 67), *chord(2, 2, 41, 60, 69)])
    assert of_chord_track(notes, 480) == Harmony((0, 24), (C_MAJOR, F_MAJOR), (0, 5))


def test_what_other_tracks_play_is_one_chord_a_beat_and_ends_with_them() -> None:
    right, left = Notes.of([*chord(0, 2, 64, 67), *chord(2, 2, 60, 69)]), Notes.of([*chord(0, 2, 48), *chord(2, 2, 41)])
    harmony = of_other_tracks([right, left], 480, BARS)
    assert harmony == Harmony((0, 24, 48), (C_MAJOR, F_MAJOR, 0), (0, 5, NO_BASS))
    assert [harmony.at(step) for step in (0, 23, 24, 47, 48)] == [
        (C_MAJOR, 0), (C_MAJOR, 0), (F_MAJOR, 5), (F_MAJOR, 5), (0, NO_BASS)
    ]  # fmt: skip


def test_a_broken_chord_is_heard_as_one() -> None:
    broken = Notes.of([Note(240 * place, pitch, 240, 80) for place, pitch in enumerate((48, 64, 67, 64) * 2)])
    assert set(of_other_tracks([broken], 480, BARS).masks[:-1]) == {C_MAJOR}


def test_a_passing_note_is_not_heard() -> None:
    passing = Notes.of([*chord(0, 4, 48, 64, 67), Note(0, 62, 60, 80)])
    assert of_other_tracks([passing], 480, BARS).masks[0] == C_MAJOR


def test_bar_lines_off_the_beat_halve_the_cells() -> None:
    bars = bars_of((0, 3, 8))
    notes = Notes.of([Note(720 * bar, pitch + 5 * bar, 720, 80) for bar in (0, 1) for pitch in (48, 52, 55)])
    assert of_other_tracks([notes], 480, bars).starts == (0, 18, 36)


def test_no_tracks_are_silent_and_transposing_keeps_unknown_chords() -> None:
    assert of_other_tracks([], 480, BARS) == NO_HARMONY
    assert Harmony((0, 24), (C_MAJOR, 0), (0, NO_BASS)).transposed(5) == Harmony((0, 24), (F_MAJOR, 0), (5, NO_BASS))
