"""Bytes of MIDI messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.midi_bytes import channel_message


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\xf8", b"\xfe", b"\xf2\x00\x10", b"\xf0\x7e\x7f\x09\x01\xf7"),
        *(b"\x3c\x50", b"\x90", b"\x90\x3c", b"\xb0\x40", b"\xc0", b"\x90\x80\x40", b"\x90\x3c\xff", b"\xe0\x00"),
    ],
)
def test_clocks_sensing_and_what_is_broken_are_no_channel_messages(data: bytes) -> None:
    assert channel_message(data) is None


@given(st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0]), st.integers(0, 15), st.binary(max_size=2))
def test_a_channel_message_is_taken_as_it_is_without_what_follows_it(kind: int, channel: int, rest: bytes) -> None:
    message = bytes((kind | channel, 60, 70))[: 2 if kind in (0xC0, 0xD0) else 3]
    assert channel_message(message) == message
    assert channel_message(message + rest) == message
