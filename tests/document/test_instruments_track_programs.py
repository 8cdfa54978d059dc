"""Programs and banks of a track: which holds where, choosing another, and what playing them in leaves behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.document.instruments import (
    Instrument,
    TrackInstruments,
    choose_instrument,
    instrument_at,
    settle_programs,
)
from musicassist.midi import read_song, save_song
from musicassist.score.song import Event, Notes, Song, Track

STRINGS, BRASS = 48, 61


def song_of(*events: Event, program: int = 0, notes: Notes | None = None) -> Song:
    melody = phrase(60, 62, 64, 65, step_ticks=480) if notes is None else notes
    return Song((Track("Melody", melody, channel=3, program=program, events=events),), 480)


def programs(song: Song) -> list[tuple[int, int]]:
    return [(event.tick, event.data[1]) for event in song.tracks[0].events if event.data[0] & 0xF0 == 0xC0]


def test_the_instrument_of_a_place_is_the_last_program_with_the_bank_before_it() -> None:
    banks = Event(0, b"\xb3\x00\x08"), Event(480, b"\xb3\x20\x02")
    track = song_of(*banks, Event(960, b"\xc3\x30"), Event(1440, b"\xb3\x00\x01"), program=5).tracks[0]
    assert instrument_at(track, 0) == Instrument(5, (8, None))
    assert instrument_at(track, 959) == Instrument(5, (8, None))
    assert instrument_at(track, 960) == Instrument(STRINGS, (8, 2))
    assert instrument_at(track, 2000) == Instrument(STRINGS, (8, 2))


def test_instruments_are_found_anew_when_events_change_and_not_when_notes_do() -> None:
    instruments, song = TrackInstruments(), song_of(Event(480, b"\xc3\x30"))
    assert instruments.at(song, 0, 480).program == STRINGS
    with_more = song.with_track(0, song.tracks[0].with_notes(phrase(60, 62, 64, 65, 67, step_ticks=480)))
    assert instruments.at(with_more, 0, 480).program == STRINGS
    assert instruments.at(song_of(Event(480, b"\xc3\x3d")), 0, 480).program == BRASS


def test_the_instrument_of_a_shared_channel_is_what_any_of_its_tracks_told_it() -> None:
    melody, other = song_of().tracks[0], Track("Other", phrase(48, 50), channel=3, program=STRINGS)
    instruments = TrackInstruments()
    assert instruments.at(Song((melody, other), 480), 0, 0).program == STRINGS
    assert instruments.at(Song((melody,), 480), 0, 0).program == 0


def test_an_edit_of_notes_asks_no_other_track_again() -> None:
    events = tuple(Event(tick, bytes((0xB3, 11, tick % 128))) for tick in range(500))
    tracks = [Track(str(number), phrase(60), channel=3, program=number % 128, events=events) for number in range(60)]
    song, instruments = Song(tuple(tracks), 480), TrackInstruments()
    instruments.at(song, 0, 0)
    heard = instruments._track
    edited = song.with_track(0, song.tracks[0].with_notes(phrase(60, 62)))
    instruments.at(edited, 0, 0)
    assert instruments._track is heard


@given(st.integers(0, 127), st.tuples(st.none() | st.integers(0, 127), st.none() | st.integers(0, 127)))
def test_what_is_chosen_holds_from_the_start(program: int, bank: tuple[int | None, int | None]) -> None:
    song = choose_instrument(song_of(), 0, Instrument(program, bank))
    assert song.tracks[0].program == program
    assert instrument_at(song.tracks[0], 0) == Instrument(program, bank)


def test_another_bank_takes_the_place_of_the_one_before_and_later_changes_stay() -> None:
    later = Event(960, b"\xb3\x00\x01"), Event(960, b"\xc3\x3d")
    song = choose_instrument(song_of(*later), 0, Instrument(STRINGS, (8, 0)))
    song = choose_instrument(song, 0, Instrument(BRASS, (9, None)))
    told = [b"\xb3\x00\x09", b"\xc3\x3d"]  # in words, for the first program of a file is not heard before its tick
    assert [event.data for event in song.tracks[0].events] == [*told, *(event.data for event in later)]


def test_a_chosen_bank_and_program_are_saved(tmp_path: object) -> None:
    song = choose_instrument(song_of(), 0, Instrument(STRINGS, (8, 2)))
    path = tmp_path / "song.mid"  # type: ignore[operator]
    save_song(song, path)
    track = read_song(path).song.tracks[0]
    assert instrument_at(track, 0) == Instrument(STRINGS, (8, 2))


@pytest.mark.parametrize("tick", [0, 240])
def test_a_program_played_before_the_first_note_is_the_tracks_instrument(tick: int) -> None:
    notes = phrase(60, 62, step_ticks=480, from_tick=240)
    song = song_of(Event(tick, b"\xb0\x00\x08"), Event(tick, b"\xc0\x30"), notes=notes)
    track = settle_programs(song, 0, Track("Melody"), [(0, 1200)]).tracks[0]
    assert (track.program, instrument_at(track, 0)) == (STRINGS, Instrument(STRINGS, (8, None)))
    assert programs(Song((track,))) == []


def test_what_plays_on_behind_a_recording_has_its_own_instrument_again() -> None:
    before = song_of(program=5)
    song = song_of(Event(500, b"\xc3\x30"), program=5)
    assert programs(settle_programs(song, 0, before.tracks[0], [(480, 960)])) == [(500, STRINGS), (960, 5)]
    assert programs(settle_programs(song, 0, before.tracks[0], [(480, 1920)])) == [(500, STRINGS)]
