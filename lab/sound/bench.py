"""Measures how exactly the engine plays, in real time on JACK's dummy server; some two minutes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lab.sound.external_port import Sending, numbered_phrase, send_phrase
from lab.sound.hits import (
    LATE_SECONDS,
    SEED,
    Timing,
    drum_phrase,
    exported_onsets,
    hits_seconds,
    record_playback,
    recorded_onsets,
    timing_of,
)
from lab.sound.jack_rounding import LONG_PERIOD_FRAMES, received_errors, sent_errors, with_server
from lab.sound.jack_system import JACK_SAMPLE_RATE, PERIOD_FRAMES, dummy_jack_server, require_programs
from lab.sound.loads import freezing_window, model_at_work
from lab.sound.thru import measure_thru
from musicassist.evaluation.figures import Figure

__all__ = ["drum_phrase", "dummy_jack_server", "hits_seconds", "measure", "record_playback"]

_THRU_SECONDS = 12.0
_DECODING = "lstm"


def measure() -> list[Figure]:
    """Playback, an external port, keys and export at 48 kHz, in periods of 128 frames; the machine's load last.

    Raises:
        SoundError: JACK's programs or FluidSynth are missing, or notes were lost.
    """
    require_programs()
    with tempfile.TemporaryDirectory(prefix="musicassist-bench-") as name, dummy_jack_server():
        folder = Path(name)
        rows = [*_playback_rows(folder), *_port_rows(folder), *_thru_rows(folder), *_rounding_rows(folder)]
        return [*rows, _load_row()]


def _playback_rows(folder: Path) -> Iterator[Figure]:
    song, path = drum_phrase(), folder / "recorded.wav"
    wanted = hits_seconds(song)
    heard = recorded_onsets(song, path)
    yield from _onset_rows("idle", "", timing_of(heard, wanted))
    exported = timing_of(heard, exported_onsets(song, folder / "exported.wav"))
    yield Figure("exported audio against played, largest", "", exported.percentile_ms(100), "ms", len(wanted), SEED)
    with model_at_work(folder):
        heard = recorded_onsets(song, path)
    yield from _onset_rows("while 8 takes decode", _DECODING, timing_of(heard, wanted))
    with freezing_window():
        heard = recorded_onsets(song, path)
    yield from _onset_rows("window frozen 500 ms at a time", "", timing_of(heard, wanted))


def _onset_rows(state: str, model: str, timing: Timing) -> Iterator[Figure]:
    yield from _percentile_rows(f"onset error, {state}", model, timing)
    count = len(timing.errors)
    yield Figure(f"onset error, {state}, spread", model, timing.spread_ms, "ms", count, SEED)
    yield Figure(
        f"notes more than {LATE_SECONDS * 1000:.1f} ms late, {state}", model, timing.late_notes, "notes", count, SEED
    )


def _percentile_rows(metric: str, model: str, timing: Timing) -> Iterator[Figure]:
    for percent in (50, 95, 99):
        yield Figure(f"{metric}, p{percent}", model, timing.percentile_ms(percent), "ms", len(timing.errors), SEED)


def _port_rows(folder: Path) -> Iterator[Figure]:
    idle = send_phrase(numbered_phrase(), folder)
    with model_at_work(folder):
        busy = send_phrase(numbered_phrase(), folder)
    yield from _sending_rows("idle", "", idle)
    yield from _sending_rows("while 8 takes decode", _DECODING, busy)


def _sending_rows(state: str, model: str, sending: Sending) -> Iterator[Figure]:
    yield from _percentile_rows(f"external port, {state}", model, sending.timing)
    count = len(sending.timing.errors)
    yield Figure(f"external port, {state}, lost", model, sending.lost_notes, "notes", count, SEED)
    if sending.priority is not None:
        metric = f"external port, {state}, real-time priority of the sender"
        yield Figure(metric, model, sending.priority, "", count, SEED)


def _thru_rows(folder: Path) -> Iterator[Figure]:
    delays_ms = measure_thru(_THRU_SECONDS, folder / "thru.wav") * 1000
    for percent in (50, 95, 99):
        metric = f"key to sound, p{percent} (a period is {1000 * PERIOD_FRAMES / JACK_SAMPLE_RATE:.1f} ms)"
        yield Figure(metric, "", float(np.percentile(delays_ms, percent)), "ms", len(delays_ms), SEED)


def _rounding_rows(folder: Path) -> Iterator[Figure]:
    """JACK's own MIDI comes and goes in periods; from the earliest to the latest note."""
    for period_frames in (PERIOD_FRAMES, LONG_PERIOD_FRAMES):
        for way, measured in (("received", received_errors), ("sent", sent_errors)):
            errors_ms = 1000 * with_server(period_frames, measured, folder)
            period_ms = 1000 * period_frames / JACK_SAMPLE_RATE
            metric = f"JACK's rounding of notes {way}, earliest to latest (a period is {period_ms:.1f} ms)"
            yield Figure(metric, "", float(np.ptp(errors_ms)), "ms", len(errors_ms), SEED)


def _load_row() -> Figure:
    """How many programs wanted a core meanwhile, ours among them: what the other rows must be read with."""
    return Figure(f"load of the machine, {os.cpu_count()} cores", "", os.getloadavg()[0], "programs", 1, SEED)
