"""What shows that a part is for drums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.evidence import plays_like_drums
from musicassist.score.midi_bytes import DrumPart, meaning_of
from musicassist.score.song import Event, Note, Notes, Song, Track

TUNE = phrase(*(72, 74, 76, 79, 76, 74, 72, 67) * 2, step_ticks=480)
ROCK = Notes.of(
    Note(bar * 1920 + eighth * 240, pitch, 120)
    for bar in range(4)
    for eighth in range(8)
    for pitch in ((36, 42) if eighth in (0, 5) else (38, 42) if eighth in (2, 6) else (42,))
)
ONE_AT_A_TIME = phrase(*(36, 42, 42, 42, 38, 42, 42, 42) * 8, step_ticks=120)
BASSES = {
    "roots": (36, 36, 43, 43, 41, 41, 38, 43) * 4,
    "walking in B flat": (34, 38, 41, 43, 44, 43, 41, 38, 39, 43, 46, 48, 41, 45, 48, 50) * 2,
    "one note": (36,) * 32,
    "octaves": (36, 48) * 16,
    "chromatic": tuple(range(36, 52)) * 2,
    "reggae": (38, 38, 45, 42, 38, 38, 50, 45) * 4,
    "minor riff": (40, 40, 43, 40, 38, 36, 35, 40) * 4,
}


def sysex(text: str) -> Event:
    return Event(0, bytes.fromhex(text))


def song(*tracks: Track, events: tuple[Event, ...] = ()) -> Song:
    return Song(tracks=tracks, events=events)


@pytest.mark.parametrize("strokes", [ROCK, ONE_AT_A_TIME])
def test_strokes_of_a_kit_are_drums_without_name_and_on_any_channel(strokes: Notes) -> None:
    assert Track("", strokes, channel=2).is_drums
    assert not Track("", strokes, channel=2).is_on_drum_channel


@pytest.mark.parametrize("line", BASSES.values(), ids=BASSES)
def test_a_bass_line_is_no_drum_part(line: tuple[int, ...]) -> None:
    assert not Track("", phrase(*line), channel=1).is_drums


@given(st.lists(st.integers(-2, 2), min_size=8, max_size=60), st.integers(30, 60))
def test_a_line_that_moves_by_steps_is_never_a_drum_part(steps: list[int], first: int) -> None:
    assert not plays_like_drums(np.clip(first + np.cumsum(steps), 27, 87))


def test_a_name_that_says_bass_or_melody_is_believed_against_the_notes() -> None:
    assert not Track("Bass", ONE_AT_A_TIME).is_drums
    assert not Track("Tune", ONE_AT_A_TIME).is_drums
    assert Track("Drums", TUNE).is_drums


@pytest.mark.parametrize("msb", [120, 126, 127])
def test_the_banks_of_gm2_and_xg_make_a_drum_part(msb: int) -> None:
    select = Event(0, bytes([0xB0 | 10, 0, msb]))
    assert song(Track("", TUNE, channel=10, events=(select,))).is_drum_track(0)
    assert not song(Track("", TUNE, channel=11, events=(select,))).is_drum_track(0)


@pytest.mark.parametrize(("block", "channel"), [(0, 9), (1, 0), (9, 8), (10, 10), (15, 15)])
def test_roland_names_the_parts_for_drums_by_block_whatever_the_device(block: int, channel: int) -> None:
    for device in ("10", "11", "7f"):
        assert meaning_of(bytes.fromhex(f"f041{device}421240{0x10 | block:02x}150100f7")) == DrumPart(channel, True)
    assert meaning_of(bytes.fromhex(f"f04110421240{0x10 | block:02x}150000f7")) == DrumPart(channel, False)


def test_a_message_of_the_conductor_or_of_another_track_makes_a_drum_part() -> None:
    gs = sysex("f04110421240 1a 15 02 0bf7")  # block A is channel 11
    xg = sysex("f043104c08 0a 07 02 f7")
    part = Track("", TUNE, channel=10)
    for message in (gs, xg):
        assert song(part, events=(message,)).is_drum_track(0)
        assert song(part, Track("", TUNE, events=(message,))).is_drum_track(0)
    assert not song(part).is_drum_track(0)


def test_channel_ten_has_pitches_where_a_message_says_so() -> None:
    melodic = song(Track("", TUNE, channel=9), events=(sysex("f04110421240 10 15 00 1bf7"),))
    assert not melodic.is_drum_track(0)
    assert song(Track("", TUNE, channel=9)).is_drum_track(0)


def test_under_gs_the_banks_of_xg_are_pitched_sounds() -> None:
    gs_reset = sysex("f04110421240007f0041f7")
    part = Track("", TUNE, channel=3, events=(Event(0, b"\xb3\x00\x7f"),))
    assert song(part).is_drum_track(0)
    assert not song(part, events=(gs_reset,)).is_drum_track(0)
    assert not song(part, Track("", TUNE, events=(gs_reset,))).is_drum_track(0)
    assert song(Track("", TUNE, channel=3, events=(Event(0, b"\xb3\x00\x78"),)), events=(gs_reset,)).is_drum_track(0)


@pytest.mark.parametrize("data", ["f0f7", "f07e7f0901f7", "f04110421240007f0041f7", "f043104c00007e00f7", "f04110"])
def test_other_messages_make_no_drum_part(data: str) -> None:
    assert not isinstance(meaning_of(bytes.fromhex(data)), DrumPart)


@pytest.mark.parametrize(
    ("reset", "msb"), [("f043104c00007e00f7", 0), ("f043104c00007e00f7", 64), ("f07e7f0903f7", 121)]
)
@pytest.mark.parametrize("is_in_conductor", [False, True])
def test_channel_ten_has_pitches_where_xg_or_gm2_is_set_and_its_bank_is_a_pitched_one(
    reset: str, msb: int, *, is_in_conductor: bool
) -> None:
    sets, bank = Event(0, bytes.fromhex(reset)), Event(0, bytes((0xB9, 0, msb)))
    tune = Notes.of([Note(480 * row, pitch, 480) for row, pitch in enumerate([67, 69, 71, 72, 74, 72, 71, 67])])
    track = Track(notes=tune, channel=9, events=(bank,) if is_in_conductor else (sets, bank))
    song = Song((track,), events=(sets,) if is_in_conductor else ())
    assert not song.is_drum_track(0)
    assert song.key_evidence is not None
    assert Song((Track(notes=tune, channel=9, events=(bank,)),)).is_drum_track(0)  # nothing sets the standard
