"""Small indexes of made-up training music."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from musicassist.composing.training_music import FILE_NAME, IndexedLines, PieceName, TrainingMusic
from musicassist.score.song import Notes
from musicassist.tokens.codec import Ints
from musicassist.tokens.fingerprints import codes_of

BEAT, BAR = 480, 1920
LENGTHS = np.array([120, 240, 240, 360, 480, 720])  # of notes, in ticks


def line_of(seed: int, notes: int = 120) -> tuple[Ints, Ints]:
    """Onsets and pitches of a line that nobody wrote."""
    random = np.random.default_rng(seed)
    onset = np.concatenate([[0], np.cumsum(random.choice(LENGTHS, notes - 1))])
    pitch = 60 + np.clip(np.cumsum(random.integers(-5, 6, notes)), -20, 20)
    return onset.astype(np.int64), pitch.astype(np.int64)


def notes_of(onset: Ints, pitch: Ints) -> Notes:
    lasts = np.append(np.diff(onset), BEAT)
    return Notes.from_columns(onset, pitch, lasts, np.full(len(onset), 80))


def index_of(lines: Sequence[tuple[Ints, Ints]], *, usual: int = 9, names: Sequence[PieceName] = ()) -> IndexedLines:
    """An index of lines, each a piece of its own in 4/4."""
    bars = [onset // BAR + 1 for onset, _ in lines]
    passed = np.concatenate([np.diff(bar, prepend=bar[:1]) for bar in bars])
    skips = np.flatnonzero(passed > 1)
    return IndexedLines(
        codes=np.concatenate([codes_of(*line) for line in lines]),
        line_notes=np.array([len(onset) for onset, _ in lines]),
        line_piece=np.arange(len(lines)),
        line_bar=np.array([bar[0] for bar in bars]),
        bar_ends=passed > 0,
        skips=np.stack([skips, passed[skips] - 1], axis=1),
        names=tuple(names) or tuple(PieceName("made", f"Tune {row}", "Nobody") for row in range(len(lines))),
        usual=np.array([(5, usual)]),
    )


def music_of(*lines: tuple[Ints, Ints], usual: int = 9) -> TrainingMusic:
    return TrainingMusic(index_of(lines, usual=usual))


def install_index(folder: Path, lines: Sequence[tuple[Ints, Ints]], *, usual: int = 9) -> None:
    """Writes an index beside the models of a folder."""
    save_file(index_of(lines, usual=usual).tensors(), folder / FILE_NAME)
