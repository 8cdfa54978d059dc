"""What a user can do, told as stories, with a sound client and a generator that only write down what they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from builders import phrase, save_as, song_of
from musicassist.document.entry import Entry
from musicassist.document.recovery import RecoveryJournal
from musicassist.errors import SaveError, Words
from musicassist.midi import ImportedSong, read_song
from musicassist.score.grid import Grid
from musicassist.score.song import Event, Note, Song, Track
from musicassist.score.theory import Key
from musicassist.session.session import SessionChange
from musicassist.sound.messages import EngineDied, MidiReceived
from session_desk import Desk

# Editing


def test_arrow_presses_are_one_step_and_do_not_eat_what_they_pass() -> None:
    desk = Desk(song_of(Note(0, 60, 480), Note(0, 62, 480)))
    desk.select(0)
    for _ in range(4):
        desk.session.notes.transpose(1)
    assert [n.pitch for n in desk.notes] == [62, 64]
    desk.session.document.undo()
    assert [n.pitch for n in desk.notes] == [60, 62]
    assert desk.session.document.undo_name is None
    desk.session.document.redo()
    assert desk.session.document.undo_name == "Transpose"


def test_presses_at_the_edge_of_the_range_turn_back_at_once() -> None:
    desk = Desk(song_of(Note(0, 120, 480)))
    desk.session.notes.select_all()
    desk.session.notes.transpose(12)
    desk.session.notes.transpose(-1)
    assert desk.notes[0].pitch == 126
    desk.session.notes.nudge(-3)
    desk.session.notes.nudge(1)
    assert desk.notes[0].start_tick == 120
    desk.session.notes.lengthen(-9)
    desk.session.notes.lengthen(1)
    assert desk.notes[0].duration_ticks == 121


def test_presses_against_the_start_of_the_song_are_not_counted() -> None:
    desk = Desk(song_of(Note(300, 60, 480)))
    desk.session.notes.select_all()
    desk.session.notes.nudge(-3)
    assert desk.notes[0].start_tick == 0
    desk.session.notes.nudge(1)
    assert desk.notes[0].start_tick == 120


def test_nudging_by_triplets_of_an_odd_division_adds_up() -> None:
    desk = Desk(replace(song_of(Note(0, 60, 50)), ticks_per_beat=100))
    desk.session.notes.set_grid(Grid(8, is_triplet=True))
    desk.session.notes.select_all()
    for _ in range(3):
        desk.session.notes.nudge(1)
    assert desk.notes[0].start_tick == 100


def test_alt_arrows_walk_in_the_key() -> None:
    desk = Desk()
    desk.session.notes.select_all()
    desk.session.notes.transpose_in_scale(1, Key(0))
    desk.session.notes.transpose_in_scale(1, Key(0))
    assert [n.pitch for n in desk.notes] == [64, 65, 67, 69]
    desk.session.document.undo()
    assert [n.pitch for n in desk.notes] == [60, 62, 64, 65]


def test_cut_copy_and_paste() -> None:
    desk = Desk()
    notes = desk.session.notes
    notes.paste(0)
    assert not notes.can_paste
    desk.select(1, 2)
    notes.copy()
    notes.paste(1925)
    assert desk.notes[4:] == [Note(1920, 62, 480), Note(2400, 64, 480)]
    assert notes.selected_span() == (1920, 2880)
    notes.cut()
    assert len(desk.notes) == 4
    assert desk.session.document.undo_name == "Cut notes"
    notes.paste(1920)
    assert len(desk.notes) == 6
    assert desk.kinds() == ["clipboard", "clipboard"]


def test_pasting_into_a_song_of_another_division_keeps_the_rhythm() -> None:
    desk = Desk(song_of(Note(600, 60, 120)))
    desk.session.notes.select_all()
    desk.session.notes.copy()
    desk.session.open(ImportedSong(Song(tracks=(Track(),), ticks_per_beat=96), (), 1, 0), None)
    desk.session.notes.paste(192)
    assert desk.notes == [Note(192 + 24, 60, 24)]


def test_selecting_by_keyboard() -> None:
    desk = Desk()
    notes = desk.session.notes
    notes.select_next()
    notes.select_next()
    assert desk.document.track.notes.where(desk.document.selection)[0].pitch == 62
    notes.select_previous()
    notes.select_previous()
    assert desk.document.track.notes.where(desk.document.selection)[0].pitch == 60
    notes.select_none()
    assert not notes.has_selection
    notes.select_previous()
    assert desk.document.track.notes.where(desk.document.selection)[0].pitch == 65
    desk.document.select(desk.document.track.notes.pitch == 64)
    assert notes.selected_span() == (960, 1440)


def test_every_command_is_a_step_with_a_name() -> None:
    desk = Desk()
    notes = desk.session.notes
    commands = (
        lambda: notes.change_velocity(3),
        notes.staccato,
        notes.legato,
        lambda: notes.split(240),
        notes.join,
        notes.duplicate,
        notes.delete,
    )
    names = []
    for command in commands:
        notes.select_all()
        command()
        names.append(desk.session.document.undo_name)
    assert names == [
        "Change velocity", "Staccato", "Legato", "Split notes", "Join notes", "Duplicate notes", "Delete notes",
    ]  # fmt: skip
    assert desk.notes == []


def test_quantise_takes_the_whole_track_if_nothing_is_selected() -> None:
    desk = Desk(song_of(Note(13, 60, 100), Note(490, 62, 100)))
    desk.session.notes.quantise()
    assert [n.start_tick for n in desk.notes] == [0, 480]
    assert not desk.session.notes.has_selection


def test_split_without_a_selection_cuts_what_sounds_there() -> None:
    desk = Desk()
    desk.session.notes.split(700)
    assert [n.start_tick for n in desk.notes] == [0, 480, 720, 960, 1440]


# Files


def test_a_saved_song_gives_its_name_to_the_window(tmp_path: Path) -> None:
    desk = Desk()
    assert desk.session.title() == "Untitled[*] \N{EN DASH} musicassist"
    desk.select(0)
    desk.session.notes.change_velocity(-9)
    save_as(desk.session, tmp_path / "story.mid")
    assert desk.session.title() == "story.mid[*] \N{EN DASH} musicassist"
    assert not desk.document.is_modified
    desk.session.notes.select_all()
    desk.session.notes.transpose(1)
    save_as(desk.session, tmp_path / "story.mid")
    assert read_song(tmp_path / "story.mid").song.tracks[0].notes == desk.document.track.notes
    assert desk.document.path == tmp_path / "story.mid"


def test_a_failed_save_keeps_the_work_and_its_mark(tmp_path: Path) -> None:
    desk = Desk()
    desk.session.notes.select_all()
    desk.session.notes.transpose(1)
    with pytest.raises(SaveError):
        save_as(desk.session, tmp_path / "missing" / "story.mid")
    assert desk.document.is_modified
    assert desk.document.path is None


def test_opening_starts_over() -> None:
    desk = Desk()
    desk.session.transport.seek(480)
    desk.session.transport.set_loop(0, 480)
    desk.session.transport.play()
    desk.session.takes.ask()
    desk.makes()
    desk.session.new()
    assert (desk.sound.position, desk.sound.is_playing, desk.sound.loop, desk.sound.heard) == (0, False, None, None)
    assert desk.session.takes.phase == "idle"
    assert desk.sound.song is desk.document.song
    assert desk.document.undo_name is None


def test_work_that_a_crash_left_is_unsaved_work_on_its_file(tmp_path: Path) -> None:
    crashed = RecoveryJournal(tmp_path)
    song = Song(tracks=(Track("A", phrase(60)), Track("B", phrase(62))))
    crashed.record(Entry(song, Path("/music/lost.mid"), 1, is_incomplete=True))
    crashed.close(keep=True)
    desk, journal = Desk(), RecoveryJournal(tmp_path)
    desk.session.recover(journal.load(journal.recoveries()[0]))
    assert desk.session.title() == "lost.mid[*] \N{EN DASH} musicassist"
    assert desk.document.is_modified
    assert desk.document.track.name == "B"
    assert desk.document.is_incomplete


# Sound


def test_every_edit_reaches_the_engine() -> None:
    desk = Desk()
    desk.session.notes.select_all()
    desk.session.notes.transpose(1)
    desk.session.document.undo()
    assert [song.tracks[0].notes.pitch[0] for song in desk.sound.songs] == [60, 61, 60]
    desk.session.transport.preview(60, 90)
    assert desk.sound.told("preview") == [(60, 90, 0, 0)]


def test_play_stop_and_return() -> None:
    desk = Desk()
    transport = desk.session.transport
    transport.seek(480)
    transport.toggle()
    desk.sound.position = 1200
    transport.toggle()
    assert (transport.is_playing, transport.position_tick()) == (False, 1200)
    transport.play()
    desk.sound.position = 1500
    transport.stop_and_return()
    assert transport.position_tick() == 1200
    transport.return_to_start()
    transport.seek(-5)
    assert transport.position_tick() == 0
    transport.toggle_metronome()
    transport.panic()
    assert (desk.sound.told("metronome"), desk.sound.told("panic")) == ([(True,)], [()])


def test_loops_of_the_selection_and_of_everything() -> None:
    desk = Desk(song_of(Note(500, 60, 600), Note(2000, 62, 100)))
    desk.session.toggle_loop()
    assert desk.sound.loop == (0, 3840)
    desk.session.toggle_loop()
    assert desk.sound.loop is None
    desk.select(0)
    desk.session.loop_to_selection()
    assert desk.sound.loop == (480, 1440)
    desk.sound.position = 3000
    desk.session.transport.play()
    assert desk.sound.position == 480
    desk.session.transport.clear_loop()
    desk.session.toggle_loop()
    assert desk.sound.loop == (480, 1440)


def test_the_end_of_the_song_is_told() -> None:
    desk = Desk()
    desk.session.transport.play()
    desk.sound.end()
    desk.changes.clear()
    desk.session.poll_sound()
    assert desk.kinds() == ["transport"]


def midi(*messages: tuple[float, Sequence[int]]) -> MidiReceived:
    ticks = tuple(tick for tick, _ in messages)
    return MidiReceived(tuple(tick / 960 for tick in ticks), ticks, tuple(bytes(data) for _, data in messages))


def test_a_live_keyboard_is_recorded_at_the_playhead_as_one_step() -> None:
    desk = Desk()
    desk.session.transport.seek(1920)
    desk.session.input.toggle_recording()
    assert desk.sound.is_playing
    desk.sound.events = [
        midi((2000, (0x90, 72, 90)), (2200, (0x80, 72, 0)), (2210, (0xB0, 64, 127)), (2300, (0x90, 74, 80)))
    ]
    desk.sound.position = 2400
    desk.session.poll_sound()
    assert list(desk.session.input.recorded_notes()) == [Note(2000, 72, 200, 90), Note(2300, 74, 100, 80)]
    desk.session.tracks.add("Elsewhere")
    desk.session.transport.stop()
    assert not desk.session.input.is_recording
    assert desk.session.document.undo_name == "Record notes"
    assert desk.document.selected_track == 0
    assert desk.notes[4:] == [Note(2000, 72, 200, 90), Note(2300, 74, 100, 80)]
    assert Event(2210, b"\xb0\x40\x7f") in desk.document.track.events
    desk.session.document.undo()
    assert len(desk.document.song.tracks[0].notes) == 4
    assert len(desk.session.input.recorded_notes()) == 0


def test_a_recording_that_is_stopped_by_going_back_ends_where_it_was_heard_last() -> None:
    desk = Desk()
    desk.session.transport.seek(1920)
    desk.session.input.toggle_recording()
    desk.sound.events = [midi((2000, (0xB0, 64, 127)), (2000, (0x90, 72, 90)))]
    desk.session.poll_sound()
    desk.sound.position = 2400
    desk.session.transport.stop_and_return()
    assert desk.sound.position == 1920
    assert desk.notes[4:] == [Note(2000, 72, 400, 90)]
    assert desk.document.track.events == (Event(2000, b"\xb0\x40\x7f"), Event(2400, b"\xb0\x40\x00"))


def test_a_key_that_is_down_when_the_sound_engine_dies_ends_there_and_the_recording_goes_on() -> None:
    desk = Desk()
    desk.session.transport.seek(1920)
    desk.session.input.toggle_recording()
    desk.session.receive(midi((2000, (0x90, 72, 90))))
    desk.sound.position = 2400
    desk.sound.events = [EngineDied(Words("The sound engine stopped."), Words("It starts again."), restarted=True)]
    desk.session.poll_sound()
    desk.sound.position = 9600
    assert list(desk.session.input.recorded_notes()) == [Note(2000, 72, 400, 90)]


def test_a_recording_whose_track_was_removed_is_kept_and_that_is_said() -> None:
    desk = Desk()
    desk.session.tracks.add("Bass")
    desk.session.input.toggle_recording()
    desk.session.receive(midi((2000, (0x90, 72, 90)), (2200, (0x80, 72, 0))))
    desk.session.tracks.remove(1)
    desk.session.input.toggle_recording()
    assert (desk.document.track.name, desk.notes) == ("Bass", [Note(2000, 72, 200, 90)])
    said = desk.changes[-1]
    assert said.template.startswith("The track was removed.")
    assert said.values == {"count": 1, "track": "Bass"}


def test_recording_nothing_is_no_step() -> None:
    desk = Desk()
    desk.session.input.toggle_recording()
    desk.session.input.toggle_recording()
    assert desk.document.undo_name is None
    assert desk.sound.is_playing


# Takes


def test_listeners_may_leave() -> None:
    desk = Desk()
    heard: list[SessionChange] = []
    leave = desk.session.subscribe(heard.append)
    desk.session.notes.set_grid(Grid(8))
    desk.session.notes.set_grid(Grid(8))
    leave()
    desk.session.notes.set_grid(Grid(4))
    assert [change.kind for change in heard] == ["grid"]


# Takes of other kinds
