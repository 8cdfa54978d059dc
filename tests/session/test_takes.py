"""Takes are asked for, heard, kept and let go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.plan import BarPlan, Relation
from musicassist.composing.request import Constraints
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.document.song_edits import set_track_channel
from musicassist.errors import MusicAssistError, SeedError
from musicassist.score.chord_track import ChordSpan, written_chords
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Chord, Key
from session_desk import Desk


def test_how_far_it_is_composed_belongs_to_the_request_that_runs() -> None:
    desk = Desk()
    takes = desk.session.takes
    takes.ask()
    first = desk.generator.asked[-1]
    assert first.composed == 8
    takes.on_progress(first, 0.25)
    assert (takes.current.composed_share, takes.phase) == (0.25, "generating")
    takes.again()
    takes.on_progress(first, 0.75)
    assert takes.current.composed_share == 0
    desk.makes()
    takes.on_progress(desk.generator.asked[-1], 0.5)
    assert takes.current.composed_share == 0


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
    assert desk.document.undo_name is None


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
    free = Constraints(scale_strength="off")
    takes.set_controls(replace(takes.controls, seed=7, bars=2, takes=2, temperature=0.5, constraints=free))
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
    desk.session.song_commands.set_key(Key(7))
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
    desk.session.song_commands.set_key(Key(2))
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


def test_what_a_press_would_ask_for_is_read_ahead_while_nobody_asks() -> None:
    desk = Desk()
    takes, generator = desk.session.takes, desk.generator
    takes.read_ahead()
    takes.ask()
    (foreseen,), (asked,) = generator.foreseen, generator.asked
    assert replace(foreseen, seed=asked.seed, revision=asked.revision) == asked
    takes.read_ahead()
    assert len(generator.foreseen) == 1  # it composes
    desk.makes()
    desk.select(0, 1)
    takes.read_ahead()
    takes.ask()
    assert np.array_equal(generator.foreseen[-1].selection, generator.asked[-1].selection)


def test_nothing_is_read_ahead_without_a_model_or_notes() -> None:
    for desk in (Desk(is_ready=False), Desk(Song(tracks=(Track("Melody"),)))):
        desk.session.takes.read_ahead()
        assert not desk.generator.foreseen


def test_chords_that_a_take_proposes_are_kept_with_it_as_one_step() -> None:
    desk = Desk()
    takes = desk.session.takes
    takes.ask()
    made = [replace(take, chords=(ChordSpan(1920, 3840, Chord(5)),)) for take in desk.makes()]
    takes.ask()
    takes.on_takes(desk.generator.asked[-1], tuple(made))
    takes.accept()
    marks = written_chords(desk.session.document.song)
    assert [(mark.tick, str(mark)) for mark in marks] == [(1920, "F"), (3840, "(heard)")]
    assert desk.notes[4:] == list(made[0].notes)
    desk.session.document.undo()
    assert (written_chords(desk.session.document.song), len(desk.notes)) == ((), 4)


def test_a_changed_plan_is_composed_again_and_an_unchanged_one_is_not() -> None:
    desk = Desk()
    takes = desk.session.takes
    takes.ask()
    plan = TakePlan(Intent.CONTRAST, 1, (BarPlan(Relation.NEW),) * 4, 1, 2)
    desk.makes(2, plan)
    takes.again()
    assert desk.generator.asked[-1].plan == ()
    desk.makes(2, plan)
    takes.change_planned(1)
    assert takes.current.plan == plan.changed(1)
    takes.change_planned(9)  # there is no such bar
    takes.again()
    assert desk.generator.asked[-1].plan == plan.changed(1).bars
