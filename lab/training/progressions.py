"""Trains the model of progressions: ``python -m lab.training.progressions DATA FILE``; some minutes on one core.

It learns from the tracks CHORDS of POP909 and of lead sheets, below their melodies. Nothing of the valid and test
sides is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from lab.training.chord_detector import labels_of, songs
from musicassist.harmony.detection import QUALITIES
from musicassist.harmony.progressions import (
    FACTS,
    LAPS,
    LOOK_BACK_FACT,
    LOOK_BACK_ROW,
    MELODY_ROWS,
    ROWS,
    Ground,
    MelodyAround,
    Placed,
    features,
    laps_of,
)
from musicassist.score.keys import key_at
from musicassist.score.song import Song
from musicassist.score.theory import Key

SETS = ("pop909", "openewld")
HIDDEN, DROPOUT, BATCH, RATE, DECAY = 128, 0.25, 256, 4e-3, 2e-2
UNHEARD, FORGOTTEN = 0.15, 0.35  # shares of the chords
MIN_CHORDS = 8  # of a piece
MAX_PAUSE_BEATS = 8  # within one chord


def progressions(data: Path, splits: Sequence[str]) -> Iterator[tuple[str, Song, list[Ground], list[Placed]]]:
    """Songs with a melody and chords: set, song, for each chord what it stands on, and the chords.

    A chord that is struck again is one chord.
    """
    for dataset, song in songs(data, splits):
        melody = next((t.notes for t in song.tracks if t.name == "MELODY" and len(t.notes)), None)
        if dataset not in SETS or melody is None:
            continue
        chords: list[Placed] = []
        for from_tick, to_tick, root, quality in labels_of(song):
            state = root * len(QUALITIES) + quality
            is_same = bool(chords) and chords[-1][2] == state
            if is_same and from_tick - chords[-1][1] < MAX_PAUSE_BEATS * song.ticks_per_beat:
                chords[-1] = (chords[-1][0], to_tick, state)
            else:
                chords.append((from_tick, to_tick, state))
        if len(chords) >= MIN_CHORDS:
            around = MelodyAround(melody, song.ticks_per_beat)
            keys = [key_at(song, start).key or Key(0) for start, _, _ in chords]
            yield dataset, song, [Ground(around, song.time_map, key) for key in keys], chords


def rows_of(data: Path, splits: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features (n, ROWS, 12) and (n, FACTS), the chords (n,), and how long they hold, (LAPS,) counts."""
    rows, facts, states = [], [], []
    laps = np.zeros(LAPS, np.int64)
    for _, song, grounds, chords in progressions(data, splits):
        for place, (start, end, state) in enumerate(chords):
            row, fact = features(grounds[place], chords[:place], start, end)
            rows.append(row)
            facts.append(fact)
            states.append(state)
        laps += laps_of(chords, song.time_map)
    return torch.tensor(np.stack(rows)), torch.tensor(np.stack(facts)), torch.tensor(states), torch.tensor(laps)


class Net(nn.Module):
    """The net of ``harmony.progressions``, for all roots alike."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.middle = nn.Linear(ROWS * 12 + FACTS, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.outer, self.dropout = nn.Linear(HIDDEN, len(QUALITIES) + 1), nn.Dropout(DROPOUT)
        self.turns = torch.tensor([[(root + i) % 12 for i in range(12)] for root in range(12)])

    def forward(self, rows: torch.Tensor, facts: torch.Tensor) -> torch.Tensor:
        """(n, ROWS, 12) and (n, FACTS) to scores (n, STATES)."""
        turned = rows[:, :, self.turns].permute(0, 2, 1, 3).reshape(len(rows), 12, -1)
        read = torch.cat([turned, facts[:, None].expand(-1, 12, -1)], -1)
        hidden = self.dropout(torch.relu(self.inner(read)))
        hidden = self.dropout(torch.relu(self.middle(hidden)))
        outer = self.outer(hidden)
        return (outer[..., :-1] + outer[..., -1:]).reshape(len(rows), -1)

    def tensors(self, laps: torch.Tensor) -> dict[str, torch.Tensor]:
        """What is written, by name."""
        layers = {"inner": self.inner, "middle": self.middle, "outer": self.outer}
        found = {name: layer.weight for name, layer in layers.items()}
        found |= {f"{name}_bias": layer.bias for name, layer in layers.items()}
        found["lap_costs"] = -torch.log((laps + 1) / (laps + 1).sum())
        return {name: tensor.detach().half().contiguous() for name, tensor in found.items()}


def less_known(rows: torch.Tensor, facts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Features where of some the melody is not known, of some what stood there before; so that each is of use alone."""
    rows, facts = rows.clone(), facts.clone()
    is_unheard, is_forgotten = torch.rand(len(rows)) < UNHEARD, torch.rand(len(rows)) < FORGOTTEN
    rows[is_unheard, :MELODY_ROWS] = 0
    rows[is_forgotten, LOOK_BACK_ROW:] = 0
    facts[is_forgotten, LOOK_BACK_FACT:] = 0
    return rows, facts


def train(
    net: Net, read: tuple[torch.Tensor, torch.Tensor, torch.Tensor], rounds: int, batch_size: int = BATCH
) -> float:
    """Trains a net on features and chords; gives the loss of the last round, nats a chord."""
    rows, facts, states = read
    batches = len(states) // batch_size
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, rounds * batches + 2)
    mean = 0.0
    for _ in range(rounds):
        total = 0.0
        for batch in torch.randperm(len(states)).split(batch_size)[:batches]:
            loss = nn.functional.cross_entropy(net(*less_known(rows[batch], facts[batch])), states[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        mean = total / batches
        print(f"{mean / np.log(2):.3f} bits a chord", flush=True)
    return mean


def main() -> None:
    """Reads, trains, writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("file", type=Path)
    words.add_argument("--rounds", type=int, default=7)
    words.add_argument("--seed", type=int, default=0)
    given = words.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    *read, laps = rows_of(given.data, ("train",))
    print(len(read[0]), "chords", flush=True)
    net = Net()
    train(net, (read[0], read[1], read[2]), given.rounds)
    save_file(net.tensors(laps), given.file)


if __name__ == "__main__":
    main()
