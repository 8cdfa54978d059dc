"""Makes the index of the training music: ``python -m lab.training.originality DATA OUT``.

DATA is the archive folder with ``split.csv``; OUT is written, a safetensors file. It holds fingerprints of the top
line of each track of the training pieces (drums and chord symbols are none), the pieces' names, and which runs valid
melodies share with them: the line that 95 % of human pieces keep. ``--seed`` chooses the excerpts for that.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from musicassist.composing.training_music import IndexedLines, PieceName, TrainingMusic
from musicassist.errors import MidiImportError
from musicassist.learning.corpus import MAX_BARS, MIN_ONSETS, SHIPPED_LICENCES
from musicassist.learning.music_files import MusicFile, archived_files
from musicassist.midi import read_song_bytes
from musicassist.score.song import Notes, Song, Track
from musicassist.tokens.codec import Ints, encode
from musicassist.tokens.fingerprints import codes_of
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

UNNAMED = "pop909"  # its songs are in copyright: they are known by number
EXCERPT_BARS = (1, 2, 4, 8, 16, 32, 10_000)  # of people's pieces that are compared with the training music; last, all
EXCERPTS = 6  # of each length of a melody, at most
USUAL_SHARE = 0.95
LENGTH_EDGES = (5, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)  # notes: what is usual is said for each
_COMPOSERS = ("composer", "composer_dir", "composer_field")
_MAX_NAME = 80  # LIMIT: letters of a title


@dataclass(frozen=True)
class PieceLine:
    """The top line of a track.

    Attributes:
        dataset, file: The piece.
        is_melody: Whether it is the piece's melody.
        notes: The track's notes, in ticks.
        onset, pitch: Of the line's notes.
        bar: In which bar each begins, as people count.
    """

    dataset: str
    file: str
    is_melody: bool
    notes: Notes
    onset: Ints
    pitch: Ints
    bar: Ints


def lines_of(data: Path, splits: Sequence[str]) -> Iterator[PieceLine]:
    """The lines of some sides of the split, one piece after the other."""
    for file in archived_files(data / "split.csv", SHIPPED_LICENCES, splits, Counter()):
        try:
            song = read_song_bytes(file.data, file.name).song
        except MidiImportError:
            continue
        if song.time_map.bar_at(song.end_tick) >= MAX_BARS:
            continue
        tracks = [track for track in song.tracks if len(track.notes) and not track.is_drums and track.name != "CHORDS"]
        lines = (_line_of(file, song, track, tracks) for track in tracks)
        yield from (line for line in lines if len(line.onset) >= MIN_ONSETS)


def _line_of(file: MusicFile, song: Song, track: Track, tracks: Sequence[Track]) -> PieceLine:
    line = encode(track.notes, STEPS_PER_BEAT)  # its ticks are the steps
    starts, row = np.unique(song.time_map.bar_spans(line.onset_step)[0], return_inverse=True)
    numbers = [song.time_map.bar_number(song.time_map.bar_at(int(tick))) for tick in starts]
    is_melody = track.name.upper().startswith("MELODY") or (file.dataset == "cre" and track is tracks[0])
    bar = np.array(numbers, dtype=np.int64)[row]
    return PieceLine(file.dataset, file.name, is_melody, track.notes, line.onset_step, line.pitch, bar)


def names_in(data: Path) -> dict[tuple[str, str], PieceName]:
    """What the pieces are called, by collection and file."""
    found: dict[tuple[str, str], PieceName] = {}
    for table in sorted(data.glob("*/index.csv")):
        with table.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                if "file" in row:
                    found[table.parent.name, row["file"]] = _name_of(table.parent.name, row)
    return found


def _name_of(dataset: str, row: dict[str, str]) -> PieceName:
    number = Path(row["file"]).stem
    if dataset == UNNAMED:
        return PieceName("", f"POP909, piece {int(number)}", "")
    title = re.sub(r"\*|,\s*$", "", row.get("title", "")).strip()
    article = re.fullmatch(r"(.*), (The|A|An|Der|Die|Das)", title)
    composer = next((row[name] for name in _COMPOSERS if row.get(name)), "").replace("_", " ").strip(" []")
    title = f"{article[2]} {article[1]}" if article else title or number
    return PieceName(dataset, title[:_MAX_NAME], composer[:_MAX_NAME])


def indexed(lines: Sequence[PieceLine], names: dict[tuple[str, str], PieceName]) -> IndexedLines:
    """The index of some lines, with nothing said of what is usual."""
    pieces = {piece: row for row, piece in enumerate(dict.fromkeys((line.dataset, line.file) for line in lines))}
    passed = [np.diff(line.bar, prepend=line.bar[:1]) for line in lines]
    more = np.concatenate(passed)
    skips = np.flatnonzero(more > 1)
    return IndexedLines(
        codes=np.concatenate([codes_of(line.onset, line.pitch) for line in lines]),
        line_notes=np.array([len(line.onset) for line in lines], dtype=np.int64),
        line_piece=np.array([pieces[line.dataset, line.file] for line in lines], dtype=np.int64),
        line_bar=np.array([line.bar[0] for line in lines], dtype=np.int64),
        bar_ends=more > 0,
        skips=np.stack([skips, more[skips] - 1], axis=1),
        names=tuple(names.get(piece, PieceName(piece[0], Path(piece[1]).stem, "")) for piece in pieces),
        usual=np.zeros((1, 2), dtype=np.int64),
    )


def excerpts_of(lines: Sequence[PieceLine], bars: int, random: np.random.Generator) -> Iterator[Notes]:
    """Some stretches of melodies of so many bars, from bar line to bar line; shorter melodies whole."""
    for line in lines:
        if not line.is_melody:
            continue
        first, last = int(line.bar[0]), int(line.bar[-1])
        starts = np.arange(first, max(first, last - bars + 1) + 1)
        for start in random.permutation(starts)[:EXCERPTS]:
            is_in = (line.bar >= start) & (line.bar < start + bars)
            onset = line.onset[is_in]
            if len(onset):
                begun = (line.notes.start_tick >= onset[0]) & (line.notes.start_tick <= onset[-1])
                yield line.notes.where(begun)


def usual_runs(music: TrainingMusic, lines: Sequence[PieceLine], seed: int) -> Ints:
    """(n, 2), from how many notes on 95 % of the excerpts share no longer run than so many notes."""
    random = np.random.default_rng(seed)
    shared = np.array(
        [
            (evidence.notes, evidence.longest_notes)
            for bars in EXCERPT_BARS
            for evidence in map(music.evidence_of, excerpts_of(lines, bars, random))
        ]
    )
    rows: list[tuple[int, int]] = []
    for least, stop in zip(LENGTH_EDGES, (*LENGTH_EDGES[1:], np.iinfo(np.int64).max), strict=True):
        runs = np.sort(shared[(shared[:, 0] >= least) & (shared[:, 0] < stop), 1])
        usual = int(runs[int(np.ceil(USUAL_SHARE * len(runs))) - 1]) if len(runs) else 0
        usual = max([usual, *(run for _, run in rows)])
        rows.append((least, usual))
        over = float((runs > usual).mean()) if len(runs) else 0.0
        print(
            f"{least:4} notes and more: {len(runs):5} excerpts, 95 % up to {usual}, {100 * over:.1f} % above",
            flush=True,
        )
    return np.array(rows, dtype=np.int64)


def main() -> None:
    """Reads, indexes, measures what is usual, writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("out", type=Path)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    lines = list(lines_of(given.data, ("train",)))
    found = indexed(lines, names_in(given.data))
    print(f"{len(found.names)} pieces, {len(lines)} lines, {len(found.bar_ends)} notes", flush=True)
    usual = usual_runs(TrainingMusic(found), list(lines_of(given.data, ("valid",))), given.seed)
    save_file(replace(found, usual=usual).tensors(), given.out)
    print(f"{given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
