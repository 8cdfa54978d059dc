"""Measures loops (length, seam, the next round) and how times of a picture are met, over songs made at random."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from musicassist.errors import ConstraintError
from musicassist.evaluation.figures import Figure
from musicassist.midi import read_song_bytes, write_song
from musicassist.score.hit_points import MAX_OFF_SECONDS, Fit, HitPoints, fitted
from musicassist.score.song import Notes, Song, Track
from musicassist.score.timing import MeterChange, TimeMap, tempo_change
from musicassist.sound.loop_marks import loop_of
from musicassist.sound.loop_render import LoopSpan, loop_parts, looped, render_loop
from musicassist.sound.messages import Tone
from musicassist.sound.render import FORMATS, OfflineSynth, offline_synth, rendered
from musicassist.sound.schedule import schedule_of
from musicassist.sound.wave_synth import WaveSynth

LOOPS, ROUNDS, POINTS = 12, 6, 2000
SEED = 13
RATE = 44_100
_NEAR_FRAMES = RATE // 20
_METERS = ((4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (2, 2), (12, 8))
_QUIET, _DRY = Tone(gain=0.05), Tone(reverb="off", chorus="off")


def measure(loops: int = LOOPS, points: int = POINTS, seed: int = SEED) -> list[Figure]:
    """All figures; a minute or two, most of it FluidSynth's."""
    return [*_loop_figures(loops, seed), *_round_figures(seed), *_point_figures(points, seed)]


def random_song(rng: np.random.Generator, bars: int, bpm: float) -> Song:
    """Melody, chords and drums in 4/4, as dense as music, with instruments at random; some notes are held long."""
    beats = 4 * bars
    tracks = []
    for number, (count, low, high) in enumerate(((2 * beats, 60, 84), (beats, 40, 64))):
        start = np.sort(rng.integers(0, 4 * beats, count)) * 120
        lengths = rng.choice([120, 240, 480, 960, 3840], count, p=[0.3, 0.3, 0.2, 0.15, 0.05])
        notes = Notes.from_columns(start, rng.integers(low, high, count), lengths, rng.integers(50, 120, count))
        tracks.append(Track(f"Part {number}", notes, number, int(rng.integers(0, 104))))
    drums = np.arange(2 * beats) * 240
    pitch, loud = rng.choice([36, 38, 42, 46], len(drums)), rng.integers(60, 120, len(drums))
    tracks.append(Track("Kit", Notes.from_columns(drums, pitch, np.full(len(drums), 60), loud), 9))
    return Song(tuple(tracks), tempo_changes=(tempo_change(0, bpm),), meter_changes=(MeterChange(0, 4, 4),))


