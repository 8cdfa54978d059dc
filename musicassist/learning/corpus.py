"""Music files to melodies to learn from: copies are dropped, versions of one tune stay on one side of the split.

Two melodies are copies where all intervals and all ratios of successive gaps are equal, so that transposition and
doubled note values do not matter. They are versions of one tune where they share enough runs of notes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from musicassist.disk import read_whole
from musicassist.errors import MidiImportError, TrainingDataError
from musicassist.learning.music_files import MAX_TABLE_BYTES, MusicFile, archived_files, loose_files
from musicassist.midi import read_song_bytes
from musicassist.score.song import Song, Track
from musicassist.tokens.codec import Melody, Surroundings, encode, step_map
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, STYLES

RUN_NOTES = 8  # steps from note to note that make a run
MIN_SHARED_RUNS = 8
MIN_SHARED_SHARE = 0.22  # of the runs of the shorter melody
_MAX_PIECES_OF_A_RUN = 64  # LIMIT: a run that stands in more pieces is a commonplace and tells nothing
Step = tuple[int, int]
SHIPPED_LICENCES = ("permissive", "mit_underlying_copyright")
MIN_ONSETS = 24  # LIMIT: shorter melodies say little about continuing
MAX_BARS = 2000  # LIMIT: a longer file is no piece of music
MIN_PIECES = 10  # LIMIT: fewer say too little to learn from nothing
MIN_PIECES_TO_GO_ON = 3  # LIMIT: for weights that were trained already; one of them is held out
SPLITS = ("train", "valid", "test")
_HELD_OUT_SHARE = 0.05


def steps_of(melody: Melody) -> tuple[Step, ...]:
    """From each note to the next: the interval, and the rounded binary logarithm of how the gap grows, in quarters."""
    gaps = np.diff(melody.onset_step)
    growth = np.concatenate([[0.0], np.log2(gaps[1:] / gaps[:-1])]) if len(gaps) else np.zeros(0)
    return tuple(zip(np.diff(melody.pitch).tolist(), np.rint(4 * growth).astype(np.int64).tolist(), strict=True))


def tunes_of(melodies: Sequence[Melody]) -> list[int]:
    """For each melody the place of the first one that it is a version of, directly or by way of others."""
    runs = [_runs(melody) for melody in melodies]
    pieces_of: dict[tuple[Step, ...], list[int]] = defaultdict(list)
    for place, own in enumerate(runs):
        for run in own:
            pieces_of[run].append(place)
    first = list(range(len(melodies)))
    for place, own in enumerate(runs):
        shared: dict[int, int] = defaultdict(int)
        for run in own:
            pieces = pieces_of[run]
            if len(pieces) <= _MAX_PIECES_OF_A_RUN:
                for other in pieces:
                    shared[other] += other < place
        for other, count in shared.items():
            if count >= MIN_SHARED_RUNS and count >= MIN_SHARED_SHARE * min(len(own), len(runs[other])):
                _join(first, place, other)
    return [_first(first, place) for place in range(len(melodies))]


def _runs(melody: Melody) -> set[tuple[Step, ...]]:
    steps = steps_of(melody)
    return {steps[i : i + RUN_NOTES] for i in range(len(steps) - RUN_NOTES + 1)}


def _first(first: list[int], place: int) -> int:
    while first[place] != place:
        first[place] = first[first[place]]
        place = first[place]
    return place


def _join(first: list[int], one: int, other: int) -> None:
    low, high = sorted((_first(first, one), _first(first, other)))
    first[high] = low


@dataclass(frozen=True)
class Line:
    """One melody of one piece.

    Attributes:
        source: ``dataset/file``, with the track behind a ``#`` for lines other than the melody.
        split: ``train``, ``valid`` or ``test``.
        style: Of ``STYLES``; may be empty.
        melody: Its notes on the grid.
        place: What it stands in.
        is_melody: Whether it is the piece's melody, not another line that is learned from as well.
    """

    source: str
    split: str
    style: str
    melody: Melody
    place: Surroundings
    is_melody: bool

    @property
    def piece(self) -> str:
        """``dataset/file``."""
        return self.source.partition("#")[0]


@dataclass
class Report:
    """What was read, and what was dropped for which reason."""

    pieces: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def count(self, line: Line, times: int = 1) -> None:
        """Counts a line and its notes; -1 times takes it back."""
        name = f"{line.split} {'melody' if line.is_melody else 'other'}"
        self.lines[name] += times
        self.notes[name] += times * len(line.melody)

    def as_json(self) -> dict[str, dict[str, int]]:
        """Plain numbers for a card or a JSON document."""
        return {name: dict(sorted(getattr(self, name).items())) for name in ("pieces", "lines", "notes", "dropped")}


def leave_out_of(splits_path: Path) -> frozenset[str]:
    """Sources (``dataset/file``) named by a benchmark's ``splits.json``: its test tunes and their versions.

    Raises:
        TrainingDataError: It is missing or no such file.
    """
    try:
        table = json.loads(read_whole(splits_path, MAX_TABLE_BYTES).decode("utf-8"))
        versions = {f"{row['dataset']}/{row['file']}" for row in table["versions_of_test_tunes"]}
        return frozenset(versions | {f"nottingham/{row['id']}.mid" for row in table["test"]})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrainingDataError("{file} is no list of test tunes that can be read.", file=splits_path) from error


def read_lines(
    folders: Sequence[Path],
    report: Report,
    *,
    licences: Sequence[str] = SHIPPED_LICENCES,
    leave_out: frozenset[str] = frozenset(),
    splits: Sequence[str] = SPLITS,
    other_lines: bool = True,
) -> Iterator[Line]:
    """The melodies of all pieces below some folders, one after the other.

    A folder with a ``split.csv`` is an archive folder: the table says split, style and licence, and the ``.tar.xz``
    archives hold the files. All other folders are searched for ``.mid`` files. Of these, copies are read once, and
    versions of one tune stand on one side, which a hash of the first one's melody decides.

    Args:
        folders: Where the music lies.
        report: Is filled while reading.
        licences: Licence classes of ``split.csv`` that are read.
        leave_out: Sources that no model may see.
        splits: Sides of the split that are wanted.
        other_lines: Whether training also reads right hands and inner voices.

    Raises:
        TrainingDataError: A folder is missing or has no music, or its table or an archive is damaged.
    """
    for folder in folders:
        if not folder.is_dir():
            raise TrainingDataError("There is no folder {folder}.", folder=folder)
    loose: list[Line] = []
    for folder in folders:
        table = folder / "split.csv"
        files = (
            archived_files(table, licences, splits, report.dropped)
            if table.exists()
            else loose_files(folder, report.dropped)
        )
        for file in files:
            if f"{file.dataset}/{file.name}" in leave_out:
                report.dropped["left out for a benchmark"] += 1
                continue
            lines = _lines_of(file, report)
            if file.split:
                yield from _wanted(lines, report, splits, other_lines=other_lines)
            else:
                loose += lines
    yield from _wanted(_sorted_out(loose, report), report, splits, other_lines=other_lines)


def _wanted(lines: Iterable[Line], report: Report, splits: Sequence[str], *, other_lines: bool) -> Iterator[Line]:
    """The lines of the sides that are wanted, counted; other lines than melodies serve training only."""
    last_piece = ""
    for line in lines:
        if line.split in splits and (line.is_melody or (other_lines and line.split == "train")):
            report.count(line)
            report.pieces[line.split] += line.piece != last_piece
            last_piece = line.piece
            yield line


def _sorted_out(lines: Sequence[Line], report: Report) -> Iterator[Line]:
    """The lines of loose pieces without copies, the versions of each tune on one side."""
    melodies = {line.piece: line.melody for line in lines if line.is_melody}
    firsts = _first_of_each_tune(lines)
    seen: dict[tuple[object, ...], str] = {}
    for line in lines:
        original = seen.setdefault(steps_of(melodies[line.piece]), line.piece)
        if original == line.piece:
            yield replace(line, split=_split_of(firsts[line.piece]))
        else:
            report.dropped["a copy of another piece"] += line.is_melody


def _first_of_each_tune(lines: Sequence[Line]) -> dict[str, Melody]:
    """For each piece with a melody, the melody of the first piece that is the same tune."""
    melodies = {line.piece: line.melody for line in lines if line.is_melody}
    known = list(melodies.values())
    return {piece: known[tune] for piece, tune in zip(melodies, tunes_of(known), strict=True)}


def _lines_of(file: MusicFile, report: Report) -> list[Line]:
    """The lines of a file, its melody first; none if it cannot be used, and then the report says why."""
    try:
        song = read_song_bytes(file.data, file.name).song
    except MidiImportError:
        report.dropped["no MIDI file that can be read"] += 1
        return []
    tracks = [track for track in song.tracks if len(track.notes) and not track.is_drums]
    if not tracks:
        report.dropped["no pitched notes"] += 1
        return []
    if song.time_map.bar_at(song.end_tick) >= MAX_BARS:
        report.dropped[f"longer than {MAX_BARS:,} bars"] += 1
        return []
    place = _place(song, tracks, file.style)
    melodies = _melody_tracks(tracks, file)
    lines: list[Line] = []
    for track in (*melodies, *(track for track in tracks if track not in melodies and _is_other_line(track))):
        line = _line_of(file, track, song.ticks_per_beat, place, is_melody=track in melodies)
        if line is None:
            report.dropped[f"fewer than {MIN_ONSETS} onsets"] += track in melodies
        elif line.is_melody or file.split or lines:  # a loose piece is sorted by its melody
            lines.append(line)
    return lines


def _line_of(
    file: MusicFile, track: Track, ticks_per_beat: int, place: Surroundings, *, is_melody: bool
) -> Line | None:
    melody = encode(track.notes, ticks_per_beat)
    if len(melody) < MIN_ONSETS:
        return None
    source = f"{file.dataset}/{file.name}" + ("" if is_melody else f"#{track.name}")
    return Line(source, file.split, file.style, melody, _ending(place, melody), is_melody)


def _melody_tracks(tracks: Sequence[Track], file: MusicFile) -> list[Track]:
    """The track named MELODY; without one the only track of ``cre``, and of one's own file the one with most notes."""
    named = [track for track in tracks if track.name.upper().startswith("MELODY")]
    if named:
        return named[:1]
    if not file.split:
        return [max(tracks, key=lambda track: len(track.notes))]
    return [tracks[0]] if file.dataset == "cre" else []


