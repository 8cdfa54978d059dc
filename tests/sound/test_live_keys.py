"""Keys struck by hand: heard at once, with the right instrument, and none stays down."""

from __future__ import annotations

import pytest

from musicassist.score.midi_bytes import Message
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.synth import SilentSynth


class Hand:
    """Live keys on a silent synth whose clock the test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.owned: set[int] = set()
        self.synth = SilentSynth(lambda: self.now, is_recording=True)
        self.keys = LiveKeys(self.synth, lambda channel: channel in self.owned)

    def heard(self) -> list[Message]:
        messages = [message for _, message in self.synth.sounded]
        self.synth.sounded.clear()
        return messages


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_a_preview_sounds_with_its_instrument_and_ends_by_itself(hand: Hand) -> None:
    hand.keys.strike(60, 90, channel=2, program=40, seconds=0.3)
    assert hand.heard() == [(0xC2, 40, 0), (0x92, 60, 90)]
    hand.now = 0.29
    hand.keys.release_due()
    assert hand.heard() == []
    hand.now = 0.31
    hand.keys.release_due()
    assert hand.heard() == [(0x82, 60, 64)]


def test_striking_a_key_again_lets_it_go_first(hand: Hand) -> None:
    hand.keys.strike(60, 90, 0, 0)
    hand.keys.strike(60, 91, 0, 0)
    hand.keys.release(60, 0)
    hand.keys.release(60, 0)
    kinds = [message[0] for message in hand.heard()]
    assert kinds == [0xC0, 0x90, 0x80, 0x90, 0x80]


def test_the_keyboard_plays_the_selected_track_whatever_channel_it_sends_on(hand: Hand) -> None:
    hand.keys.set_track(3, 24)
    hand.keys.play(b"\x95\x3c\x50")
    hand.keys.play(b"\xb5\x40\x7f")
    hand.keys.play(b"\xe5\x00\x50")
    hand.keys.play(b"\x95\x3c\x00")
    assert hand.heard() == [(0xC3, 24, 0), (0x93, 60, 80), (0xB3, 64, 127), (0xE3, 0, 80), (0x83, 60, 64)]


def test_a_key_that_is_down_while_the_track_changes_ends_on_the_old_one(hand: Hand) -> None:
    hand.keys.set_track(1, 0)
    hand.keys.play(b"\x90\x3c\x50")
    hand.keys.set_track(2, 0)
    hand.heard()
    hand.keys.play(b"\x80\x3c\x40")
    assert hand.heard() == [(0x81, 60, 64)]


def test_a_key_that_is_struck_again_after_the_track_changed_ends_on_the_old_one_first(hand: Hand) -> None:
    hand.keys.set_track(1, 0)
    hand.keys.play(b"\x90\x3c\x50")
    hand.keys.set_track(2, 0)
    hand.keys.play(b"\x90\x3c\x50")  # the keyboard never told that it came up
    hand.keys.play(b"\x80\x3c\x40")
    ends = [message for message in hand.heard() if message[0] & 0xF0 == 0x80]
    assert ends == [(0x81, 60, 64), (0x82, 60, 64)]


def test_the_playing_song_decides_about_the_instrument_of_its_channels(hand: Hand) -> None:
    hand.owned.add(0)
    hand.keys.strike(60, 90, 0, 40)
    assert hand.heard() == [(0x90, 60, 90)]


def test_another_synth_gets_the_keys_and_the_old_one_is_silent(hand: Hand) -> None:
    hand.keys.strike(60, 90, 0, 0)
    other = SilentSynth(lambda: 0.0, is_recording=True)
    hand.keys.change_synth(other)
    hand.keys.strike(62, 90, 0, 0)
    assert hand.heard()[-1] == (0x80, 60, 64)
    assert [message for _, message in other.sounded] == [(0xC0, 0, 0), (0x90, 62, 90)]


@pytest.mark.parametrize("message", [b"", b"\xf8", b"\xf0\x01\x02\xf7", b"\xb0\x7b\x00", b"\x3c\x50"])
def test_what_is_no_key_or_controller_is_not_sounded(hand: Hand, message: bytes) -> None:
    hand.keys.play(message)
    assert hand.heard() == []


PEDAL_DOWN, PEDAL_UP, BENT = b"\xb0\x40\x7f", b"\xb0\x40\x00", b"\xe0\x00\x70"


@pytest.mark.parametrize("control", [120, 123, 124, 125, 126, 127])
def test_all_notes_off_ends_every_key_of_the_keyboard_and_all_sound_off_the_sound_too(hand: Hand, control: int) -> None:
    hand.keys.strike(72, 90, 0, 0)  # a click on the piano is not the keyboard's
    for pitch in (60, 64):
        hand.keys.play(bytes((0x90, pitch, 80)))
    hand.heard()
    hand.keys.play(bytes((0xB0, control, 0)))
    off = [(0xB0, 120, 0)] if control == 120 else []
    assert hand.heard() == [(0x80, 60, 64), (0x80, 64, 64), *off]


def test_a_program_from_the_keyboard_sounds_at_once_and_until_another_instrument_is_chosen(hand: Hand) -> None:
    hand.keys.set_track(2, 5)
    hand.heard()
    for message in (b"\xb0\x00\x08", b"\xc0\x30", b"\x90\x3c\x50"):
        hand.keys.play(message)
    assert hand.heard() == [(0xB2, 0, 8), (0xC2, 48, 0), (0x92, 60, 80)]
    hand.keys.forget_programs()
    hand.keys.play(b"\x90\x3e\x50")
    assert hand.heard() == [(0xB2, 0, 8), (0xC2, 48, 0), (0x92, 62, 80)]
    hand.keys.set_track(2, 5)
    assert hand.heard() == [(0xB2, 0, 0), (0xB2, 32, 0), (0xC2, 5, 0)]  # its bank does not stay
    hand.keys.set_track(2, 5, (None, 3))
    assert hand.heard() == [(0xB2, 32, 3), (0xC2, 5, 0)]


def test_a_program_from_the_keyboard_is_taken_back_from_a_song_that_plays_and_otherwise_the_song_decides(
    hand: Hand,
) -> None:
    hand.owned.add(2)
    hand.keys.set_track(2, 5)
    assert hand.heard() == []
    hand.keys.play(b"\xc0\x30")
    hand.keys.set_track(2, 5)  # what was recorded with it was undone, or had no notes
    assert hand.heard() == [(0xC2, 48, 0), (0xC2, 5, 0)]
    hand.keys.set_track(2, 7)
    assert hand.heard() == []


def test_pedal_and_bender_are_let_go_with_the_keys(hand: Hand) -> None:
    for message in (PEDAL_DOWN, BENT, b"\xb0\x01\x30", b"\xb0\x01\x00", b"\xb0\x07\x50", b"\x90\x3c\x50"):
        hand.keys.play(message)
    hand.heard()
    hand.keys.release_all()
    assert hand.heard() == [(0x80, 60, 64), (0xB0, 64, 0), (0xE0, 0, 64)]
    hand.keys.release_all()
    assert hand.heard() == []


def test_a_pedal_does_not_stay_down_on_the_track_that_was_left(hand: Hand) -> None:
    hand.keys.play(PEDAL_DOWN)
    hand.heard()
    hand.keys.set_track(3, 0)
    hand.keys.play(PEDAL_UP)
    assert hand.heard() == [(0xB0, 64, 0), (0xC3, 0, 0), (0xB3, 64, 0)]


def test_a_pedal_that_is_held_stays_so_when_the_song_starts(hand: Hand) -> None:
    hand.keys.play(PEDAL_DOWN)
    hand.heard()
    hand.keys.forget_programs()
    assert hand.heard() == [(0xB0, 64, 127)]


def test_a_bank_that_was_chosen_by_hand_does_not_hold_for_the_song() -> None:
    synth = SilentSynth(lambda: 0.0, is_recording=True)
    keys = LiveKeys(synth)
    keys.set_track(0, 5, (8, 1))
    synth.sounded.clear()
    keys.rest_banks()
    keys.rest_banks()
    assert [message for _, message in synth.sounded] == [(0xB0, 0, 0), (0xB0, 32, 0)]
    keys.strike(60, 80, 0, 5)
    assert (0xB0, 0, 8) in [message for _, message in synth.sounded], "by hand it is chosen again"
