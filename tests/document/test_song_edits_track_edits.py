"""Edits of tracks."""

from __future__ import annotations

import pytest

from musicassist.document import song_edits as track_edits
from musicassist.score.song import Event, Song, Track


def names(song: Song) -> list[str]:
    return [track.name for track in song.tracks]


BAND = Song(tracks=(Track("a"), Track("b", channel=1), Track("c", channel=9)))


def test_tracks_come_go_and_change_places() -> None:
    assert names(track_edits.add_track(BAND, Track("d"))) == ["a", "b", "c", "d"]
    assert names(track_edits.add_track(BAND, Track("d"), 1)) == ["a", "d", "b", "c"]
    assert names(track_edits.remove_track(BAND, 1)) == ["a", "c"]
    assert names(track_edits.move_track(BAND, 0, 2)) == ["b", "c", "a"]
    assert names(track_edits.rename_track(BAND, 2, "drums")) == ["a", "b", "drums"]


def test_a_track_takes_its_controllers_to_another_channel() -> None:
    events = (Event(0, b"\xb1\x07\x64"), Event(5, b"\xe2\x00\x40"), Event(9, b"\xff\x01hi"))
    song = Song(tracks=(Track(channel=1, events=events),))
    moved = track_edits.set_track_channel(song, 0, 4).tracks[0]
    assert moved.channel == 4
    assert [event.data for event in moved.events] == [b"\xb4\x07\x64", b"\xe2\x00\x40", b"\xff\x01hi"]


def test_another_instrument_replaces_the_program_change_of_the_file() -> None:
    song = Song(tracks=(Track(program=5, events=(Event(0, b"\xc0\x05"), Event(960, b"\xc0\x09"))),))
    track = track_edits.set_program(song, 0, 73).tracks[0]
    assert track.program == 73
    assert [event.data for event in track.events] == [b"\xc0\x49", b"\xc0\x09"]


def test_flags_change_one_by_one() -> None:
    muted = track_edits.set_track_flags(BAND, 0, muted=True)
    both = track_edits.set_track_flags(muted, 0, soloed=True).tracks[0]
    assert (both.muted, both.soloed) == (True, True)


def test_a_track_gets_a_port_of_its_own_and_gives_it_back() -> None:
    through = track_edits.set_output_port(BAND, 1, "Drum box")
    assert [track.output_port for track in through.tracks] == [None, "Drum box", None]
    assert track_edits.set_output_port(through, 1, None) == BAND


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="program"):
        track_edits.set_program(BAND, 0, 128)
    with pytest.raises(ValueError, match="channel"):
        track_edits.set_track_channel(BAND, 0, 16)
    assert track_edits.set_program(BAND, 0, 73).tracks[0].program == 73
