"""What a user can do, told as stories, with a sound client and a generator that only write down what they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import phrase, save_as, song_of
from ensemble_desk import PatientGenerator
from musicassist.composing.request import Constraints, Take
from musicassist.document.document import Document
from musicassist.document.journal_file import Entry
from musicassist.document.recovery import RecoveryJournal
from musicassist.document.song_edits import set_track_channel
from musicassist.errors import MusicAssistError, SaveError, SeedError
from musicassist.midi import ImportedSong, read_song
from musicassist.score.grid import Grid
from musicassist.score.song import DRUM_CHANNEL, Event, Note, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.session.session import Session, SessionChange
from musicassist.sound.messages import EngineDied, MidiReceived
from quiet_sound import QuietSound


class Desk:
    """A session with one bar of quarter notes, and everything around it."""

    def __init__(self, song: Song | None = None, *, is_ready: bool = True) -> None:
        self.sound = QuietSound()
        self.generator = PatientGenerator(is_ready=is_ready)
        self.document = Document(song or Song(tracks=(Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),)))
        seeds = iter(range(100, 200))
        self.session = Session(self.document, self.sound, self.generator, new_seed=lambda: next(seeds))  # type: ignore[arg-type]
        self.changes: list[SessionChange] = []
        self.session.subscribe(self.changes.append)

    @property
    def notes(self) -> list[Note]:
        return list(self.document.track.notes)

    def kinds(self) -> list[str]:
        return [change.kind for change in self.changes]

    def select(self, *rows: int) -> None:
        mask = np.zeros(len(self.document.track.notes), dtype=np.bool_)
        mask[list(rows)] = True
        self.document.select(mask)

    def makes(self, count: int = 4) -> tuple[Take, ...]:
        """The generator gives back takes of the request that runs, the n-th of n notes."""
        request = self.generator.asked[-1]
        span = self.session.takes.span
        assert span is not None
        takes = tuple(
            Take(
                notes=phrase(*range(70, 70 + number), step_ticks=480, from_tick=span[0]),
                from_tick=span[0],
                to_tick=span[1],
                model=request.model,
                seed=request.seed,
                number=number,
                in_scale_share=1.0,
                originality=1.0,
                constraints=Constraints(),
                revision=request.revision,
            )
            for number in range(1, count + 1)
        )
        self.session.takes.on_takes(request, takes)
        return takes


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
        desk.session.score.set_tempo(tempo)
    desk.session.score.set_meter(3, 4, 2000)
    desk.session.score.set_key(Key(9, "minor"))
    assert desk.document.song.time_map.tempo_bpm_at(0) == pytest.approx(102, abs=0.01)
    assert str(desk.document.song.time_map.meter_at(1920)) == "3/4"
    assert desk.session.key == Key(9, "minor")
    for _ in range(3):
        desk.session.document.undo()
    assert not desk.document.can_undo
    assert desk.session.key == Key(0)
    assert desk.session.score.key() is None


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
    assert not desk.document.can_undo


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
    desk.sound.events = [EngineDied("The sound engine stopped.", "It starts again.", restarted=True)]
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
    assert not desk.document.can_undo
    assert desk.sound.is_playing


# Takes


def test_a_phrase_is_continued_auditioned_and_kept_as_one_step() -> None:
    desk = Desk()
    takes = desk.session.takes
    takes.ask()
    (request,) = desk.generator.asked
    assert (request.kind, request.bars, request.takes, request.seed) == ("continue", 4, 4, 100)
    assert request.selection is None
    assert request.constraints.key == Key(0)
    assert (takes.phase, takes.span) == ("generating", (1920, 5 * 1920))
    takes.on_note(request, 2, Note(1920, 67, 480))
    takes.on_note(request, 2, Note(2400, 69, 480))
    takes.on_note(request, 1, Note(1920, 64, 480))
    assert (len(takes.ghosts(1)), len(takes.ghosts(2)), len(takes.ghosts(3))) == (1, 2, 0)
    assert next((c.take_number, c.note) for c in desk.changes if c.kind == "ghost") == (2, Note(1920, 67, 480))
    made = desk.makes()
    assert (takes.phase, takes.auditioned, takes.offer) == ("offered", 1, made)
    assert desk.sound.heard is made[0].notes and desk.sound.heard_place == (0, 1920, 9600)
    assert desk.sound.loop == (0, 9600)
    assert not desk.sound.is_playing
    takes.audition(3)
    assert desk.sound.heard is made[2].notes
    assert (desk.sound.is_playing, desk.sound.position) == (True, 0)
    desk.sound.position = 2000
    takes.audition_by(1)
    takes.audition_by(1)
    takes.audition_by(-1)
    takes.audition(7)
    assert takes.auditioned == 4
    assert desk.sound.position == 2000
    takes.accept()
    assert takes.phase == "idle"
    assert desk.session.document.undo_name == "Continue phrase"
    assert desk.notes[4:] == list(made[3].notes)
    assert (desk.sound.heard, desk.sound.loop) == (None, None)
    assert not desk.session.notes.has_selection
    desk.session.document.undo()
    assert len(desk.notes) == 4


def test_the_users_own_loop_comes_back_after_the_takes() -> None:
    desk = Desk()
    desk.session.transport.set_loop(480, 960)
    desk.session.takes.ask()
    desk.makes()
    assert desk.sound.loop == (0, 9600)
    desk.session.takes.dismiss()
    assert desk.sound.loop == (480, 960)
    assert desk.session.transport.loop == (480, 960)
    assert not desk.document.can_undo


def test_continue_while_the_model_loads_is_queued() -> None:
    desk = Desk(is_ready=False)
    takes = desk.session.takes
    takes.ask()
    assert (takes.phase, desk.generator.asked) == ("waiting", [])
    desk.session.notes.select_all()
    desk.session.notes.transpose(1)
    desk.session.notes.select_none()
    desk.generator.is_ready = True
    takes.on_model_ready()
    assert takes.phase == "generating"
    assert desk.generator.asked[0].song is desk.document.song
    takes.on_model_ready()
    assert len(desk.generator.asked) == 1


def test_a_queued_press_can_be_cancelled_or_become_senseless() -> None:
    desk = Desk(is_ready=False)
    desk.session.takes.ask()
    desk.session.takes.cancel()
    desk.session.takes.on_model_ready()
    assert desk.generator.asked == []
    desk.session.takes.ask()
    desk.session.notes.select_all()
    desk.session.notes.delete()
    desk.session.takes.on_model_ready()
    assert (desk.session.takes.phase, desk.generator.asked) == ("idle", [])
    assert desk.changes[-1].kind == "message"
    assert "no notes to continue" in desk.changes[-1].template


def test_a_model_that_cannot_be_loaded_ends_the_waiting() -> None:
    desk = Desk(is_ready=False)
    desk.session.takes.ask()
    desk.session.takes.on_no_model(MusicAssistError("No model."))
    assert desk.session.takes.phase == "idle"
    assert desk.changes[-1].template == "No model."


def test_what_comes_late_is_ignored() -> None:
    desk = Desk()
    takes = desk.session.takes
    takes.ask()
    takes.cancel()
    assert (takes.phase, desk.generator.cancelled) == ("idle", 1)
    takes.ask()
    first, second = desk.generator.asked
    takes.on_note(first, 1, Note(0, 60, 1))
    takes.on_takes(first, ())
    takes.on_failure(first, MusicAssistError("late"))
    assert takes.phase == "generating"
    assert len(takes.ghosts(1)) == 0
    takes.on_failure(second, MusicAssistError("It broke: {why}.", why="no reason"))
    assert takes.phase == "idle"
    assert desk.changes[-1].template.format(**desk.changes[-1].values) == "It broke: no reason."


def test_again_asks_with_another_number_and_drops_the_old_takes() -> None:
    desk = Desk()
    takes = desk.session.takes
    takes.set_controls(replace(takes.controls, seed=7, bars=2, takes=2, temperature=0.5, is_in_scale=False))
    takes.ask()
    desk.makes(2)
    takes.again()
    assert [request.seed for request in desk.generator.asked] == [7, 100]
    assert [request.bars for request in desk.generator.asked] == [2, 2]
    assert desk.generator.asked[0].constraints.key is None
    assert (takes.phase, takes.offer, desk.sound.heard) == ("generating", (), None)


def test_the_selection_is_continued_if_there_is_one() -> None:
    desk = Desk()
    desk.select(0, 1)
    desk.session.takes.ask()
    assert desk.generator.asked[0].selection is not None
    assert desk.session.takes.span == (960, 5 * 1920)
    desk.makes(1)
    desk.session.takes.accept()
    assert [n.pitch for n in desk.notes] == [60, 62, 70]


def test_the_songs_own_key_binds_the_takes() -> None:
    desk = Desk()
    desk.session.score.set_key(Key(7))
    desk.session.takes.ask()
    assert desk.generator.asked[-1].constraints.key == Key(7)
    desk.session.takes.set_controls(replace(desk.session.takes.controls, constraints=Constraints(key=Key(5))))
    desk.session.takes.ask()
    assert desk.generator.asked[-1].constraints.key == Key(5)


def test_nothing_to_continue_is_said_in_words() -> None:
    desk = Desk(Song())
    problem = desk.session.takes.why_not()
    assert problem is not None
    assert "no notes" in str(problem)
    with pytest.raises(SeedError):
        desk.session.takes.ask()
    desk.session.notes.insert(phrase(60))
    assert desk.session.takes.why_not() is None
    desk.document.apply("Drums", set_track_channel(desk.document.song, 0, DRUM_CHANNEL))
    with pytest.raises(SeedError, match="Drums"):
        desk.session.takes.ask()


def test_a_take_still_fits_after_edits_elsewhere_but_not_over_new_notes() -> None:
    desk = Desk()
    desk.session.takes.ask()
    desk.select(0)
    desk.session.notes.transpose(1)
    (take,) = desk.makes(1)
    desk.session.notes.insert(Notes.of([Note(2000, 50, 100)]))
    with pytest.raises(MusicAssistError, match="new notes where take 1 would go"):
        desk.session.takes.accept()
    assert desk.session.takes.phase == "offered"
    desk.session.document.undo()
    desk.session.takes.accept()
    assert desk.notes[4:] == list(take.notes)


def test_a_take_goes_with_its_track() -> None:
    desk = Desk(Song(tracks=(Track("A", phrase(60)), Track("B", phrase(62), channel=3))))
    desk.session.tracks.select(1)
    desk.session.takes.ask()
    desk.makes(1)
    desk.session.tracks.select(0)
    desk.session.takes.accept()
    assert desk.document.selected_track == 1
    assert len(desk.notes) == 2


@pytest.mark.parametrize("is_made_before", [True, False])
def test_takes_follow_their_track_are_heard_there_and_kept_there(is_made_before: bool) -> None:
    desk = Desk(Song(tracks=(Track("A", phrase(60)), Track("B", phrase(62)), Track("C", phrase(64)))))
    desk.session.tracks.select(1)
    desk.session.takes.ask()
    if is_made_before:
        desk.makes(1)
    desk.session.tracks.move(1, 2)
    desk.session.tracks.remove(0)
    desk.session.tracks.move(0, 1)
    desk.session.tracks.add("D")
    if not is_made_before:
        desk.makes(1)
    assert (desk.sound.heard_place[0], desk.session.takes.track_index) == (0, 0)
    desk.session.takes.accept()
    assert [(track.name, len(track.notes)) for track in desk.document.song.tracks] == [("B", 2), ("C", 1), ("D", 0)]
    assert desk.document.selected_track == 0


@pytest.mark.parametrize("is_made_before", [True, False])
def test_takes_go_with_their_track_when_it_is_removed(is_made_before: bool) -> None:
    desk = Desk(Song(tracks=(Track("A", phrase(60)), Track("B", phrase(62)))))
    desk.session.tracks.select(0)
    desk.session.takes.ask()
    if is_made_before:
        desk.makes(1)
    desk.session.tracks.remove(0)
    assert (desk.session.takes.phase, desk.session.takes.track_index, desk.sound.heard) == ("idle", None, None)


def test_takes_cannot_be_heard_or_kept_before_there_are_any() -> None:
    desk = Desk()
    desk.session.takes.audition(1)
    desk.session.takes.audition_by(1)
    desk.session.takes.accept()
    desk.session.takes.dismiss()
    assert desk.changes == []
    assert desk.sound.heard is None


def test_no_takes_at_all_is_the_end_of_it() -> None:
    desk = Desk()
    desk.session.takes.ask()
    desk.session.takes.on_takes(desk.generator.asked[0], ())
    assert desk.session.takes.phase == "idle"


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


def four_bars() -> Song:
    return Song(tracks=(Track("Melody", phrase(*range(60, 76), step_ticks=480)),))


def test_selected_bars_are_filled_as_one_step_and_the_rest_stays() -> None:
    desk = Desk(four_bars())
    desk.select(5, 6)
    takes = desk.session.takes
    takes.ask(desk.session.ask_for("infill"))
    (request,) = desk.generator.asked
    assert (request.kind, request.from_tick, request.to_tick) == ("infill", 1920, 3840)
    assert takes.span == (1920, 3840)
    made = desk.makes()
    assert desk.sound.heard is made[0].notes and desk.sound.heard_place == (0, 1920, 3840)
    assert desk.sound.loop == (0, 3840)
    takes.audition(2)
    takes.accept()
    assert desk.session.document.undo_name == "Fill bars"
    assert [note.pitch for note in desk.notes] == [60, 61, 62, 63, 70, 71, *range(68, 76)]
    desk.session.document.undo()
    assert [note.pitch for note in desk.notes] == list(range(60, 76))


def test_the_loop_says_which_bars_to_fill_and_again_asks_for_the_same_ones() -> None:
    desk = Desk(four_bars())
    desk.session.transport.set_loop(3840, 5760)
    takes = desk.session.takes
    takes.ask(desk.session.ask_for("infill"))
    desk.makes()
    assert desk.session.transport.active_loop == (1920, 5760)  # with a bar of lead-in
    takes.again()
    desk.session.transport.toggle_loop()
    takes.again()
    assert {(r.kind, r.from_tick, r.to_tick) for r in desk.generator.asked} == {("infill", 3840, 5760)}
    assert len({r.seed for r in desk.generator.asked}) == 3


def test_again_after_the_takes_are_gone_continues_the_phrase() -> None:
    desk = Desk(four_bars())
    desk.select(5)
    desk.session.takes.ask(desk.session.ask_for("vary"))
    desk.makes()
    desk.session.takes.dismiss()
    desk.session.takes.again()
    assert [request.kind for request in desk.generator.asked] == ["vary", "continue"]


def test_each_kind_is_a_step_of_its_own_name_with_a_model_of_its_own() -> None:
    desk = Desk(four_bars())
    takes = desk.session.takes
    takes.set_controls(replace(takes.controls, models={"vary": "vae", "interpolate": "vae", "generate": "gan"}))
    names = []
    for kind in ("vary", "interpolate", "generate", "infill", "continue"):
        desk.select(5)
        ask = desk.session.ask_for(kind)
        takes.ask(replace(ask, other=four_bars()) if kind == "interpolate" else ask)
        desk.makes(1)
        takes.accept()
        names.append(desk.session.document.undo_name)
        desk.session.document.undo()
    assert names == ["Vary phrase", "Blend phrases", "New phrase", "Fill bars", "Continue phrase"]
    assert [request.model for request in desk.generator.asked] == ["vae", "vae", "gan", "lstm", "lstm"]


def test_something_new_is_written_at_the_playhead_in_the_key_that_holds_there() -> None:
    desk = Desk(four_bars())
    desk.session.score.set_key(Key(2))
    desk.sound.position = 2500
    takes = desk.session.takes
    takes.set_controls(replace(takes.controls, bars=2))
    takes.ask(desk.session.ask_for("generate"))
    assert takes.span == (1920, 5760)
    assert desk.generator.asked[0].constraints.key == Key(2)
    desk.makes(1)
    takes.accept()
    assert [note.pitch for note in desk.notes] == [60, 61, 62, 63, 70, 72, 73, 74, 75]


def test_a_take_fits_over_the_notes_it_was_asked_for_but_not_over_others() -> None:
    desk = Desk(four_bars())
    desk.select(5)
    desk.session.takes.ask(desk.session.ask_for("infill"))
    desk.makes(1)
    desk.select(0)
    desk.session.notes.transpose(1)
    desk.select(6)
    desk.session.notes.transpose(1)
    with pytest.raises(MusicAssistError, match="where take 1 would go have changed"):
        desk.session.takes.accept()
    desk.session.document.undo()
    desk.session.takes.accept()
    assert [note.pitch for note in desk.notes][:6] == [61, 61, 62, 63, 70, 68]


def test_bars_that_were_chosen_while_the_model_loads_are_still_meant_later() -> None:
    desk = Desk(four_bars(), is_ready=False)
    desk.select(5)
    desk.session.takes.ask(desk.session.ask_for("vary"))
    desk.session.notes.select_none()
    desk.generator.is_ready = True
    desk.session.takes.on_model_ready()
    assert (desk.generator.asked[0].kind, desk.session.takes.span) == ("vary", (1920, 3840))


def test_what_is_missing_for_a_kind_is_said_in_words() -> None:
    desk = Desk(four_bars())
    with pytest.raises(SeedError, match="Select some notes"):
        desk.session.ask_for("vary")
    desk.session.notes.select_all()
    problem = desk.session.takes.why_not(desk.session.ask_for("infill"))
    assert problem is not None and "no notes around" in str(problem)
    assert desk.session.takes.why_not(desk.session.ask_for("vary")) is None
