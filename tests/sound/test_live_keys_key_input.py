"""What the keyboard sends, filtered, shaped, bound and learned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.sound.live_keys import CURVES, KeyInput, curved
from musicassist.sound.messages import Binding, ControlLearned, ControlPressed, ShapeInput

PORT = "Keystation"
KNOB = Binding(PORT, 0xB0, 0, 20, "record")
KEY = Binding(PORT, 0x90, 0, 36, "play")


def taken(keyboard: KeyInput, *messages: bytes, port: str = PORT) -> list[object]:
    return [keyboard.meaning_of(message, port) for message in messages]


def knob(*values: int) -> list[bytes]:
    return [bytes((0xB0, 20, value)) for value in values]


def keyboard_with(*bindings: Binding, **shape: object) -> KeyInput:
    keyboard = KeyInput()
    keyboard.shape(ShapeInput(bindings=bindings, **shape))  # type: ignore[arg-type]
    return keyboard


def test_as_long_as_nobody_asks_otherwise_everything_passes() -> None:
    messages = [b"\x90\x3c\x50", b"\x83\x3c\x00", b"\xb0\x40\x7f", b"\xe0\x00\x50", b"\xd0\x20", b"\xf8"]
    assert taken(KeyInput(), *messages) == messages


def test_other_channels_are_not_listened_to() -> None:
    keyboard = keyboard_with(channel=2)
    assert taken(keyboard, b"\x92\x3c\x50", b"\x93\x3c\x50", b"\xb3\x40\x7f") == [b"\x92\x3c\x50", None, None]


@pytest.mark.parametrize(("curve", "velocity"), [("soft", 73), ("linear", 50), ("hard", 26), ("fixed", 100)])
def test_a_curve_bends_how_hard_a_key_was_struck_and_nothing_else(curve: str, velocity: int) -> None:
    keyboard = keyboard_with(velocity_curve=curve)
    others = [b"\x90\x3c\x00", b"\x80\x3c\x32", b"\xb0\x40\x32"]
    assert taken(keyboard, b"\x90\x3c\x32", *others) == [bytes((0x90, 60, velocity)), *others]


@given(st.sampled_from(CURVES), st.integers(1, 126))
def test_harder_is_never_softer_and_a_struck_key_always_sounds(curve: str, velocity: int) -> None:
    assert 1 <= curved(velocity, curve) <= curved(velocity + 1, curve) <= 127


def test_a_bound_key_does_its_command_once_and_is_not_played() -> None:
    keyboard = keyboard_with(KEY)
    assert taken(keyboard, b"\x90\x24\x50", b"\x80\x24\x00", b"\x90\x24\x20", b"\x90\x24\x00") == [
        ControlPressed("play"), None, ControlPressed("play"), None
    ]  # fmt: skip
    assert taken(keyboard, b"\x91\x24\x50", b"\x90\x25\x50") == [b"\x91\x24\x50", b"\x90\x25\x50"]


def test_a_button_that_sends_0_when_it_is_let_go_does_not_fire_twice() -> None:
    assert taken(keyboard_with(KNOB), *knob(127, 0, 127, 0)) == [ControlPressed("record"), None] * 2


def test_a_button_that_sends_nothing_when_it_is_let_go_fires_each_time() -> None:
    assert taken(keyboard_with(KNOB), *knob(127, 127)) == [ControlPressed("record")] * 2


def test_a_knob_fires_on_its_way_through_the_middle() -> None:
    assert taken(keyboard_with(KNOB), *knob(10, 63, 64, 65, 120, 60, 70)) == [
        None, None, ControlPressed("record"), None, None, None, ControlPressed("record")
    ]  # fmt: skip


def test_a_binding_counts_for_its_keyboard_alone() -> None:
    assert taken(keyboard_with(KNOB), *knob(127), port="Another") == knob(127)


def test_the_next_key_is_learned_and_neither_it_nor_its_release_is_played() -> None:
    keyboard = keyboard_with(is_learning=True)
    assert taken(keyboard, b"\xe0\x00\x50", b"\x80\x24\x00", b"\x90\x24\x50") == [
        b"\xe0\x00\x50", b"\x80\x24\x00", ControlLearned(PORT, 0x90, 0, 36)
    ]  # fmt: skip
    keyboard.shape(ShapeInput(bindings=(KEY,)))
    assert taken(keyboard, b"\x80\x24\x00", b"\x90\x24\x50") == [None, ControlPressed("play")]


def test_a_knob_that_is_learned_does_nothing_before_it_comes_to_rest() -> None:
    keyboard = keyboard_with(is_learning=True)
    assert taken(keyboard, *knob(40, 50)) == [ControlLearned(PORT, 0xB0, 0, 20), None]
    keyboard.shape(ShapeInput(bindings=(KNOB,)))
    assert taken(keyboard, *knob(60, 70, 127, 30, 0, 90)) == [None] * 5 + [ControlPressed("record")]


def test_something_else_can_be_learned_right_after() -> None:
    keyboard = keyboard_with(is_learning=True)
    taken(keyboard, *knob(40))
    keyboard.shape(ShapeInput(bindings=(KNOB,)))
    keyboard.shape(ShapeInput(bindings=(KNOB,), is_learning=True))
    assert taken(keyboard, b"\x90\x24\x50") == [ControlLearned(PORT, 0x90, 0, 36)]
