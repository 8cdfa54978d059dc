"""Tracks, tempo, meter and key as commands."""

from __future__ import annotations

import pytest

from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.theory import Key
from session_desk import Desk


def test_tracks_come_and_go_with_their_selection() -> None:
    desk = Desk()
    tracks = desk.session.tracks
    tracks.add(program=33)
    tracks.add("Kit", is_drums=True)
    assert [(t.name, t.channel) for t in desk.document.song.tracks] == [("Melody", 0), ("Track 2", 1), ("Kit", 9)]
    assert desk.document.selected_track == 2
    assert desk.sound.told("live_track")[-1] == (DRUM_CHANNEL, 0)
    tracks.move(2, 0)
    assert desk.document.selected_track == 0
    tracks.select(2)
    tracks.remove(0)
    assert desk.document.track.name == "Track 2"
    tracks.select_next()
    tracks.select_previous()
    assert desk.document.track.name == "Melody"
    tracks.rename(0, "Voice")
    tracks.set_program(0, 52)
    tracks.toggle_mute()
    tracks.toggle_solo()
    assert desk.sound.told("live_track")[-1] == (0, 52)
    assert (desk.document.track.muted, desk.document.track.soloed) == (True, True)
    for _ in range(9):
        desk.session.document.undo()
    assert [track.name for track in desk.document.song.tracks] == ["Melody"]


def test_tempo_meter_and_key() -> None:
    desk = Desk()
    for tempo in (100, 101, 102):
        desk.session.song_commands.set_tempo(tempo)
    desk.session.song_commands.set_meter(3, 4, 2000)
    desk.session.song_commands.set_key(Key(9, "minor"))
    assert desk.document.song.time_map.tempo_bpm_at(0) == pytest.approx(102, abs=0.01)
    assert str(desk.document.song.time_map.meter_at(1920)) == "3/4"
    assert desk.session.key == Key(9, "minor")
    for _ in range(3):
        desk.session.document.undo()
    assert desk.document.undo_name is None
    assert desk.session.key == Key(0)
    assert desk.session.song_commands.key() is None
