"""Edits of tempo, meter, key and chords."""

from __future__ import annotations

import pytest

from musicassist.document import song_edits
from musicassist.errors import MusicAssistError
from musicassist.score.chord_track import ChordSpan, written_chords
from musicassist.score.keys import key_at
from musicassist.score.song import Song
from musicassist.score.theory import Chord, Key, parse_key
from musicassist.score.timing import MeterChange, tempo_change


def test_a_change_replaces_the_one_at_its_place_and_keeps_order() -> None:
    song = song_edits.set_tempo(song_edits.set_tempo(song_edits.set_tempo(Song(), 960, 90), 0, 100), 960, 120)
    assert [(c.tick, round(c.tempo_bpm)) for c in song.tempo_changes] == [(0, 100), (960, 120)]


def test_tempo_is_limited_to_what_a_file_can_hold() -> None:
    assert song_edits.set_tempo(Song(), 0, 0.0).time_map.tempo_bpm_at(0) == pytest.approx(4, abs=0.01)
    assert song_edits.set_tempo(Song(), 0, 1e9).time_map.tempo_bpm_at(0) == pytest.approx(999, abs=0.1)


def test_a_meter_moves_the_bar_lines() -> None:
    song = song_edits.set_meter(Song(), 0, 3, 4)
    assert song.time_map.bar_start_tick(2) == 2880
    with pytest.raises(ValueError, match="4/5"):
        song_edits.set_meter(Song(), 0, 4, 5)


def test_the_key_holds_from_its_tick() -> None:
    song = song_edits.set_key(song_edits.set_key(Song(), 0, Key(2)), 1920, Key(9, "minor"))
    assert key_at(song, 1919).key == Key(2)
    assert key_at(song, 1920).key == Key(9, "minor")
    assert key_at(song_edits.set_key(song, 0, None)).key == Key(9, "minor")


def test_a_key_is_kept_as_it_was_spelled() -> None:
    song = song_edits.set_key(Song(), 0, parse_key("Eb minor"))
    assert str(key_at(song_edits.set_key(song, 0, parse_key("D# minor"))).key) == "D# minor"
    assert str(key_at(song).key) == "Eb minor"


def test_a_change_takes_the_place_of_one_that_stands_a_few_ticks_off() -> None:
    song = Song(meter_changes=(MeterChange(1, 3, 4),), tempo_changes=(tempo_change(2, 90),))
    assert song_edits.set_meter(song, 0, 6, 8).meter_changes == (MeterChange(0, 6, 8),)
    assert song_edits.set_tempo(song, 0, 120).time_map.tempo_bpm_at(0) == pytest.approx(120)


@pytest.mark.parametrize(
    ("meter", "pickup_ticks", "short"),
    [
        ((4, 4), 480, (1, 4)),
        ((4, 4), 240, (1, 8)),
        ((3, 4), 720, (3, 8)),
        ((6, 8), 240, (1, 8)),
        ((6, 8), 720, (3, 8)),
        ((2, 2), 480, (1, 4)),
        ((4, 4), 360, (3, 16)),
    ],
)
def test_bar_one_begins_behind_a_short_bar(meter: tuple[int, int], pickup_ticks: int, short: tuple[int, int]) -> None:
    song = Song(meter_changes=(MeterChange(0, *meter),))
    bar_ticks = song.time_map.bar_start_tick(1)
    begun = song_edits.begin_bar_one(song, pickup_ticks)
    assert begun.meter_changes == (MeterChange(0, *short), MeterChange(pickup_ticks, *meter))
    assert begun.time_map.bar_start_tick(2) == pickup_ticks + bar_ticks
    assert song_edits.begin_bar_one(song, pickup_ticks + 5 * bar_ticks) == begun  # said at a later bar
    assert song_edits.begin_bar_one(begun, pickup_ticks) == begun
    assert song_edits.begin_bar_one(begun, 0).meter_changes == (MeterChange(0, *meter),)


def test_a_pickup_may_become_another_and_later_meters_stay() -> None:
    song = Song(meter_changes=(MeterChange(0, 4, 4), MeterChange(480 + 4 * 1920, 3, 4)))
    begun = song_edits.begin_bar_one(song_edits.begin_bar_one(song, 960), 480)
    assert begun.meter_changes == (MeterChange(0, 1, 4), MeterChange(480, 4, 4), MeterChange(480 + 4 * 1920, 3, 4))


def test_a_pickup_that_no_time_signature_can_hold_is_refused_in_words() -> None:
    with pytest.raises(MusicAssistError, match="grid"):
        song_edits.begin_bar_one(Song(), 481)


def test_a_chord_is_written_moved_and_given_back() -> None:
    song = song_edits.write_chord(Song(), 0, 1920, Chord(9, "m7"))
    assert [(mark.tick, str(mark)) for mark in written_chords(song)] == [(0, "Am7"), (1920, "(heard)")]
    song = song_edits.move_chord_bound(song, 1920, 2400)
    assert [(mark.tick, str(mark)) for mark in written_chords(song)] == [(0, "Am7"), (2400, "(heard)")]
    assert written_chords(song_edits.write_chord(song, 0, 2400, None)) == ()


def test_several_chords_are_written_over_their_stretches() -> None:
    spans = [ChordSpan(1920, 3840, Chord(5)), ChordSpan(3840, 5760, Chord(7, "7"))]
    song = song_edits.write_chords(Song(), spans)
    assert [(mark.tick, str(mark)) for mark in written_chords(song)] == [(1920, "F"), (3840, "G7"), (5760, "(heard)")]
    assert song_edits.write_chords(song, ()) is song
