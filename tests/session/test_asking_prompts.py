"""Continue means what was written: stories of selections, edits and the playhead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from builders import phrase
from ensemble_desk import EnsembleDesk, take_of
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import Span, request_amends, span_of
from musicassist.score.seam import amends_words
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import tempo_change
from musicassist.sound.messages import MidiReceived

BAR = 1920
EIGHT_BARS = Song(tracks=(Track("Tune", phrase(*(60, 62, 64, 65) * 8, step_ticks=480)), Track("Other")))


def desk_with(song: Song = EIGHT_BARS) -> EnsembleDesk:
    return EnsembleDesk(song)


def asked(desk: EnsembleDesk) -> tuple[GenerationRequest, Span]:
    desk.session.takes.ask()
    request = desk.generator.asked[-1]
    return request, span_of(request)


def select(desk: EnsembleDesk, *rows: int) -> None:
    desk.document.select(np.isin(np.arange(len(desk.document.track.notes)), rows))


def offer(desk: EnsembleDesk) -> None:
    request, span = asked(desk)
    take = take_of(request, phrase(72, 74, from_tick=span.from_tick), (span.from_tick, span.to_tick))
    desk.session.takes.on_takes(request, (take,))


def draw_phrase(desk: EnsembleDesk) -> None:
    """Note by note, as with the mouse: each is selected when it is drawn."""
    desk.session.notes.select_all()
    desk.session.notes.delete()
    for bar in range(8):
        for beat in range(4):
            desk.session.notes.insert(Notes.of([Note(bar * BAR + beat * 480, 60 + beat, 480)]))


def correct_in_the_middle(desk: EnsembleDesk) -> None:
    select(desk, 10)
    desk.session.notes.transpose(1)


def correct_a_bar_in_the_middle(desk: EnsembleDesk) -> None:
    select(desk, 8, 9, 10, 11)
    desk.session.notes.transpose(12)


def paste(desk: EnsembleDesk) -> None:
    select(desk, 0, 1, 2, 3)
    desk.session.notes.copy()
    desk.session.notes.paste(2 * BAR)


def step_in(desk: EnsembleDesk) -> None:
    desk.session.transport.seek(8 * BAR)
    desk.session.input.toggle_stepping()
    desk.session.receive(MidiReceived((0.0, 0.1), (0.0, 96.0), (b"\x90\x40\x50", b"\x80\x40\x00")))
    desk.session.input.toggle_stepping()


def record(desk: EnsembleDesk) -> None:
    """Two bars more, held for two beats each."""
    desk.session.transport.put_playhead(8 * BAR)
    desk.session.input.toggle_recording()
    ticks = (8.0 * BAR, 8.0 * BAR + 960, 9.0 * BAR, 9.0 * BAR + 960)
    messages = (b"\x90\x40\x50", b"\x80\x40\x00", b"\x90\x43\x50", b"\x80\x43\x00")
    desk.session.receive(MidiReceived(tuple(tick / 960 for tick in ticks), ticks, messages))
    desk.sound.position = 10 * BAR
    desk.session.input.toggle_recording()
    assert desk.session.notes.has_selection


def undo_and_redo(desk: EnsembleDesk) -> None:
    select(desk, 8, 9, 10, 11)
    desk.session.notes.transpose(1)
    desk.session.document.undo()
    assert desk.session.notes.has_selection
    desk.session.document.redo()


@pytest.mark.parametrize(
    "write", [draw_phrase, correct_in_the_middle, correct_a_bar_in_the_middle, paste, step_in, record, undo_and_redo]
)
def test_the_prompt_is_the_phrase_after_whatever_was_written(write: Callable[[EnsembleDesk], None]) -> None:
    desk = desk_with()
    write(desk)
    _, span = asked(desk)
    assert span.seed == desk.document.track.notes
    assert span.from_tick == desk.document.track.end_tick >= 8 * BAR
    assert desk.session.takes.prompt().source == "end"
    assert desk.session.takes.prompt().replaced_count == 0


@pytest.mark.parametrize("rows", [(0, 1, 2, 3), (4, 5, 6), (28, 29, 30, 31)])
def test_notes_selected_by_hand_are_continued_and_what_they_replace_is_known(rows: tuple[int, ...]) -> None:
    desk = desk_with()
    select(desk, *rows)
    _, span = asked(desk)
    assert len(span.seed) == len(rows)
    assert span.from_tick == 480 * (rows[-1] + 1)
    prompt = desk.session.takes.prompt()
    assert (prompt.source, prompt.seed_count, prompt.replaced_count) == (
        "selection",
        len(rows),
        min(31 - rows[-1], 16 + 3 - rows[-1] % 4),
    )


def test_what_was_selected_by_hand_counts_no_more_once_it_is_edited_but_may_be_said() -> None:
    desk = desk_with()
    select(desk, 0, 1, 2, 3)
    desk.session.tracks.rename(1, "Bass")
    assert desk.session.takes.prompt().source == "selection"  # the notes and the choice are as they were
    desk.session.notes.change_velocity(5)
    assert desk.session.takes.prompt().source == "end"
    desk.session.takes.choose_prompt("selection")
    _, span = asked(desk)
    assert len(span.seed) == 4
    desk.session.notes.select_all()
    desk.session.takes.choose_prompt("end")
    assert desk.session.takes.prompt().source == "end"
    select(desk, 4, 5, 6, 7)  # who selects notes means them
    assert desk.session.takes.prompt().source == "selection"


def test_a_playhead_put_inside_the_song_is_where_to_go_on_and_the_bars_it_covers_are_replaced() -> None:
    desk = desk_with()
    desk.session.transport.put_playhead(4 * BAR)
    assert desk.session.takes.prompt().take_bars == (5, 8)
    offer(desk)
    request = desk.generator.asked[-1]
    assert (request.at_tick, span_of(request).from_tick, span_of(request).to_tick) == (4 * BAR, 4 * BAR, 8 * BAR)
    desk.session.takes.accept()
    assert desk.notes == [*phrase(*(60, 62, 64, 65) * 4, step_ticks=480), *phrase(72, 74, from_tick=4 * BAR)]
    assert desk.session.takes.prompt().source == "end"  # the next press goes on from what was kept


def test_a_playhead_that_merely_stopped_there_means_nothing() -> None:
    desk = desk_with()
    desk.session.transport.put_playhead(4 * BAR)
    desk.session.transport.play()
    desk.sound.position = 5 * BAR
    desk.session.transport.stop()
    assert desk.session.takes.prompt().source == "end"
    desk.session.transport.seek(4 * BAR)  # by step input, a loop, a call
    assert desk.session.takes.prompt().source == "end"
    desk.session.transport.play()
    desk.session.transport.put_playhead(3 * BAR)  # it goes on from there
    desk.session.transport.stop()
    assert desk.session.takes.prompt().source == "end"


def test_where_it_stopped_may_be_said_to_be_the_place() -> None:
    desk = desk_with()
    desk.sound.position = 5 * BAR
    assert desk.session.takes.prompt_sources() == ("end", "playhead")
    desk.session.takes.choose_prompt("playhead")
    assert asked(desk)[0].at_tick == 5 * BAR
    desk.session.takes.choose_prompt("end")
    assert asked(desk)[0].at_tick is None
    desk.session.transport.put_playhead(2 * BAR)  # who puts it elsewhere means that place
    assert asked(desk)[0].at_tick == 2 * BAR


def test_hearing_takes_leaves_the_place_and_other_takes_are_for_the_same_bars() -> None:
    desk = desk_with()
    desk.session.transport.put_playhead(4 * BAR)
    offer(desk)
    desk.session.takes.audition(1)
    desk.sound.position = 6 * BAR
    desk.session.transport.stop()
    desk.session.takes.again()
    assert desk.generator.asked[-1].at_tick == 4 * BAR
    desk.session.takes.dismiss()
    assert desk.session.takes.prompt().take_bars == (5, 8)


def test_other_takes_go_on_from_the_same_notes_though_others_are_selected_meanwhile() -> None:
    desk = desk_with()
    select(desk, 0, 1, 2, 3)
    offer(desk)
    desk.session.notes.select_none()
    desk.session.takes.again()
    assert span_of(desk.generator.asked[-1]).from_tick == BAR


def test_another_track_and_another_song_begin_without_a_wish() -> None:
    desk = desk_with(Song(tracks=(EIGHT_BARS.tracks[0], Track("Other", phrase(40, 41, 42, 43, step_ticks=480)))))
    select(desk, 0, 1, 2, 3)
    desk.session.takes.choose_prompt("end")
    desk.session.tracks.select(1)
    select(desk, 0, 1, 2)
    assert desk.session.takes.prompt().source == "selection"
    desk.session.transport.put_playhead(480)
    desk.session.new()
    desk.session.notes.insert(phrase(60, 62, 64, 65, step_ticks=480))
    assert desk.session.takes.prompt().source == "end"


# What the phrase left behind


def faded_desk() -> EnsembleDesk:
    """Eight bars that end at volume 0 and with the pedal down, slower and slower."""
    events = (Event(0, b"\xb0\x07\x64"), Event(7 * BAR, b"\xb0\x07\x00"), Event(7 * BAR, b"\xb0\x40\x7f"))
    track = Track("Tune", phrase(*(60, 62, 64, 65) * 8, step_ticks=480), events=events)
    return EnsembleDesk(Song(tracks=(track,), tempo_changes=(tempo_change(0, 120), tempo_change(8 * BAR - 480, 60))))


def test_a_take_is_heard_and_kept_with_what_puts_things_right_and_undo_takes_all_of_it_away() -> None:
    desk = faded_desk()
    before = desk.document.song
    request, span = asked(desk)
    notes = phrase(72, 74, from_tick=span.from_tick)
    amends = request_amends(request, notes)
    assert amends_words(amends) == ("volume back to 100", "pedal released", "tempo back to 120")
    take = replace(take_of(request, notes, (span.from_tick, span.to_tick)), amends=amends)
    desk.session.takes.on_takes(request, (take,))
    assert desk.sound.heard_amends == amends
    desk.session.takes.accept()
    after = desk.document.song
    assert set(after.tracks[0].events) - set(before.tracks[0].events) == set(amends.events)
    assert after.time_map.tempo_bpm_at(8 * BAR) == pytest.approx(120)
    desk.session.document.undo()
    assert desk.document.song is before


def test_what_was_heard_of_a_take_that_is_still_composed_is_kept_with_what_puts_it_right() -> None:
    desk = faded_desk()
    request, _ = asked(desk)
    for pitch, beat in ((72, 0), (74, 1), (76, 2)):
        desk.session.takes.on_note(request, 1, Note(8 * BAR + beat * 480, pitch, 480))
    assert desk.session.takes.keep_until(8 * BAR + 960)
    assert Event(8 * BAR, b"\xb0\x07\x64") in desk.document.track.events
    assert desk.document.song.time_map.tempo_bpm_at(8 * BAR) == pytest.approx(120)


# Taking back what was kept


def test_a_kept_take_that_is_taken_back_is_on_offer_again_and_done_again_it_is_kept() -> None:
    desk = desk_with()
    offer(desk)
    takes = desk.session.takes
    made = takes.offer
    takes.accept()
    assert (takes.phase, desk.sound.heard) == ("idle", None)
    for _ in range(2):
        desk.session.document.undo()
        assert (takes.phase, takes.offer, takes.auditioned) == ("offered", made, 1)
        assert desk.sound.heard is made[0].notes
        desk.session.document.redo()
        assert (takes.phase, desk.sound.heard) == ("idle", None)
    desk.session.document.undo()
    takes.accept()
    assert desk.document.track.end_tick > 8 * BAR


def test_takes_of_a_step_come_back_with_each_undo_of_it_whatever_was_asked_meanwhile() -> None:
    desk = desk_with()
    offer(desk)
    first = desk.session.takes.offer
    desk.session.takes.accept()
    desk.session.document.undo()
    desk.session.takes.dismiss()
    desk.session.document.redo()
    assert desk.session.takes.phase == "idle"
    offer(desk)
    desk.session.takes.dismiss()
    desk.session.document.undo()
    assert desk.session.takes.offer == first


def test_a_step_before_the_kept_take_that_is_taken_back_too_brings_nothing_else() -> None:
    desk = desk_with()
    desk.session.notes.insert(Notes.of([Note(8 * BAR, 67, BAR)]))
    offer(desk)
    desk.session.takes.accept()
    desk.session.document.undo()
    assert desk.session.takes.phase == "offered"
    desk.session.document.undo()
    assert len(desk.notes) == 32
