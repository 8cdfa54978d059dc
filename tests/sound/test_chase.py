"""A jump finds the state that the song has there, and the way to another place ends in the state of a jump."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.midi_bytes import Message
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.sound.chase import chase, state_at, state_change, touched_by
from musicassist.sound.schedule import Schedule, schedule_of


def song_of(*events: tuple[int, bytes], channel: int = 0) -> Song:
    notes = Notes.of([Note(0, 60, 8000)])
    return Song((Track(notes=notes, channel=channel, events=tuple(Event(*event) for event in events)),))


def parameter(high: int, low: int, value: int, *, is_registered: bool = True) -> list[bytes]:
    choice = (101, 100) if is_registered else (99, 98)
    return [bytes((0xB0, *pair)) for pair in ((choice[0], high), (choice[1], low), (6, value))]


def at(tick: int, messages: list[bytes]) -> list[tuple[int, bytes]]:
    return [(tick, message) for message in messages]


class Receiver:
    """What a synth makes of messages: the last of each slot, and parameters by what is chosen."""

    def __init__(self) -> None:
        self.values: dict[tuple[int, ...], tuple[int, ...]] = {}
        self.choice: tuple[str, int, int] = ("rpn", 127, 127)

    def hear(self, message: Message) -> None:
        status, data1, data2 = message
        kind, high, low = self.choice
        if status & 0xF0 <= 0x90:
            return
        if status & 0xF0 != 0xB0:
            self.values[(status,)] = (data1, data2)
        elif data1 in (101, 100, 99, 98):
            name = "rpn" if data1 > 99 else "nrpn"
            high, low = (high, low) if name == kind else (127, 127)
            self.choice = (name, data2, low) if data1 in (101, 99) else (name, high, data2)
        elif data1 == 6:
            self.values[(status, high, low, int(kind == "rpn"))] = (data2,)
        elif data1 != 38:
            self.values[status, data1] = (data2,)

    def after(self, messages: list[Message]) -> Receiver:
        for message in messages:
            self.hear(message)
        return self


def test_a_chase_restores_program_controllers_bend_and_bend_range() -> None:
    schedule = schedule_of(
        song_of(
            *at(0, parameter(0, 0, 12)),
            (100, b"\xb0\x07\x20"),
            (200, b"\xb0\x07\x30"),
            (200, b"\xe0\x00\x50"),
            (300, b"\xc0\x09"),
            (2000, b"\xb0\x0a\x00"),
        )
    )
    chased = chase(schedule, 1.0)
    assert chased[0] == (0xB0, 121, 0)
    assert {(0xC0, 9, 0), (0xB0, 7, 0x30), (0xE0, 0, 0x50), (0xB0, 10, 64)} <= set(chased)
    heard = Receiver().after(chased)
    assert heard.values[0xB0, 0, 0, 1] == (12,)
    assert heard.choice == ("rpn", 0, 0), "a value that follows in the song is meant for it"
    assert not any(m[0] & 0xF0 <= 0x90 for m in chased)


def test_what_the_song_resets_stays_so_after_a_seek() -> None:
    first = song_of(
        (0, b"\xb0\x40\x7f"), (0, b"\xb0\x0b\x20"), (0, b"\xb0\x07\x20"), (0, b"\xe0\x00\x50"),
        (480, b"\xb0\x79\x00"), (600, b"\xb0\x01\x30"),
    ).tracks[0]  # fmt: skip
    other = song_of((0, b"\xb1\x40\x7f"), channel=1).tracks[0]
    schedule = schedule_of(Song((first, other)))
    assert {(0xB0, 64, 127), (0xB0, 11, 0x20), (0xE0, 0, 0x50)} <= set(chase(schedule, 0.25))
    kept = {(0xB0, 7, 0x20), (0xB1, 64, 127), (0xB0, 1, 0x30)}
    assert kept | {(0xB0, 64, 0), (0xB0, 11, 127), (0xE0, 0, 64)} <= set(chase(schedule, 1.0))


@pytest.mark.parametrize("number", [*range(70, 80)])
def test_a_sound_controller_that_comes_later_rests_in_the_middle(number: int) -> None:
    schedule = schedule_of(song_of((960, bytes((0xB0, number, 100)))))
    assert (0xB0, number, 64) in chase(schedule, 0.0)


@pytest.mark.parametrize("number", [84, 88])
def test_what_belongs_to_one_note_is_not_sent_before_another(number: int) -> None:
    schedule = schedule_of(song_of((480, bytes((0xB0, number, 60)))))
    assert not any(m[1] == number for at_seconds in (0.0, 2.0) for m in chase(schedule, at_seconds))


def test_a_channel_without_a_program_change_is_chased_as_program_0() -> None:
    assert (0xC3, 0, 0) in chase(schedule_of(song_of(channel=3)), 1.0)
    assert (0xC0, 0, 0) in chase(schedule_of(song_of((960, b"\xc0\x28"))), 0.5)


def test_what_another_song_has_set_is_put_back() -> None:
    before = schedule_of(song_of(*at(0, parameter(0, 0, 24)), (0, b"\xb0\x07\x05"), (0, b"\xc0\x1e"), channel=0))
    heard = Receiver().after(chase(schedule_of(song_of(channel=1)), 0.0, touched_by(before)))
    assert heard.values[0xB0, 0, 0, 1] == (2,)
    assert heard.values[0xB0, 7] == (100,)
    assert heard.values[(0xC0,)] == (0, 0)


NUMBERS = [0, 1, 6, 7, 10, 64, 71, 98, 99, 100, 101]
MESSAGES = st.one_of(
    st.builds(lambda n, v: bytes((0xB0, n, v)), st.sampled_from(NUMBERS), st.integers(0, 3)),
    st.builds(lambda v: bytes((0xE0, 0, v)), st.integers(0, 127)),
    st.builds(lambda v: bytes((0xC0, v)), st.integers(0, 3)),
)  # fmt: skip
EVENTS = st.lists(st.tuples(st.integers(0, 40).map(lambda n: n * 96), MESSAGES), max_size=25)


def heard_when_played(schedule: Schedule, at_seconds: float) -> Receiver:
    """What a synth makes of the song itself up to a place, begun in the state of the start."""
    played = [message for _, message in schedule.rows(0, schedule.row_at(at_seconds))]
    return Receiver().after([*chase(schedule, 0.0), *played])


@given(EVENTS, st.floats(0, 4.5))
def test_a_jump_leaves_every_channel_as_playing_up_to_there(events: list[tuple[int, bytes]], at_seconds: float) -> None:
    schedule = schedule_of(song_of(*sorted(events, key=lambda row: row[0])))
    jumped, played = Receiver().after(chase(schedule, at_seconds)), heard_when_played(schedule, at_seconds)
    for slot, value in played.values.items():
        if slot[1:3] != (127, 127):  # no parameter is chosen
            assert jumped.values.get(slot) == value, slot
    assert jumped.choice == played.choice


@given(EVENTS, st.floats(0, 4.5), st.floats(0, 4.5))
def test_a_change_of_place_ends_in_the_state_of_a_jump_there(
    events: list[tuple[int, bytes]], old_seconds: float, new_seconds: float
) -> None:
    schedule = schedule_of(song_of(*sorted(events, key=lambda row: row[0])))
    changed = heard_when_played(schedule, old_seconds).after(state_change(schedule, old_seconds, schedule, new_seconds))
    jumped = Receiver().after(chase(schedule, new_seconds))
    known = {(m[0], m[1]) for messages in state_at(schedule, new_seconds).values() for m in messages}
    assert known
    for slot, value in jumped.values.items():
        assert changed.values[slot] == value, slot
    assert changed.choice == jumped.choice


@given(EVENTS, st.floats(0, 8))
def test_a_chase_sounds_no_note(events: list[tuple[int, bytes]], at_seconds: float) -> None:
    chased = chase(schedule_of(song_of(*sorted(events, key=lambda row: row[0]))), at_seconds)
    assert all(message[0] & 0xF0 not in (0x80, 0x90) for message in chased)