def _is_other_line(track: Track) -> bool:
    return track.name.startswith(("PIANO_RH", "SOLO", "BRIDGE", "ALTO", "TENOR", "VOICE2")) or track.name == ""


def _split_of(melody: Melody) -> str:
    """A side by a hash of the intervals and gaps: transposed copies fall on one side."""
    place = _hash_share(melody)
    return "test" if place < _HELD_OUT_SHARE else "valid" if place < 2 * _HELD_OUT_SHARE else "train"


def _hash_share(melody: Melody) -> float:
    """A number in 0..1 that transposed copies have in common."""
    steps = np.concatenate([np.diff(melody.pitch), np.diff(melody.onset_step)]).astype(np.int64)
    return int.from_bytes(hashlib.sha256(steps.tobytes()).digest()[:8], "big") / 2**64


def with_validation(lines: Sequence[Line], report: Report) -> list[Line]:
    """The lines; where chance left none to validate on, a tenth of the training melodies moves there."""
    training = [line for line in lines if line.is_melody and line.split == "train"]
    if not training or any(line.split == "valid" for line in lines):
        return list(lines)
    share_of = {piece: _hash_share(first) for piece, first in _first_of_each_tune(training).items()}
    shares = sorted(set(share_of.values()))
    highest = shares[max(1, len(shares) // 10) - 1]
    moved = {piece for piece, share in share_of.items() if share <= highest}
    report.pieces.update({"train": -len(moved), "valid": len(moved)})
    kept = []
    for line in lines:
        if line.piece in moved:
            report.count(line, -1)
            if not line.is_melody:
                continue
            line = replace(line, split="valid")
            report.count(line)
        kept.append(line)
    return kept


def _place(song: Song, tracks: Sequence[Track], style: str) -> Surroundings:
    key = next((change for change in song.key_changes if change.tick == 0), None)
    starts, masks = _chords(next((track for track in tracks if track.name == "CHORDS"), None), song.ticks_per_beat)
    place = Surroundings(step_map(song), style=STYLES.index(style), chord_starts=starts, chord_masks=masks)
    return place.with_key(key.key if key else None)


def _chords(track: Track | None, ticks_per_beat: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if track is None:
        return (), ()
    step = np.rint(track.notes.start_tick * STEPS_PER_BEAT / ticks_per_beat).astype(np.int64)
    starts = np.unique(step)
    masks = [int(np.bitwise_or.reduce(1 << (track.notes.pitch[step == at] % 12))) for at in starts]
    return tuple(int(at) for at in starts), tuple(masks)


def _ending(place: Surroundings, melody: Melody) -> Surroundings:
    return replace(place, last_bar=place.bars.bar_at(int(melody.onset_step[-1])))