def _loop_figures(count: int, seed: int) -> Iterator[Figure]:
    """Loops of about 30 s (the first of exactly that), as files of each kind."""
    rng = np.random.default_rng(seed)
    off: dict[str, list[int]] = {suffix: [] for suffix in FORMATS}
    seams: dict[str, list[float]] = {suffix: [] for suffix in FORMATS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            bars = 15 if number == 0 else int(rng.integers(8, 20))
            song = random_song(rng, bars, 120.0 if number == 0 else float(rng.uniform(bars * 7.5, bars * 8.5)))
            wanted = round(Fraction(bars * 4 * song.tempo_changes[0].microseconds_per_beat * RATE, 1_000_000))
            for suffix in FORMATS:
                path = Path(folder) / f"loop{suffix}"
                render_loop(LoopSpan(song, 0, 1920 * bars), path)
                samples = soundfile.read(path, dtype="int16")[0].astype(np.int64)
                marks = loop_of(path.read_bytes())
                frames = marks.frames if marks is not None and marks.start_frame == 0 else 0
                off[suffix].append(max(abs(len(samples) - wanted), abs(frames - wanted)))
                seams[suffix].append(seam_share(samples))
    for suffix in FORMATS:
        kind = suffix[1:]
        yield Figure("loop of 30 s, samples too many or too few, at most", kind, max(off[suffix]), "", count, seed)
        worst = float(max(seams[suffix]))
        yield Figure("step at the seam against the largest within 50 ms, at most", kind, worst, "", count, seed)


def seam_share(samples: NDArray[np.int64]) -> float:
    """The step from the last sample to the first, against the largest one within 50 ms of it."""
    around = np.concatenate([samples[-_NEAR_FRAMES:], samples[:_NEAR_FRAMES]])
    steps = np.abs(np.diff(around, axis=0)).max(axis=1)
    return float(steps[_NEAR_FRAMES - 1]) / max(1.0, float(np.delete(steps, _NEAR_FRAMES - 1).max()))


def _round_figures(seed: int) -> Iterator[Figure]:
    """The loop against the third of four rounds that are played on and on: how far below it what differs is.

    FluidSynth is asked without room and chorus, whose modulation runs on, so that no two rounds of it are alike. In the
    first second a key that is struck again damps what rings of it, which a loop cannot know.
    """
    rng = np.random.default_rng(seed)
    below: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        song = random_song(rng, 4, 120.0)
        span = LoopSpan(song, 0, 4 * 1920)
        many = _repeated(span.alone(), 4 * 1920, 4)
        for name, tone in (("built-in synth", _QUIET), ("FluidSynth", _DRY)):
            with _synth(name, tone) as synth:
                loop = looped(loop_parts(synth, span, span.alone()), span.frames(RATE)).astype(np.float64)
            with _synth(name, tone) as synth:
                played = np.concatenate(list(rendered(synth, schedule_of(many)))).astype(np.float64)
            third = played[2 * len(loop) : 3 * len(loop)]
            parts = (("all of it", slice(None)), ("from its second second on", slice(RATE, None)))
            for part, rows in parts:
                below.setdefault((name, part), []).append(decibels_below(loop[rows], third[rows]))
    for (name, part), values in below.items():
        what = f"loop against a round played on, {part}: what differs, at least below"
        yield Figure(what, name, float(min(values)), "dB", ROUNDS, seed)


def decibels_below(loop: NDArray[np.float64], played: NDArray[np.float64]) -> float:
    """How far the difference lies below what is played."""
    rest = float(np.sqrt(((loop - played) ** 2).mean()))
    return 20 * float(np.log10(float(np.sqrt((played**2).mean())) / max(rest, 1e-9)))


def _synth(name: str, tone: Tone) -> AbstractContextManager[OfflineSynth]:
    return contextlib.closing(WaveSynth(RATE, tone)) if name == "built-in synth" else offline_synth(None, RATE, tone)


def _repeated(song: Song, ticks: int, times: int) -> Song:
    def notes(own: Notes) -> Notes:
        columns = [(own.start_tick + ticks * t, own.pitch, own.duration_ticks, own.velocity) for t in range(times)]
        return Notes.from_columns(*(np.concatenate(parts) for parts in zip(*columns, strict=True)))

    return Song(
        tuple(track.with_notes(notes(track.notes)) for track in song.tracks),
        song.ticks_per_beat,
        song.tempo_changes,
        song.meter_changes,
    )


def _point_figures(count: int, seed: int) -> Iterator[Figure]:
    """Random meters, tempos, ends and up to four accents; each fit is measured in the file that it makes."""
    rng = np.random.default_rng(seed)
    offs, times_ms, met, silent = [], [], {False: [0, 0], True: [0, 0]}, 0
    for _ in range(count):
        time_map, bars, points = _random_points(rng)
        gaps = np.diff([0.0, *sorted(points.accents_seconds), points.end_seconds])
        is_apart = bool(gaps.min() >= 2.0)  # at least a bar or so between them
        met[is_apart][1] += 1
        began = time.perf_counter()
        try:
            fit = fitted(time_map, bars, points)
        except ConstraintError:
            continue
        finally:
            times_ms.append(1000 * (time.perf_counter() - began))
        met[is_apart][0] += 1
        off_ms = 1000 * _worst_off_seconds(time_map, fit, points)
        offs.append(off_ms)
        silent += off_ms > 1000 * MAX_OFF_SECONDS
    yield Figure("hit points promised and missed by more than 10 ms", "", float(silent), "", len(offs), seed)
    yield Figure("hit points, the worst that was promised is off by", "", float(max(offs)), "ms", len(offs), seed)
    for is_apart, name in ((True, "2 s or more apart"), (False, "anywhere")):
        found, asked = met[is_apart]
        yield Figure(
            "pictures that are met within 20 % of tempo, the others said", name, found / asked, "", asked, seed
        )
    yield Figure("time to fit a picture, 99 % within", "", float(np.quantile(times_ms, 0.99)), "ms", count, seed)


def _random_points(rng: np.random.Generator) -> tuple[TimeMap, int, HitPoints]:
    meters, tick = [], 0
    for _ in range(int(rng.integers(1, 3))):
        meters.append(MeterChange(tick, *_METERS[int(rng.integers(len(_METERS)))]))
        tick += meters[-1].bar_ticks(480) * int(rng.integers(4, 12))
    tempos = [tempo_change(0, float(rng.uniform(60, 180)))]
    if rng.random() < 0.3:
        tempos.append(tempo_change(tick, float(rng.uniform(60, 180))))
    time_map = TimeMap(480, tuple(tempos), tuple(meters))
    bars = int(rng.integers(4, 48))
    own_seconds = time_map.tick_to_seconds(time_map.bar_start_tick(bars))
    end = own_seconds * float(rng.uniform(0.85, 1.15))
    accents = tuple(float(a) for a in rng.uniform(0.05, 0.95, int(rng.integers(0, 5))) * end)
    return time_map, bars, HitPoints(end, accents)


def _worst_off_seconds(time_map: TimeMap, fit: Fit, points: HitPoints) -> float:
    """In the file: from each accent to the next beat of its meter, and from the end to the next bar line."""
    song = Song((Track(),), 480, fit.tempo_changes, time_map.meter_changes)
    times = read_song_bytes(write_song(song), "fit.mid").song.time_map
    lines = [times.bar_start_tick(bar) for bar in range(fit.bars + 1)]
    pulses = []
    for first, last in pairwise(lines):
        pulses.extend(np.arange(first, last, times.pulse_ticks_at(first)).tolist())
    pulse_seconds = times.ticks_to_seconds(np.array(pulses))
    line_seconds = times.ticks_to_seconds(np.array(lines))
    offs = [float(np.abs(pulse_seconds - accent).min()) for accent in points.accents_seconds]
    return max([*offs, float(np.abs(line_seconds - points.end_seconds).min())])
