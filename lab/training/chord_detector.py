"""Trains the chord detector: ``python -m lab.training.chord_detector DATA FILE``; two minutes on one core.

It learns from POP909, whose track CHORDS says what sounds in the others, and from the tracks CHORDS of lead sheets
themselves, with and without the melody. Nothing of the valid and test sides is read.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn

from musicassist.harmony.detection import PROFILES, QUALITIES, Frames, profiles
from musicassist.learning.music_files import archived_files
from musicassist.midi import read_song_bytes
from musicassist.score.chord_track import is_chord_track
from musicassist.score.song import NOTE_COLUMNS, Notes, Song
from musicassist.score.theory import CHORD_QUALITIES

LICENCES = ("permissive", "mit_underlying_copyright")
PLAIN = {"6": "", "m6": "m", "9": "7"}  # as what the detector knows them
HIDDEN = 64
BATCH = 512
Ints = NDArray[np.int64]
Labels = list[tuple[int, int, int, int]]  # from tick, to tick, root, row of QUALITIES


def label_of(pitches: Ints) -> tuple[int, int] | None:
    """Root and row of ``QUALITIES`` of what is struck together: the chord of just these tones, or above a bass."""
    bass, tones = int(pitches.min()) % 12, frozenset((pitches % 12).tolist())
    found: list[tuple[int, int, int, int, str]] = []
    for place, (quality, steps) in enumerate(CHORD_QUALITIES.items()):
        for root in range(12):
            own = frozenset((root + step) % 12 for step in steps)
            if tones in (own, own | {bass}):
                rank = 2 if tones != own else int(root != bass)
                found.append((rank, len(steps), place, root, quality))
    if not found:
        return None
    *_, root, quality = min(found)
    return root, QUALITIES.index(PLAIN.get(quality, quality))


def labels_of(song: Song) -> Labels:
    """The chords that the track CHORDS strikes, those that have a name."""
    notes = next(track.notes for track in song.tracks if is_chord_track(track))
    rows: Labels = []
    for tick in np.unique(notes.start_tick).tolist():
        struck = notes.where(notes.start_tick == tick)
        label = label_of(struck.pitch)
        if label is not None:
            rows.append((tick, int(struck.end_tick.max()), *label))
    return rows


def joined(parts: Sequence[Notes]) -> Notes:
    """The notes of some parts."""
    return Notes.from_columns(*(np.concatenate([getattr(part, name) for part in parts]) for name in NOTE_COLUMNS))


def songs(data: Path, splits: Sequence[str], licences: Sequence[str] = LICENCES) -> Iterator[tuple[str, Song]]:
    """The songs that have a track CHORDS, with the name of their set."""
    for file in archived_files(data / "split.csv", licences, splits, Counter()):
        if file.dataset in ("pop909", "openewld", "nottingham"):
            song = read_song_bytes(file.data, file.name).song
            if any(is_chord_track(track) and len(track.notes) for track in song.tracks):
                yield file.dataset, song


def _examples(dataset: str, song: Song) -> Iterator[list[Notes]]:
    """The parts that are heard: without the chords where others play them, and the chords with and without melody."""
    others = [track for track in song.tracks if not is_chord_track(track) and len(track.notes)]
    chords = next(track.notes for track in song.tracks if is_chord_track(track))
    melody = [track.notes for track in others if track.name == "MELODY"]
    if dataset == "pop909":
        yield [track.notes for track in others]
    else:
        yield [chords]
    yield [chords, *melody]


def rows_of(data: Path, splits: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Profiles (n, PROFILES, 12) and labels (n,) of all frames that have one."""
    read, asked = [], []
    for dataset, song in songs(data, splits):
        labels = labels_of(song)
        frames = Frames.of(song.time_map, 0, song.end_tick)
        row = np.full(len(frames), -1)
        middle = (frames.edge_ticks[:-1] + frames.edge_ticks[1:]) // 2
        for from_tick, to_tick, root, quality in labels:
            row[np.searchsorted(middle, from_tick) : np.searchsorted(middle, to_tick)] = root * len(QUALITIES) + quality
        for parts in _examples(dataset, song):
            read.append(profiles(joined(parts), frames)[row >= 0])
            asked.append(row[row >= 0])
    return torch.tensor(np.concatenate(read)), torch.tensor(np.concatenate(asked))


class DetectorNet(nn.Module):
    """The net of ``harmony.detection``, for all roots alike."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(PROFILES * 12, HIDDEN)
        self.outer = nn.Linear(HIDDEN, len(QUALITIES) + 1)
        self.turns = torch.tensor([[(root + i) % 12 for i in range(12)] for root in range(12)])

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """(n, PROFILES, 12) to scores (n, 12 * qualities)."""
        turned = rows[:, :, self.turns].permute(0, 2, 1, 3).reshape(len(rows), 12, -1)
        outer = self.outer(torch.relu(self.inner(turned)))
        return (outer[..., :-1] + outer[..., -1:]).reshape(len(rows), -1)


def main() -> None:
    """Reads, trains, writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("file", type=Path)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    rows, labels = rows_of(given.data, ("train",))
    print(len(rows), "half beats", flush=True)
    net = DetectorNet()
    steps = given.rounds * (len(rows) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    for _ in range(given.rounds):
        loss_sum = 0.0
        for batch in torch.randperm(len(rows)).split(BATCH)[: len(rows) // BATCH]:
            loss = nn.functional.cross_entropy(net(rows[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            loss_sum += float(loss.detach())
        print(loss_sum / (len(rows) // BATCH), "nats a half beat", flush=True)
    tensors = {
        "inner": net.inner.weight,
        "inner_bias": net.inner.bias,
        "outer": net.outer.weight,
        "outer_bias": net.outer.bias,
    }
    save_file({name: t.detach().half().contiguous() for name, t in tensors.items()}, given.file)


if __name__ == "__main__":
    main()
