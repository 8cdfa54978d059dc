"""Measures how far what we make of MIDI files agrees with FluidSynth's own player, each track alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from lab.sound.agreement import MAX_CENTS, MAX_DECIBELS, MAX_MS, Difference, differences
from lab.sound.agreement_files import tracks_alone, written_file
from musicassist.errors import MusicAssistError, SoundError
from musicassist.evaluation.figures import Figure
from musicassist.sound.soundfont_file import bundled_soundfont

FILES = 60
_MAX_SECONDS, _MAX_TRACKS = 30.0, 8  # LIMIT: of a file
_SUFFIXES = (".mid", ".midi", ".kar")


def measure(music: Path | None, count: int = FILES, say: Callable[[str], None] = lambda _text: None) -> list[Figure]:
    """Compares files of a folder, spread evenly over it, and written ones up to ``count`` files in all.

    Raises:
        SoundError: FluidSynth or the font is missing.
    """
    font = bundled_soundfont()
    if font is None:
        raise SoundError("The SoundFont that comes with pretty_midi is missing.")
    found = sorted(p for p in music.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file()) if music else []
    real = [found[round(place)] for place in np.linspace(0, len(found) - 1, min(len(found), count // 2))]
    rows = [Figure("files found", "", float(len(found)), "files", len(found), 0)]
    everything: list[Difference] = []
    written = ((f"written {seed}", written_file(seed)) for seed in range(count - len(real)))
    for kind, files in (("real", ((path.name, path.read_bytes()) for path in real)), ("written", written)):
        notes: list[Difference] = []
        number = 0
        for number, (name, file) in enumerate(files, start=1):
            say(f"{name}: {number} of {len(real) if kind == 'real' else count - len(real)}")
            notes.extend(_of_file(file, font))
        everything += notes
        rows += _rows(kind, number, notes)
    return [*rows, *_rows("all", count, everything)]


def _of_file(file: bytes, font: Path) -> Iterator[Difference]:
    """The heard notes of each track; none of a file that one of both cannot read."""
    for track in tracks_alone(file)[:_MAX_TRACKS]:
        try:
            yield from (note for note in differences(track, font, most_seconds=_MAX_SECONDS) if note.is_heard)
        except MusicAssistError:
            continue


def _rows(kind: str, files: int, notes: list[Difference]) -> Iterator[Figure]:
    if not notes:
        return
    small = sum(note.is_small for note in notes)
    limits = f"onset {MAX_MS:g} ms, pitch {MAX_CENTS:g} cents, loudness {MAX_DECIBELS:g} dB"
    metric = f"agreement with FluidSynth's player, {kind}, {files} files ({limits})"
    yield Figure(metric, "", 100 * small / len(notes), "%", len(notes), 0)
    for name, unit, values in (
        ("onset", "ms", [note.onset_ms for note in notes]),
        ("pitch", "cents", [note.cents for note in notes]),
        ("loudness", "dB", [note.decibels for note in notes]),
    ):
        value = float(np.percentile(np.abs(values), 99))
        yield Figure(f"{name} beside FluidSynth's player, {kind}, p99", "", value, unit, len(notes), 0)
