"""Chords: keys that overlap belong together."""

from __future__ import annotations

from musicassist.session.step_input import Chord, ChordCatcher
from musicassist.sound.messages import MidiReceived


def caught(*messages: bytes) -> list[Chord]:
    catcher = ChordCatcher()
    return [chord for message in messages for chord in catcher.receive(MidiReceived((0.0,), (0.0,), (message,)))]


def test_a_key_is_a_chord_when_it_is_let_go() -> None:
    assert caught(b"\x90\x3c\x50") == []
    assert caught(b"\x90\x3c\x50", b"\x90\x3c\x00") == [((60, 80),)]


def test_keys_that_overlap_are_one_chord_however_they_are_let_go() -> None:
    chord = caught(b"\x90\x3c\x50", b"\x90\x40\x46", b"\x80\x3c\x00", b"\x90\x43\x3c", b"\x80\x43\x00", b"\x80\x40\x00")
    assert chord == [((60, 80), (64, 70), (67, 60))]


def test_a_pedal_is_a_rest_once_and_a_key_that_nobody_struck_nothing() -> None:
    assert caught(b"\xb0\x40\x7f", b"\xb0\x40\x7f", b"\xb0\x40\x00", b"\x80\x3c\x00", b"\xb0\x01\x7f", b"\xd0\x40") == [
        ()
    ]
