"""How long a note of the net of all parts takes on NumPy alone: ``python -m lab.evaluation.ensemble_speed WEIGHTS``."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from lab.ensemble.decoding import Decoder, Memory
from lab.ensemble.following import Follower
from lab.ensemble.given import Given
from lab.ensemble.stream import BarGrid, stream_of
from lab.ensemble.vocabulary import GAPS, VELOCITY_BINS, Role

ROLES = (Role.BASS, Role.CHORDS, Role.MELODY)
FEWEST, MOST = 3, 12  # LIMIT: of gaps at the end of a chord, so that music goes on


def main() -> None:
    """Writes notes to nothing, one stream and four side by side, and prints the times of a note."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("weights", type=Path)
    words.add_argument("--notes", type=int, default=300)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    decoder = Decoder(load_file(given.weights))
    nothing = np.zeros(0, dtype=np.int64)
    bars = BarGrid(np.array([0]), np.array([48]), np.array([0]))
    for streams in (1, 4):
        random = np.random.default_rng(given.seed)
        parts = Given(stream_of(nothing, nothing, nothing, nothing, nothing), bars)
        followers = [Follower(ROLES, parts, 0) for _ in range(streams)]
        memory, took = decoder.begin(streams), []
        for _ in range(given.notes):
            began = time.perf_counter()
            memory = step(decoder, followers, memory, random)
            took.append(1e3 * (time.perf_counter() - began))
        p50, p95 = np.percentile(took[20:], [50, 95])
        print(
            json.dumps({"streams": streams, "ms p50": round(float(p50), 2), "ms p95": round(float(p95), 2)}), flush=True
        )


def step(decoder: Decoder, followers: list[Follower], memory: Memory, random: np.random.Generator) -> Memory:
    """One note more in each stream, drawn as the net says."""
    gaps = [follower.gap_row() for follower in followers]
    state = np.array([row.state for row in gaps])
    output, memory = decoder.read(state, np.stack([row.state_numbers for row in gaps]), memory)
    scores = decoder.gap(output, np.array([row.columns for row in gaps]), np.stack([row.numbers for row in gaps]))
    gap = [min(int(g), MOST) if g < GAPS - 1 else FEWEST for g in _drawn(scores, random)]
    roles = [follower.role_row(g) for follower, g in zip(followers, gap, strict=True)]
    scores = decoder.role(
        output,
        np.array([row.columns for row in roles]),
        np.stack([row.numbers for row in roles]),
        np.array([row.least_role for row in roles]),
        np.stack([follower.free_roles for follower in followers]),
    )
    role = _drawn(scores, random)
    pitches = [follower.pitch_row(int(r)) for follower, r in zip(followers, role, strict=True)]
    classes = np.stack([row.classes for row in pitches])
    scores = decoder.pitch(
        output,
        np.array([row.columns for row in pitches]),
        np.array([row.anchors for row in pitches]),
        np.array([row.candidates for row in pitches]),
        classes,
        np.array([row.tonic for row in gaps]),
        np.array([row.least_pitch for row in pitches]),
    )
    pitch = _drawn(scores, random)
    columns = np.array([follower.length_row(int(p)) for follower, p in zip(followers, pitch, strict=True)])
    length = _drawn(decoder.length(output, columns, classes, pitch), random)
    columns = np.array([follower.velocity_row(int(n)) for follower, n in zip(followers, length, strict=True)])
    velocity = np.minimum(_drawn(decoder.velocity(output, columns), random), VELOCITY_BINS - 1)
    for follower, own in zip(followers, velocity, strict=True):
        follower.add(int(own))
    return memory


def _drawn(scores: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A class for each row, by its chance."""
    return np.asarray((scores + random.gumbel(size=scores.shape)).argmax(1))


if __name__ == "__main__":
    main()
