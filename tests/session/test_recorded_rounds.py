"""Each round of a loop that is recorded over is a take, and so are answers and chords that were heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.composing.request import ACCOMPANY, ANSWERED, RECORDED
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.session.comping import Comp
from musicassist.session.recorded_rounds import answer_offer, duet_offer, loop_rounds, rounds_offer
from musicassist.session.recording import RecordingWay, Round, write_rounds
from musicassist.sound.messages import MidiReceived
from session_desk import Desk

BAR = 1920
PEDAL = b"\xb0\x40\x7f"


def round_of(*notes: Note, from_tick: int = 0, to_tick: int = BAR) -> Round:
    return Round(from_tick, to_tick, list(notes))


def record_loop(desk: Desk, *pitches: int, is_replacing: bool = False, keeps_rounds: bool = True) -> None:
    """A note on the second beat of each round of the first bar."""
    desk.session.input.set_way(RecordingWay(is_replacing=is_replacing, keeps_rounds=keeps_rounds))
    desk.session.transport.set_loop(0, BAR)
    desk.session.input.start_recording()
    for pitch in pitches:
        for tick, message in ((480, bytes((0x90, pitch, 80))), (900, bytes((0x80, pitch, 0)))):
            desk.sound.position = tick
            desk.session.receive(MidiReceived((tick / 960,), (float(tick),), (message,)))
        for tick in (1400, 1900, 20):
            desk.sound.position = tick
            desk.session.poll_sound()
    desk.sound.position = 1900
    desk.session.input.stop_recording()


@pytest.mark.parametrize("is_replacing", [False, True])
def test_rounds_of_a_loop_are_takes_beside_what_is_written(is_replacing: bool) -> None:
    desk = Desk()
    stood = desk.document.song
    record_loop(desk, 72, 76, 79, is_replacing=is_replacing)
    takes, document = desk.session.takes, desk.document
    written = document.song
    assert takes.phase == "offered" and takes.request is not None and takes.request.kind == RECORDED
    assert [take.title for take in takes.offer] == ["Round {number}"] * 3 + ["As recorded"]
    assert takes.auditioned == 4 and takes.heard is not None
    assert takes.heard.notes.pitch.tolist() == document.track.notes.pitch.tolist()  # nothing sounds otherwise
    takes.audition(2)
    takes.accept()
    own = [] if is_replacing else [60, 62, 64, 65]
    assert sorted(document.track.notes.pitch.tolist()) == sorted([*own, 76])
    assert document.undo_name == "Keep a round"
    document.undo()
    assert document.song is written and takes.phase == "offered"
    document.undo()
    assert document.song == stood


def test_rounds_are_mixed_like_other_takes() -> None:
    desk = Desk()
    record_loop(desk, 72, 76)
    mixing, takes = desk.session.mixing, desk.session.takes
    assert mixing.is_possible
    mixing.mix(Comp.of(0, BAR, 1).swiped(0, 960, 2))
    takes.accept()
    assert 76 in desk.document.track.notes.pitch and 72 not in desk.document.track.notes.pitch


def test_dismissed_rounds_stay_in_the_shelf_and_come_back() -> None:
    desk = Desk()
    record_loop(desk, 72, 76)
    desk.session.takes.dismiss()
    (name,) = desk.session.shelf.names()
    desk.session.shelf.bring_back(name)
    assert len(desk.session.takes.offer) == 3
    desk.session.takes.again()  # nobody composed them: other takes are a continuation
    assert desk.generator.asked[-1].kind == "continue"


def test_rounds_leave_takes_on_the_desk_alone_and_can_be_switched_off() -> None:
    desk = Desk()
    record_loop(desk, 72, 76, keeps_rounds=False)
    assert desk.session.takes.phase == "idle" and desk.session.shelf.names() == ()
    desk.session.takes.ask()
    desk.makes()
    wanted = desk.session.takes.current
    record_loop(desk, 72, 76)
    assert desk.session.takes.current is wanted
    assert [desk.session.shelf[n].fate for n in desk.session.shelf.names()] == ["played", "offered"]


def test_what_was_not_a_loop_or_played_only_once_is_no_choice() -> None:
    played = round_of(Note(480, 72, 100))
    assert loop_rounds([played, Round(0, BAR)]) == ()
    assert loop_rounds([played, round_of(Note(4000, 72, 100), from_tick=2 * BAR, to_tick=3 * BAR)]) == ()
    again = round_of(Note(500, 74, 100))
    assert loop_rounds([round_of(Note(9000, 72, 9), from_tick=8 * BAR, to_tick=9 * BAR), played, again]) == (
        played,
        again,
    )


def test_pedals_of_other_rounds_go_with_their_notes() -> None:
    desk = Desk()
    before = desk.document.song
    rounds = [round_of(Note(480, 72, 100)), round_of(Note(480, 76, 100))]
    rounds[0].events.append(Event(500, PEDAL))
    result = write_rounds(before, 0, rounds, is_replacing=False)
    desk.document.apply("Record", result)
    offer = rounds_offer(before, 0, rounds, result.song, 0, is_replacing=False)
    assert offer is not None
    takes = desk.session.takes
    takes.put_on_offer(offer, 0)
    takes.audition(2)
    takes.accept()
    assert not any(event.data == PEDAL for event in desk.document.track.events)
    desk.document.undo()
    takes.audition(1)
    takes.accept()
    assert any(event.data == PEDAL for event in desk.document.track.events)


@given(
    st.lists(st.integers(0, BAR - 1), min_size=1, max_size=4),
    st.lists(st.integers(0, BAR - 1), min_size=1, max_size=4),
    st.integers(1, 3000),
    st.booleans(),
)
def test_keeping_what_was_recorded_changes_no_note(
    first: list[int], second: list[int], held: int, replaces: bool
) -> None:
    """Whatever stood there and is held into the loop."""
    stood = Song(tracks=(Track("Melody", Notes.of([Note(2 * BAR - 100, 50, held), Note(3 * BAR + 5, 52, 200)])),))
    rounds = [
        round_of(
            *(Note(2 * BAR + tick, 70 + row, 60) for tick in dict.fromkeys(ticks)), from_tick=2 * BAR, to_tick=3 * BAR
        )
        for row, ticks in enumerate((first, second))
    ]
    written = write_rounds(stood, 0, rounds, is_replacing=replaces).song
    offer = rounds_offer(stood, 0, rounds, written, 0, is_replacing=replaces)
    assert offer is not None
    desk = Desk(written)
    desk.session.takes.put_on_offer(offer, 0)
    desk.session.takes.accept()
    assert desk.document.song.tracks[0].notes == written.tracks[0].notes


def test_an_answer_and_chords_of_a_duet_are_offers_of_one_take() -> None:
    desk = Desk()
    song = desk.document.song
    answer = answer_offer(song, 0, phrase(64, 67, from_tick=BAR), (BAR, 2 * BAR))
    chords = Track("Chords", phrase(48, 52, step_ticks=960, from_tick=BAR), 3, 48)
    duet = duet_offer(song, 0, chords)
    shelf = desk.session.shelf
    for offer, kind in ((answer, ANSWERED), (duet, ACCOMPANY)):
        name = shelf.add(offer, track_index=0)
        assert name is not None and shelf[name].request.kind == kind and shelf[name].fate == "heard"
        shelf.bring_back(name)
        desk.session.takes.accept()
    assert [note.pitch for note in desk.notes[4:]] == [64, 67]
    assert [track.name for track in desk.document.song.tracks] == ["Melody", "Chords"]
    assert (duet.takes[0].from_tick, duet.takes[0].to_tick) == (BAR, 2 * BAR)
