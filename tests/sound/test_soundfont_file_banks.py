"""A program change means drums, a bank or the nearest thing that the font has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.midi.reading import read_song_bytes
from musicassist.score.midi_bytes import DRUM_KIT, NO_DRUM_KIT, PORT_SHIFT, USUAL_BANK
from musicassist.sound.schedule import schedule_of
from musicassist.sound.soundfont_file import font_bank, nearest_preset
from smf import Row, control, meta, notes, program, smf, sysex

XG, GS, GM2 = sysex("43 10 4c 00 00 7e 00"), sysex("41 10 42 12 40 00 7f 00 41"), sysex("7e 7f 09 03")


def programs_of(*rows: bytes, channel: int, first: bytes = b"") -> list[tuple[int, int]]:
    """Program and bank of each program change in the schedule, in order."""
    track: list[Row] = [*((0, row) for row in rows), *notes(channel, (60,))]
    song = read_song_bytes(smf([(0, first)] if first else [], track), "test").song
    return [m[1:] for _, m in schedule_of(song).rows(0, 10_000) if m[0] & 0xF0 == 0xC0]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("reset", "channel", "high", "meant"),
    [
        (XG, 10, 127, DRUM_KIT),
        (XG, 0, 126, DRUM_KIT),
        (XG, 9, 127, USUAL_BANK),
        (XG, 9, 0, NO_DRUM_KIT),
        (XG, 10, 0, USUAL_BANK),
        (GM2, 10, 120, DRUM_KIT),
        (GM2, 9, 121, NO_DRUM_KIT),
        (GM2, 3, 121, USUAL_BANK),
        (GS, 3, 8, 8),
        (GS, 9, 8, USUAL_BANK),
        (b"", 3, 8, 8),
        (b"", 10, 127, 127),
    ],
)
def test_banks_mean_what_the_standard_in_force_says(reset: bytes, channel: int, high: int, meant: int) -> None:
    rows = control(channel, 0, high), program(channel, 5)
    assert programs_of(*rows, channel=channel, first=reset)[-1] == (5, meant)


@pytest.mark.parametrize("message", ["41 10 42 12 40 1a 15 01 10", "43 10 4c 08 0a 07 01"])
def test_a_drum_part_plays_drums_from_the_message_on_and_no_longer_after_a_reset(message: str) -> None:
    rows = program(10, 40), sysex(message), GS, program(10, 3)
    assert programs_of(*rows, channel=10) == [(40, 0), (40, DRUM_KIT), (0, 0), (3, 0)]


def test_a_reset_is_for_all_channels_and_a_port_is_for_its_own() -> None:
    first = [(0, program(0, 19)), (480, sysex("41 10 42 12 40 11 15 01 10")), *notes(0, (60, 60))]
    second = [(0, meta(0x21, b"\1")), (0, program(0, 73)), *notes(0, (60, 60))]
    song = read_song_bytes(smf([(960, GS)], first, second), "test").song
    rows = [m for _, m in schedule_of(song).rows(0, 100) if m[0] & 0xF0 == 0xC0]
    port = 1 << PORT_SHIFT
    expected = [(0xC0, 19, 0), (0xC0 | port, 73, 0), (0xC0, 19, DRUM_KIT), (0xC0, 0, 0), (0xC0 | port, 0, 0)]
    assert rows == expected


@given(
    st.sets(st.tuples(st.integers(0, 128), st.integers(0, 127)), min_size=1), st.integers(0, 127), st.integers(0, 127)
)
def test_every_font_with_any_instrument_has_a_nearest_one(
    presets: set[tuple[int, int]], bank: int, number: int
) -> None:
    found = nearest_preset(presets, bank, number)
    assert found in presets
    if (bank, number) in presets:
        assert found == (bank, number)
    elif (0, number) in presets:
        assert found == (0, number)


def test_the_nearest_instrument_is_of_the_same_family_and_drums_are_drums() -> None:
    assert nearest_preset({(0, 39), (0, 46)}, 0, 40) == (0, 46)
    assert nearest_preset({(0, 0), (0, 24)}, 0, 25) == (0, 0), "as FluidSynth does"
    assert nearest_preset({(128, 8), (0, 3)}, 128, 30) == (128, 8)
    assert nearest_preset({(0, 3)}, 128, 0) is None
    assert font_bank(9, USUAL_BANK) == font_bank(3, DRUM_KIT) == 128
    assert font_bank(9, NO_DRUM_KIT) == font_bank(3, USUAL_BANK) == 0
