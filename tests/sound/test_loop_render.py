"""Loops as audio: exact to the sample, and nobody hears where they begin again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicassist.errors import SaveError, SoundError
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import TempoChange, tempo_change
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.loop_marks import LoopMarks, loop_of
from musicassist.sound.loop_render import LoopSpan, loop_parts, looped, render_loop
from musicassist.sound.messages import Tone
from musicassist.sound.render import rendered
from musicassist.sound.schedule import schedule_of
from musicassist.sound.wave_synth import WaveSynth

BAR = 1920
QUIET = Tone(gain=0.05)  # the built-in synth presses what is loud, and so adds less than the sum
CHORD = (Note(0, 60, 900), Note(480, 64, 1440, 70), Note(960, 67, 960), Note(1440, 72, 480, 110))


def song_of(notes: tuple[Note, ...], bpm: float = 120.0, program: int = 0, events: tuple[Event, ...] = ()) -> Song:
    return Song((Track("A", Notes.of(notes), 0, program, events),), tempo_changes=(tempo_change(0, bpm),))


def round_of(song: Song, from_tick: int, to_tick: int, rate: int = 44_100) -> NDArray[np.int16]:
    span, synth = LoopSpan(song, from_tick, to_tick), WaveSynth(rate, QUIET)
    return looped(loop_parts(synth, span, span.alone()), span.frames(rate))


def seam_and_own_step(samples: NDArray[np.int16]) -> tuple[int, int]:
    """The step from the last sample to the first, and the largest one within 50 ms of it."""
    x = samples.astype(np.int64)
    around = np.abs(np.diff(np.concatenate([x[-2205:], x[:2205]]), axis=0)).max(axis=1)
    return int(around[2204]), int(np.delete(around, 2204).max())


@pytest.mark.parametrize("program", [0, 19, 48])
def test_a_round_is_the_second_of_many_played_on_and_on(program: int) -> None:
    song = song_of(CHORD, program=program)
    many = tuple(replace(note, start_tick=note.start_tick + BAR * turn) for turn in range(4) for note in CHORD)
    synth = WaveSynth(44_100, QUIET)
    played = np.concatenate(list(rendered(synth, schedule_of(song_of(many, program=program))))).astype(int)
    loop = round_of(song, 0, BAR).astype(int)
    frames = len(loop)
    assert frames == 88_200
    assert np.abs(played[2 * frames : 3 * frames] - loop).max() <= 3
    assert np.abs(played[:frames] - loop).max() > 20, "the first round has nothing that rings into it"


NOTES = st.builds(
    Note, st.integers(0, BAR - 1), st.integers(36, 84), st.integers(20, 2 * BAR), st.integers(30, 127)
)  # fmt: skip


@given(
    notes=st.lists(NOTES, min_size=1, max_size=8),
    bpm=st.floats(40, 240),
    program=st.integers(0, 127),
    bars=st.integers(1, 3),
)
@settings(max_examples=25, deadline=None)
def test_every_round_has_its_exact_length_and_no_step_of_its_own(
    notes: list[Note], bpm: float, program: int, bars: int
) -> None:
    song = song_of(tuple(notes), bpm, program)
    samples = round_of(song, 0, BAR * bars, 22_050)
    micros = song.tempo_changes[0].microseconds_per_beat
    assert len(samples) == round(bars * 4 * micros / 1e6 * 22_050)
    # At the seam the strokes of the first tick begin, as loud as anything; the steps are those of the whole round.
    step, own = seam_and_own_step(samples)
    whole = int(np.abs(np.diff(samples.astype(int), axis=0)).max())
    assert step <= max(own, whole) + 2


def test_what_is_struck_a_little_early_belongs_to_the_loop_and_what_is_held_ends_with_it() -> None:
    early = song_of((Note(BAR - 8, 60, 900), Note(BAR + 480, 62, 480), Note(BAR + 1440, 64, 4 * BAR)))
    alone = LoopSpan(early, BAR, 2 * BAR).alone()
    assert [(n.start_tick, n.end_tick) for n in alone.tracks[0].notes] == [
        (BAR - 8, BAR + 892),
        (BAR + 480, BAR + 960),
        (BAR + 1440, 2 * BAR),
    ]
    on_time = song_of((Note(BAR, 60, 892), Note(BAR + 480, 62, 480), Note(BAR + 1440, 64, 4 * BAR)))
    loops = [round_of(song, BAR, 2 * BAR).astype(int) for song in (early, on_time)]
    shift = round(8 / 480 / 2 * 44_100)
    end = [np.abs(loop[-shift:]).max() for loop in loops]
    assert end[0] > end[1], "its beginning lies over the end"


def test_tempo_and_instrument_are_those_that_hold_in_the_loop() -> None:
    events = (Event(0, b"\xc0\x13"), Event(0, b"\xb0\x07\x20"))
    song = replace(
        song_of(CHORD, 120.0, 19, events), tempo_changes=(TempoChange(0, 500_000), TempoChange(BAR, 250_000))
    )
    later = tuple(replace(note, start_tick=note.start_tick + BAR) for note in CHORD)
    song = song.with_track(0, song.tracks[0].with_notes(Notes.of((*CHORD, *later))))
    assert len(round_of(song, BAR, 2 * BAR)) == 44_100
    loud = song.with_track(0, replace(song.tracks[0], events=events[:1]))
    assert np.abs(round_of(loud, BAR, 2 * BAR)).max() > 2 * np.abs(round_of(song, BAR, 2 * BAR)).max()


def test_a_fold_that_would_be_too_loud_is_made_softer_as_a_whole() -> None:
    parts = [(0, np.full((10, 2), 30_000, dtype=np.int16)), (10, np.full((5, 2), 20_000, dtype=np.int16))]
    samples = looped(iter(parts), 10)
    assert samples.max() == 32_767
    assert samples[0, 0] / samples[9, 0] == pytest.approx(5 / 3, abs=0.001)


@pytest.mark.skipif(not is_fluidsynth_here(), reason="libfluidsynth is not installed")
def test_thirty_seconds_are_exact_and_have_no_seam(tmp_path: Path) -> None:
    notes = tuple(replace(n, start_tick=n.start_tick + BAR * bar) for bar in range(15) for n in CHORD)
    path = tmp_path / "loop.wav"
    written = render_loop(LoopSpan(song_of(notes, 120.0, 48), 0, 15 * BAR), path)
    samples, rate = soundfile.read(path, dtype="int16")
    assert (len(samples), rate, written.frames) == (30 * 44_100, 44_100, 30 * 44_100)
    assert loop_of(path.read_bytes()) == LoopMarks(0, 30 * 44_100)
    step, own = seam_and_own_step(samples)
    assert step <= own


def test_what_cannot_be_looped_is_said_and_leaves_no_file(tmp_path: Path) -> None:
    song = song_of(CHORD)
    with pytest.raises(SoundError, match="no notes"):
        render_loop(LoopSpan(song, BAR, 2 * BAR), tmp_path / "loop.wav")
    with pytest.raises(SoundError, match="fewer bars"):
        render_loop(LoopSpan(song, 0, 1000 * BAR), tmp_path / "loop.wav")
    muted = song.with_track(0, replace(song.tracks[0], muted=True))
    with pytest.raises(SoundError, match="Nothing of this song is heard"):
        render_loop(LoopSpan(muted, 0, BAR), tmp_path / "loop.wav")
    with pytest.raises(SaveError, match="cancelled"):
        render_loop(LoopSpan(song, 0, BAR), tmp_path / "loop.wav", is_cancelled=lambda: True)
    assert not list(tmp_path.glob("loop*"))
