"""No pitch is lost between the fingers and the song: MPE as an instrument for it sounds, beside our recording of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.sound.agreement import MAX_CENTS, compare, render_ours
from lab.sound.reference_player import play_reference
from musicassist.score.song import Notes, Song, Track
from musicassist.score.timing import tempo_change
from musicassist.session.recording import Recorder, write_rounds
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.messages import MidiReceived
from musicassist.sound.one_channel import OneChannel
from musicassist.sound.soundfont_file import bundled_soundfont
from smf import Row, control, off, on, program, smf

ORGAN, REACH, STEP = 19, 48, 480
SHORT_SHARE = 1 / 128  # by so much FluidSynth bends less than it is told; what we write as another key is not bent
ZONE = [control(0, 101, 0), control(0, 100, 6), control(0, 6, 15)]


@pytest.fixture(scope="module")
def font() -> Path:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")
    found = bundled_soundfont()
    assert found is not None
    return found


def bend(channel: int, semitones: float) -> bytes:
    value = 8192 + round(semitones / REACH * 8192)
    return bytes((0xE0 | channel, value & 0x7F, value >> 7))


def widest(rows: list[Row]) -> float:
    """The semitones of the widest bend."""
    values = [data[1] | data[2] << 7 for _, data in rows if data[0] & 0xF0 == 0xE0]
    return max(abs(value - 8192) for value in values) / 8192 * REACH


def slide(*semitones: float) -> list[Row]:
    """One finger, which goes to another pitch with each beat."""
    moves = [(STEP * beat, bend(1, up)) for beat, up in enumerate(semitones)]
    return [moves[0], (0, on(1, 60)), *moves[1:], (STEP * len(semitones), off(1, 60))]


CHORD = [
    (0, on(1, 60)), (0, on(2, 64)), (0, on(3, 67)), (STEP, bend(2, -1)), (2 * STEP, bend(3, 2)),
    (2 * STEP, bend(1, -5)), (3 * STEP, bend(2, 7)), (4 * STEP, off(1, 60)), (4 * STEP, off(2, 64)),
    (4 * STEP, off(3, 67)),
]  # fmt: skip


def as_an_mpe_instrument_sounds(rows: list[Row]) -> bytes:
    """A file in which each finger has a channel that bends as far as MPE's do."""
    head: list[Row] = []
    for channel in (1, 2, 3):
        choice = control(channel, 101, 0), control(channel, 100, 0), control(channel, 6, REACH)
        head += [(0, message) for message in (program(channel, ORGAN), *choice)]
    return smf([], [*head, *rows])


def recorded(rows: list[Row]) -> Song:
    """What the recorder makes of it, in a song that plays it on one channel."""
    keyboard, recorder = OneChannel(), Recorder(Song(tempo_changes=(tempo_change(0, 120),)), 0)
    for message in ZONE:
        assert keyboard.convert(message, 0.0) == []
    for tick, message in rows:
        told = keyboard.convert(message, tick / 960)
        recorder.receive(MidiReceived((tick / 960,) * len(told), (float(tick),) * len(told), tuple(told)))
    song = Song((Track("Organ", Notes.of(), program=ORGAN),), 480, (tempo_change(0, 120),))
    recorder.notes(rows[-1][0])
    return write_rounds(song, 0, recorder.rounds, is_replacing=False).song


@pytest.mark.parametrize(
    "rows",
    [slide(0, 2, 7, -3.5, 0.4), slide(1.3, -1.3, 9.25), slide(0, 0.5, 1, 1.5, 2, 2.5), CHORD],
    ids=["wide", "from a bend", "slow", "chord"],
)
def test_what_is_recorded_of_fingers_has_the_pitches_that_they_had(rows: list[Row], font: Path) -> None:
    reference = play_reference(as_an_mpe_instrument_sounds(rows), font, most_seconds=10.0).samples
    settled = [STEP * beat / 960 + 0.1 for beat in range(rows[-1][0] // STEP)]
    found = list(compare(render_ours(recorded(rows), font), reference, settled))
    most_cents = MAX_CENTS + 100 * widest(rows) * SHORT_SHARE
    assert [difference.cents for difference in found] == pytest.approx([0] * len(settled), abs=most_cents)
