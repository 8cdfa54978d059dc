"""A keyboard on many channels is heard and told as one on one channel: layers, splits, MPE, and what ends notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.sound.one_channel import LAYER_SECONDS, OneChannel

CENT = 0.01


class Hearing:
    """What an instrument with one channel makes of what it is told."""

    def __init__(self) -> None:
        self.keyboard = OneChannel()
        self.told: list[bytes] = []
        self.down: dict[int, int] = {}
        self.strikes: list[int] = []
        self.bend_semitones = 0.0
        self.reach_semitones = 2.0
        self.seconds = 0.0

    def send(self, *messages: bytes, after_seconds: float = 0.0) -> list[bytes]:
        self.seconds += after_seconds
        out = [part for message in messages for part in self.keyboard.convert(message, self.seconds)]
        for part in out:
            self._obey(part)
        self.told += out
        return out

    def _obey(self, part: bytes) -> None:
        assert part[0] & 0x0F == 0
        assert len(part) == (2 if part[0] in (0xC0, 0xD0) else 3)
        assert max(part[1:]) < 128
        if part[0] == 0x90:
            self.down[part[1]] = part[2]
            self.strikes.append(part[1])
        elif part[0] == 0x80:
            del self.down[part[1]]  # what is not down is never let go
        elif part[0] == 0xE0:
            self.bend_semitones = ((part[1] | part[2] << 7) - 8192) / 8192 * self.reach_semitones

    @property
    def pitches(self) -> list[float]:
        return sorted(pitch + self.bend_semitones for pitch in self.down)


@pytest.fixture
def heard() -> Hearing:
    return Hearing()


def on(channel: int, pitch: int, velocity: int = 80) -> bytes:
    return bytes((0x90 | channel, pitch, velocity))


def off(channel: int, pitch: int) -> bytes:
    return bytes((0x80 | channel, pitch, 0))


def control(channel: int, number: int, value: int) -> bytes:
    return bytes((0xB0 | channel, number, value))


def bend(channel: int, semitones: float, reach_semitones: float) -> bytes:
    value = max(0, min(16383, 8192 + round(semitones / reach_semitones * 8192)))
    return bytes((0xE0 | channel, value & 0x7F, value >> 7))


def parameter(channel: int, low: int, value: int) -> list[bytes]:
    return [control(channel, 101, 0), control(channel, 100, low), control(channel, 6, value)]


def zone(master: int = 0, members: int = 15) -> list[bytes]:
    return parameter(master, 6, members)


# One channel.


@given(st.integers(0, 15), st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127)), max_size=20))
def test_the_bender_and_wheels_of_a_keyboard_on_any_one_channel_pass_as_they_are(
    channel: int, values: list[tuple[int, int]]
) -> None:
    heard = Hearing()
    heard.send(on(channel, 60))
    before = (0, 64)
    for low, high in values:
        expected = [] if (low, high) == before else [bytes((0xE0, low, high))]
        assert heard.send(bytes((0xE0 | channel, low, high))) == expected
        before = low, high
    assert heard.send(control(channel, 64, 41), control(channel, 64, 41)) == 2 * [control(0, 64, 41)]
    assert heard.down == {60: 80}


def test_a_strike_without_force_lets_the_key_go(heard: Hearing) -> None:
    heard.send(on(3, 60), on(3, 60, 0))
    assert heard.down == {}


# Layers and splits.


@pytest.mark.parametrize("channels", [(0, 1), (5, 2), (0, 1, 2, 3), (15, 0)])
@pytest.mark.parametrize("apart_seconds", [0.0, 0.004, 0.9 * LAYER_SECONDS / 3])
def test_a_key_in_layer_mode_is_one_note_from_the_first_strike_to_the_last_release(
    channels: tuple[int, ...], apart_seconds: float
) -> None:
    heard = Hearing()
    for channel in channels:
        heard.send(on(channel, 60, 50 + channel), after_seconds=apart_seconds)
    assert heard.down == {60: 50 + channels[0]}
    for channel in channels[:-1]:
        heard.send(off(channel, 60), after_seconds=1.0)
        assert heard.down == {60: 50 + channels[0]}
    heard.send(off(channels[-1], 60))
    assert heard.told == [bytes((0x90, 60, 50 + channels[0])), bytes((0x80, 60, 0))]


def test_a_key_that_is_struck_later_on_another_channel_is_struck_anew(heard: Hearing) -> None:
    heard.send(on(0, 60))
    heard.send(on(1, 60, 30), after_seconds=0.5)
    assert heard.strikes == [60, 60]
    heard.send(off(0, 60))
    assert heard.down == {60: 30}
    heard.send(off(1, 60))
    assert heard.down == {}


def test_pedal_and_wheels_of_a_layer_are_said_once(heard: Hearing) -> None:
    heard.send(on(0, 60), on(1, 60))
    for value in (20, 127, 64, 0):
        assert heard.send(control(0, 64, value), control(1, 64, value)) == [control(0, 64, value)]
    for semitones in (0.5, 2.0, -1.0, 0.0):
        assert len(heard.send(bend(0, semitones, 2), bend(1, semitones, 2))) == 1
    assert heard.strikes == [60]


def test_an_octave_layer_and_a_split_keep_all_their_keys(heard: Hearing) -> None:
    heard.send(on(0, 60), on(1, 72), on(2, 48))
    assert sorted(heard.down) == [48, 60, 72]


def test_of_the_programs_of_a_layer_the_first_counts_and_later_another_one(heard: Hearing) -> None:
    assert heard.send(bytes((0xC0, 5)), bytes((0xC1, 48))) == [bytes((0xC0, 5))]
    assert heard.send(bytes((0xC1, 40)), after_seconds=1.0) == [bytes((0xC0, 40))]


def test_a_bank_comes_with_its_program_and_not_without(heard: Hearing) -> None:
    assert heard.send(control(4, 0, 8), control(4, 32, 3)) == []
    assert heard.send(bytes((0xC4, 48))) == [control(0, 0, 8), control(0, 32, 3), bytes((0xC0, 48))]
    assert heard.send(bytes((0xC9, 48)), after_seconds=1.0) == [bytes((0xC0, 48))]  # the bank was another channel's


# What ends notes.


@pytest.mark.parametrize("number", [120, 123, 124, 125, 126, 127])
def test_notes_of_a_channel_are_ended_by_its_own_mode_messages_alone(number: int) -> None:
    heard = Hearing()
    heard.send(on(1, 60), on(1, 64), on(2, 67))
    heard.send(control(3, number, 0))
    assert sorted(heard.down) == [60, 64, 67]
    heard.send(control(1, number, 0))
    assert sorted(heard.down) == [67]
    assert heard.send(off(1, 60)) == []  # it is up already


def test_all_sound_off_ends_what_a_pedal_holds_and_the_pedal_stays_down(heard: Hearing) -> None:
    heard.send(control(0, 64, 90), on(0, 60), off(0, 60))
    assert heard.send(control(0, 120, 0)) == [control(0, 120, 0), control(0, 64, 0), control(0, 64, 90)]


def test_local_control_ends_nothing(heard: Hearing) -> None:
    heard.send(on(0, 60))
    assert heard.send(control(0, 122, 0), control(0, 122, 127)) == []
    assert heard.down == {60: 80}


def test_reset_all_controllers_lets_go_of_pedals_wheels_and_bender_and_of_no_key(heard: Hearing) -> None:
    heard.send(on(0, 60), control(0, 64, 127), control(0, 1, 50), control(0, 11, 30), control(0, 7, 20))
    heard.send(bend(0, 1.0, 2.0), bytes((0xD0, 70)))
    rests = heard.send(control(0, 121, 0))
    assert set(rests) == {control(0, 64, 0), control(0, 1, 0), control(0, 11, 127), bend(0, 0, 2), bytes((0xD0, 0))}
    assert heard.down == {60: 80}


# MPE.


@pytest.mark.parametrize(("master", "members"), [(0, 15), (0, 5), (15, 15), (15, 3)])
def test_a_finger_of_a_zone_bends_for_itself(master: int, members: int) -> None:
    heard = Hearing()
    heard.send(*zone(master, members))
    first, second = (1, 2) if master == 0 else (14, 13)
    heard.send(bend(first, 0, 48), on(first, 60), bend(second, 0, 48), on(second, 64))
    for semitones in (1.0, 2.0, 3.0, 4.0, 5.0):
        heard.send(bend(second, semitones, 48))
        assert heard.pitches == pytest.approx(sorted([60.0, 64.0 + semitones]), abs=CENT)
    heard.send(off(first, 60), off(second, 64))
    assert heard.down == {}


@given(st.lists(st.floats(-48, 48), min_size=1, max_size=30), st.integers(48, 79), st.sampled_from([12, 24, 48, 96]))
def test_a_finger_alone_is_heard_at_its_pitch_wherever_it_slides(slide: list[float], key: int, reach: int) -> None:
    heard = Hearing()
    heard.send(*zone(), *parameter(3, 0, reach))
    share = [semitones / 48 * min(reach, 48) for semitones in slide]
    heard.send(bend(3, share[0], reach), on(3, key))
    for semitones in share:
        heard.send(bend(3, semitones, reach))
        assert heard.pitches == pytest.approx([key + semitones], abs=CENT)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.floats(-12, 12)), max_size=40),
    st.lists(st.integers(40, 90), min_size=2, max_size=5, unique=True),
)
def test_in_a_chord_no_finger_is_heard_further_off_than_the_nearest_key(
    moves: list[tuple[int, float]], keys: list[int]
) -> None:
    heard = Hearing()
    heard.send(*zone())
    wanted = {channel: float(key) for channel, key in enumerate(keys, start=1)}
    heard.send(*(on(channel, key) for channel, key in enumerate(keys, start=1)))
    for channel, semitones in moves:
        if channel in wanted:
            wanted[channel] = keys[channel - 1] + semitones
            heard.send(bend(channel, semitones, 48))
        for pitch in wanted.values():
            assert min(abs(pitch - sounding) for sounding in heard.pitches) <= 0.6 + CENT


def test_the_bender_of_the_whole_zone_bends_all_its_fingers(heard: Hearing) -> None:
    heard.send(*zone(), on(1, 60), on(2, 64), on(3, 67))
    heard.send(bend(0, 1.5, 2))
    assert heard.pitches == pytest.approx([61.5, 65.5, 68.5], abs=CENT)
    heard.send(*parameter(0, 0, 12), bend(0, 7, 12), bend(0, -2, 12))
    assert heard.pitches == pytest.approx([58, 62, 65], abs=CENT)


def test_a_note_begins_at_the_pitch_that_its_finger_is_bent_to_before(heard: Hearing) -> None:
    heard.send(*zone(), bend(4, 3.3, 48), on(4, 60))
    assert heard.strikes == [63]
    assert heard.pitches == pytest.approx([63.3], abs=CENT)
    heard.send(bend(5, -5.8, 48), on(5, 72))
    assert heard.strikes == [63, 66]


def test_a_range_of_bend_set_on_one_member_holds_for_all_of_the_zone(heard: Hearing) -> None:
    heard.send(*zone(members=4), *parameter(2, 0, 24))
    heard.send(on(4, 60), bend(4, 12, 24))
    assert heard.pitches == pytest.approx([72], abs=CENT)


def test_the_message_that_makes_zones_and_their_ranges_is_neither_heard_nor_recorded(heard: Hearing) -> None:
    assert heard.send(*zone(), *parameter(0, 0, 2), *parameter(1, 0, 48), *zone(15, 0)) == []
    assert heard.keyboard.zones.are_there


def test_a_zone_without_members_is_none_and_its_bends_are_again_those_of_a_keyboard(heard: Hearing) -> None:
    heard.send(*zone(), on(1, 60))
    heard.send(*zone(members=0))
    assert heard.down == {}
    assert not heard.keyboard.zones.are_there
    heard.send(on(1, 60), bend(1, 2, 2))
    assert heard.pitches == pytest.approx([62], abs=2 * CENT)


def test_two_fingers_that_slide_onto_one_key_hold_it_both(heard: Hearing) -> None:
    heard.send(*zone(), on(1, 60), on(2, 64))
    heard.send(bend(1, 4, 48))
    assert heard.pitches == pytest.approx([64], abs=CENT)
    heard.send(off(2, 64))
    assert heard.pitches == pytest.approx([64], abs=CENT)
    heard.send(off(1, 60))
    assert heard.down == {}


def test_the_hardest_pressure_of_the_fingers_that_are_down_counts(heard: Hearing) -> None:
    heard.send(*zone(), on(1, 60), on(2, 64), bytes((0xD1, 40)), bytes((0xD2, 90)))
    assert heard.told[-1] == bytes((0xD0, 90))
    heard.send(off(2, 64))
    assert heard.told[-1] == bytes((0xD0, 40))
    heard.send(off(1, 60))
    assert heard.told[-1] == bytes((0xD0, 0))


def test_the_timbre_of_the_last_finger_does_not_stay(heard: Hearing) -> None:
    heard.send(*zone(), on(1, 60), control(1, 74, 10), off(1, 60))
    assert heard.told[-1] == control(0, 74, 64)


def test_the_master_ends_the_notes_of_its_zone_alone(heard: Hearing) -> None:
    heard.send(*zone(0, 5), *zone(15, 5), on(1, 60), on(2, 62), on(14, 72))
    heard.send(control(0, 123, 0))
    assert sorted(heard.down) == [72]


# Other parameters.


def test_a_range_of_bend_outside_of_zones_is_passed_on_whole_and_counts(heard: Hearing) -> None:
    assert heard.send(control(5, 100, 0), control(5, 101, 0)) == []
    told = heard.send(control(5, 6, 12))
    assert told[:3] == [control(0, 101, 0), control(0, 100, 0), control(0, 6, 12)]
    assert told[3:] == [control(0, 101, 127), control(0, 100, 127)]
    reach = [control(0, *part) for part in ((101, 0), (100, 0), (6, 12), (38, 0), (101, 127), (100, 127))]
    assert heard.send(bytes((0xE5, 1, 99))) == [*reach, bytes((0xE0, 1, 99))]
    assert heard.send(bytes((0xE5, 2, 99)), bytes((0xE5, 0, 64))) == [bytes((0xE0, 2, 99)), bytes((0xE0, 0, 64))]


def test_a_range_that_was_set_before_a_recording_comes_with_its_bends(heard: Hearing) -> None:
    heard.send(*parameter(0, 0, 7), control(0, 38, 50))
    told = heard.send(bend(0, 3.0, 7.5))
    assert control(0, 6, 7) in told
    assert control(0, 38, 50) in told
    assert told[-1][0] == 0xE0


def test_a_value_without_a_parameter_sets_nothing(heard: Hearing) -> None:
    assert heard.send(control(0, 6, 100), control(0, 101, 127), control(0, 100, 127), control(0, 6, 3)) == []


def test_a_parameter_of_the_maker_is_passed_on_with_its_choice(heard: Hearing) -> None:
    told = heard.send(control(2, 99, 1), control(2, 98, 32), control(2, 6, 70))
    assert told[:3] == [control(0, 99, 1), control(0, 98, 32), control(0, 6, 70)]


# Laws.

_CONTROLS = st.sampled_from([0, 1, 6, 11, 64, 66, 74, 100, 101, 120, 121, 123])
_ANY = st.one_of(
    st.builds(on, st.integers(0, 15), st.integers(55, 65), st.integers(0, 127)),
    st.builds(off, st.integers(0, 15), st.integers(55, 65)),
    st.builds(control, st.integers(0, 15), _CONTROLS, st.integers(0, 15)),
    st.builds(bend, st.integers(0, 15), st.floats(-48, 48), st.just(48)),
    st.builds(lambda channel, value: bytes((0xD0 | channel, value)), st.integers(0, 15), st.integers(0, 127)),
    st.builds(lambda channel, value: bytes((0xC0 | channel, value)), st.integers(0, 15), st.integers(0, 127)),
)  # fmt: skip


@given(st.booleans(), st.lists(st.tuples(_ANY, st.floats(0, 0.1)), max_size=80))
def test_whatever_comes_every_strike_has_its_end_and_letting_go_leaves_nothing(
    is_mpe: bool, messages: list[tuple[bytes, float]]
) -> None:
    heard = Hearing()
    if is_mpe:
        heard.send(*zone())
    for message, seconds in messages:
        heard.send(message, after_seconds=seconds)
    for part in heard.keyboard.let_go():
        heard._obey(part)
    assert heard.down == {}
    assert heard.bend_semitones == 0
    assert heard.keyboard.let_go() == []


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(40, 80), st.floats(0, 0.1)), max_size=30))
def test_when_all_keys_are_up_nothing_sounds_on(keys: list[tuple[int, int, float]]) -> None:
    heard = Hearing()
    for channel, pitch, seconds in keys:
        heard.send(on(channel, pitch), after_seconds=seconds)
    for channel, pitch, _ in reversed(keys):
        heard.send(off(channel, pitch))
    assert heard.down == {}
