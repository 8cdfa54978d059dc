"""Accompaniments from chords."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harmony.test_detection import block
from harmony.test_harmonising import BAR, MELODY, SONG
from harmony.test_progressions import spans_of
from musicassist.harmony.accompanying import ACCOMPANIMENTS, BASS_RANGE, AccompanyingPart, accompany
from musicassist.score.chord_track import ChordMark, chord_at, with_written_chords
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import NO_CHORD, Chord, parse_chord
from musicassist.score.timing import MeterChange

SPANS = spans_of("C F C G7 Am Dm G C C F G7 C")


def played(style: str, song: Song = SONG) -> tuple[AccompanyingPart, ...]:
    return accompany(song, 0, SPANS, style)


@pytest.mark.parametrize("style", ACCOMPANIMENTS)
def test_all_tones_are_of_the_chord_below_the_melody_and_not_beyond_its_end(style: str) -> None:
    short = Song((replace(SONG.tracks[0], notes=MELODY.where(MELODY.start_tick < 11 * BAR + 700)),))
    end = short.end_tick
    for part in played(style, short):
        assert int(part.notes.end_tick.max()) == end
        for note in part.notes:
            span = chord_at(SPANS, note.start_tick)
            assert span is not None
            assert note.pitch % 12 in span.chord.pitch_classes
            over = MELODY.pitch[(MELODY.start_tick < span.to_tick) & (MELODY.end_tick > span.from_tick)]
            assert note.pitch < int(over.min())


def test_block_chords_are_struck_in_each_bar_and_held() -> None:
    (part,) = accompany(SONG, 0, [replace(SPANS[0], to_tick=2 * BAR)], "block")
    assert [(tick, ticks) for tick, ticks in zip(part.notes.start_tick, part.notes.duration_ticks, strict=True)] == [
        *[(0, BAR)] * 4,
        *[(BAR, BAR)] * 4,
    ]


def test_a_broken_chord_has_one_tone_an_eighth_and_begins_with_its_bass() -> None:
    (part,) = played("broken")
    assert np.array_equal(part.notes.start_tick, np.arange(12 * 8) * 240)
    assert all(part.notes.pitch[8 * bar] % 12 == SPANS[bar].chord.root for bar in range(12))
    assert all(part.notes.pitch[8 * bar] == part.notes.pitch[8 * bar : 8 * bar + 8].min() for bar in range(12))


def test_bass_and_chords_take_turns() -> None:
    chords, bass = played("bass")
    assert (chords.name, bass.name) == ("Chords", "Bass")
    assert set((bass.notes.start_tick % BAR).tolist()) == {0, 960}
    assert set((chords.notes.start_tick % BAR).tolist()) == {480, 1440}
    assert BASS_RANGE[0] <= bass.notes.pitch.min() and bass.notes.pitch.max() <= BASS_RANGE[1]
    assert (bass.notes.pitch[::2] % 12).tolist() == [span.chord.root for span in SPANS]
    waltz = replace(SONG, meter_changes=(MeterChange(0, 3, 4),))
    chords, bass = accompany(waltz, 0, spans_of("C F G C", 1440), "bass")
    assert set((bass.notes.start_tick % 1440).tolist()) == {0}
    assert set((chords.notes.start_tick % 1440).tolist()) == {480, 960}


def test_voices_move_little() -> None:
    (part,) = played("block")
    rows = part.notes.pitch.reshape(12, 4)[:, 1:]
    assert np.abs(np.diff(rows, axis=0)).mean() < 2.5


def test_like_the_song_is_the_rhythm_of_its_parts_over_the_new_chords() -> None:
    pulse = Notes.of(
        Note(bar * BAR + beat * 480, pitch, 240, 50)
        for bar, root in enumerate((48, 53))
        for beat in range(4)
        for pitch in ((root - 12,) if beat == 0 else (root, root + 4, root + 7))
    )
    song = replace(SONG, tracks=(*SONG.tracks, Track("Guitar", pulse, channel=1, program=24)))
    (part,) = played("like", song)
    assert (part.track_index, part.from_tick, part.to_tick) == (1, 0, 12 * BAR)
    for bar in range(12):
        own = part.notes.where(part.notes.start_tick // BAR == bar)
        assert (own.start_tick - bar * BAR).tolist() == pulse.start_tick[:10].tolist()
        assert set(own.velocity.tolist()) == {50}
        assert own.pitch[0] % 12 == SPANS[bar].chord.root
        assert {pitch % 12 for pitch in own.pitch.tolist()} <= SPANS[bar].chord.pitch_classes
    assert part.notes.where(part.notes.start_tick < 2 * BAR) == pulse  # their own chords stay as they are
    assert np.abs(part.notes.pitch.astype(int) - np.resize(pulse.pitch, len(part.notes))).max() <= 9


def test_what_somebody_wrote_does_not_hide_what_the_parts_play() -> None:
    song = replace(SONG, tracks=(*SONG.tracks, Track("Piano", block("C F"), channel=1)))
    written = with_written_chords(song, [ChordMark(0, parse_chord("Am")), ChordMark(BAR, parse_chord("Dm"))])
    (part,) = accompany(written, 0, spans_of("Am Dm"), "like")
    assert {pitch % 12 for pitch in part.notes.where(part.notes.start_tick < BAR).pitch.tolist()} == {9, 0, 4}


def test_without_another_part_like_the_song_is_block_and_without_chords_there_is_nothing() -> None:
    assert [part.notes for part in played("like")] == [part.notes for part in played("block")]
    assert accompany(SONG, 0, [replace(SPANS[0], chord=Chord(0, NO_CHORD))], "block") == ()


def test_a_bass_line_like_the_song_keeps_its_fifths() -> None:
    line = Notes.of(Note(bar * BAR + half * 960, 36 + (0, 7)[half], 960) for bar in range(2) for half in range(2))
    song = replace(SONG, tracks=(*SONG.tracks, Track("Piano", block("C C"), channel=1), Track("Bass", line, channel=2)))
    _, bass = accompany(song, 0, spans_of("C Fmaj7 G7 Am"), "like")
    assert [pitch % 12 for pitch in bass.notes.pitch.tolist()] == [0, 7, 5, 0, 7, 2, 9, 4]
