"""The music that models learned from, as an index of fingerprints: it says what a take has in common with it.

The file holds no notes: see ``tokens.fingerprints``. It is made by ``python -m lab.training.originality``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.originality import Evidence, SharedRun
from musicassist.disk import is_there
from musicassist.models.weights import Weights, open_weights
from musicassist.score.song import Notes
from musicassist.tokens.codec import Ints, encode
from musicassist.tokens.fingerprints import GRAM_NOTES, Alike, Codes, Fingerprints, codes_of
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

FILE_NAME = "originality.safetensors"
MAX_NAMED = 5
NUMBERED_LICENCE = "mit_underlying_copyright"  # class of the pieces that are known by number alone
MIN_LINE_NOTES = GRAM_NOTES
_SIZES = ("lines", "notes", "pieces", "names_bytes", "skips", "usual")


@dataclass(frozen=True)
class PieceName:
    """What a piece of the training music is called.

    Attributes:
        collection: Empty for one whose name is its collection and number.
        title, composer: As the collection says.
    """

    collection: str
    title: str
    composer: str


@dataclass(frozen=True)
class IndexedLines:
    """What the index holds.

    Attributes:
        codes: Fingerprints of all lines, one after the other, of each line three fewer than it has notes.
        line_notes: (lines,), notes of each.
        line_piece: (lines,), which of the names each has.
        line_bar: (lines,), the bar of each one's first note, as people count.
        bar_ends: (all notes,), whether a note stands in a later bar than the one before it.
        skips: (n, 2), notes (of all) before which more than one bar line passes, and how many more.
        names: Of the pieces.
        usual: (n, 2), rising: from how many notes on, 95 % of human excerpts share no longer run than so many notes.
    """

    codes: Codes
    line_notes: Ints
    line_piece: Ints
    line_bar: Ints
    bar_ends: NDArray[np.bool_]
    skips: Ints
    names: tuple[PieceName, ...]
    usual: Ints

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """What is written, by name."""
        pages = [[name.collection, name.title, name.composer] for name in self.names]
        names = json.dumps(pages, ensure_ascii=False, separators=(",", ":")).encode()
        sizes = {
            "lines": len(self.line_notes),
            "notes": len(self.bar_ends),
            "pieces": len(self.names),
            "names_bytes": len(names),
            "skips": len(self.skips),
            "usual": len(self.usual),
        }
        return {
            "sizes": np.array([sizes[name] for name in _SIZES], dtype=np.int64),
            "codes": self.codes,
            "line_notes": self.line_notes.astype(np.uint32),
            "line_piece": self.line_piece.astype(np.uint16),
            "line_bar": self.line_bar.astype(np.uint16),
            "bar_ends": np.packbits(self.bar_ends),
            "skips": self.skips.astype(np.uint32),
            "names": np.frombuffer(names, dtype=np.uint8),
            "usual": self.usual.astype(np.uint32),
        }

    @staticmethod
    def of(weights: Weights) -> IndexedLines:
        """What a file holds; raises ``ValueError`` where its parts do not fit together."""
        sizes = dict(zip(_SIZES, weights.whole("sizes", len(_SIZES)).tolist(), strict=True))
        lines, notes = sizes["lines"], sizes["notes"]
        packed = weights.whole("bar_ends", -(-notes // 8)).astype(np.uint8)
        found = IndexedLines(
            codes=weights.whole("codes", notes - (GRAM_NOTES - 1) * lines).astype(np.uint8, copy=False),
            line_notes=weights.whole("line_notes", lines).astype(np.int64),
            line_piece=weights.whole("line_piece", lines).astype(np.int64),
            line_bar=weights.whole("line_bar", lines).astype(np.int64),
            bar_ends=np.unpackbits(packed, count=notes).astype(np.bool_),
            skips=weights.whole("skips", sizes["skips"], 2).astype(np.int64),
            names=_names_of(weights.whole("names", sizes["names_bytes"])),
            usual=weights.whole("usual", sizes["usual"], 2).astype(np.int64),
        )
        weights.check_all_read()
        fits = found.line_notes.sum() == notes and (found.line_notes >= MIN_LINE_NOTES).all()
        has_names = not lines or int(found.line_piece.max()) < len(found.names) == sizes["pieces"]
        if not (fits and has_names and len(found.usual) and not len(found.codes) > 2**31 - 2):
            raise ValueError("its parts do not fit together")
        return found


def _names_of(raw: NDArray[np.integer]) -> tuple[PieceName, ...]:
    pages = json.loads(raw.astype(np.uint8).tobytes().decode())
    return tuple(PieceName(*(str(word) for word in page)) for page in pages)


class TrainingMusic:
    """An index of the training music. Any thread may ask it."""

    def __init__(self, lines: IndexedLines) -> None:
        self._lines = lines
        self._first_note = np.concatenate([[0], np.cumsum(lines.line_notes)])
        first_code = self._first_note - (GRAM_NOTES - 1) * np.arange(len(self._first_note))
        self._is_named = np.array([bool(name.collection) for name in lines.names])
        self._fingerprints = Fingerprints(lines.codes, first_code)

    def evidence_of(self, notes: Notes, *, with_numbered: bool = True) -> Evidence:
        """What the top line of some notes has in common with the training music.

        Args:
            notes: A take's, or anybody's.
            with_numbered: Whether pieces count that are known by number alone. They are songs in copyright, which
                models under open licences alone have not read.
        """
        line = encode(notes, STEPS_PER_BEAT)  # as exact as the notes are: their ticks are its steps
        found = self._fingerprints.alike(codes_of(line.onset_step, line.pitch))
        if not with_numbered:
            found = found.rows(np.flatnonzero(self._is_named[self._lines.line_piece[found.line]])).longest_first()
        if not len(found):
            return Evidence(len(line), 0, self.usual_notes(len(line)))
        piece = self._lines.line_piece[found.line]
        longest = int(found.run_notes[0])
        _, first = np.unique(piece, return_index=True)
        runs = tuple(self._run(found.rows(first_row)) for first_row in np.sort(first)[:MAX_NAMED, None])
        pieces = len(np.unique(piece[found.run_notes == longest]))
        return Evidence(len(line), longest, self.usual_notes(len(line)), runs, pieces)

    def usual_notes(self, notes: int) -> int:
        """The run that 95 % of human excerpts of that many notes do not exceed."""
        row = int(np.searchsorted(self._lines.usual[:, 0], notes, side="right")) - 1
        return int(self._lines.usual[max(0, row), 1])

    def _run(self, one: Alike) -> SharedRun:
        """The only row of some columns, with its name and bars."""
        line, note, run_notes = int(one.line[0]), int(one.note[0]), int(one.run_notes[0])
        name = self._lines.names[int(self._lines.line_piece[line])]
        first = int(self._first_note[line]) + note
        return SharedRun(
            piece=name.title,
            composer=name.composer,
            collection=name.collection,
            from_bar=self._bar(line, first),
            to_bar=self._bar(line, first + run_notes - 1),
            from_note=int(one.own_note[0]),
            notes=run_notes,
            aligned_notes=int(one.aligned_notes[0]),
        )

    def _bar(self, line: int, note: int) -> int:
        """The bar of a note (counted through all lines), as people count."""
        lines, begin = self._lines, int(self._first_note[line])
        passed = int(lines.bar_ends[begin + 1 : note + 1].sum())
        is_passed = (lines.skips[:, 0] > begin) & (lines.skips[:, 0] <= note)
        return int(lines.line_bar[line]) + passed + int(lines.skips[is_passed, 1].sum())


@cache
def training_music_in(folder: Path) -> TrainingMusic | None:
    """The index that lies beside the models of a folder; None where there is none. It is read once.

    Raises:
        CheckpointError: It is damaged.
    """
    path = folder / FILE_NAME
    if not is_there(path):
        return None
    with open_weights(path) as weights:
        lines = IndexedLines.of(weights)
    return TrainingMusic(lines)
