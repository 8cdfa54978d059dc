"""How much of made melodies stands in the training music: runs of notes as hashes, a million looked up at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.evaluation.figures import Figure
from musicassist.learning.pack import Pack
from musicassist.tokens.codec import Ints, Melody
from musicassist.tokens.vocabulary import MAX_INTERVAL, MAX_STEPS

TOKEN_KINDS = (MAX_STEPS + 1) * (2 * MAX_INTERVAL + 1)
_FACTOR = np.uint64(6364136223846793005)  # odd, so no bit is lost; Knuth's multiplier for 64 bits
_CODES = np.random.default_rng(2026).integers(1, 2**63, TOKEN_KINDS, dtype=np.uint64)
Hashes = NDArray[np.uint64]
RUNS_NOTES = (8, 12)


@dataclass(frozen=True)
class TokenLines:
    """Melodies as one row of tokens, which transposing does not change: gap in steps and interval of each note.

    Attributes:
        token: (n,), one for each note but the first of each line.
        left: (n,), how many tokens its line has from here on, itself included.
    """

    token: Ints
    left: Ints

    @staticmethod
    def joined(lines: list[Ints]) -> TokenLines:
        """Lines of tokens, one after the other."""
        left = [np.arange(len(line), 0, -1) for line in lines]
        empty = np.zeros(0, dtype=np.int64)
        return TokenLines(np.concatenate([empty, *lines]), np.concatenate([empty, *left]))

    @staticmethod
    def of_pack(pack: Pack) -> TokenLines:
        """All lines of a side of the corpus, those that are no melody too: the models have read them."""
        target = pack.columns.target.astype(np.int64)
        ends = np.repeat(pack.first_row[1:], np.diff(pack.first_row))
        return TokenLines(_token(target[:, 0], target[:, 1]), ends - np.arange(len(target)))


def tokens_of(melody: Melody) -> Ints:
    """One token for each note but the first."""
    gap = np.minimum(np.diff(melody.onset_step), MAX_STEPS)
    return _token(gap, np.clip(np.diff(melody.pitch), -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL)


def _token(gap: Ints, interval_class: Ints) -> Ints:
    return gap * (2 * MAX_INTERVAL + 1) + interval_class


def longer(hashes: Hashes, tokens: Ints) -> Hashes:
    """Hashes of runs one token longer: a polynomial of the tokens' codes, modulo 2 ** 64.

    Source: Karp and Rabin 1987, Efficient randomized pattern-matching algorithms.

    Args:
        hashes: (n,), of the runs; 0 for empty ones.
        tokens: (n,), the token after each run.
    """
    return hashes * _FACTOR + _CODES[tokens]


@dataclass(frozen=True)
class Copied:
    """What some melodies share with the training music.

    Attributes:
        longest_notes: For each melody the length of its longest run that stands there; 0 if not even two notes do.
        found_share: For each length of ``RUNS_NOTES`` the share of all runs of that length that stand there.
        runs: How many runs of that length there were.
    """

    longest_notes: Ints
    found_share: dict[int, float]
    runs: dict[int, int]


def copied(lines: Sequence[Ints], training: TokenLines) -> Copied:
    """Looks for each run of each line of tokens in the training music.

    Runs grow by one note at a time; a run that does not stand on the other side is not followed further, so all but the
    first rounds are short.

    Source: longest common substring; that held-out pieces are what to compare with: Yin, Reuben, Stepney and Collins
    2021, "A good algorithm does not steal - it imitates": the originality report.
    """
    made = TokenLines.joined(list(lines))
    line = np.repeat(np.arange(len(lines)), [len(own) for own in lines])
    longest = np.zeros(len(lines), dtype=np.int64)
    shares, runs = dict.fromkeys(RUNS_NOTES, 0.0), dict.fromkeys(RUNS_NOTES, 0)
    own, other = _Runs(made), _Runs(training)
    length = 0
    while len(own.place) and len(other.place):
        length += 1
        own.grow(length)
        other.grow(length)
        found = np.isin(own.hashes, other.hashes)
        other.keep(np.isin(other.hashes, own.hashes))
        if length + 1 in RUNS_NOTES:
            runs[length + 1] = int((made.left >= length).sum())
            shares[length + 1] = float(found.sum() / max(1, runs[length + 1]))
        own.keep(found)
        longest[line[own.place]] = length + 1
    for notes in RUNS_NOTES:
        runs[notes] = int((made.left >= notes - 1).sum())
    return Copied(longest, shares, runs)


class _Runs:
    """The places where runs of one length begin that may still be shared, and the runs' hashes."""

    def __init__(self, lines: TokenLines) -> None:
        self._lines = lines
        self.place = np.arange(len(lines.token))
        self.hashes: Hashes = np.zeros(len(lines.token), dtype=np.uint64)

    def grow(self, length: int) -> None:
        """To runs of ``length`` tokens; those that would leave their line go."""
        self.keep(self._lines.left[self.place] >= length)
        self.hashes = longer(self.hashes, self._lines.token[self.place + length - 1])

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        self.place, self.hashes = self.place[chosen], self.hashes[chosen]


def originality_figures(
    model: str, melodies: Sequence[Melody], training: TokenLines, *, seed: int, split: str
) -> list[Figure]:
    """Longest copied run of a continuation (mean, longest of all), and the share of its 8- and 12-note runs found."""
    seen = copied([tokens_of(melody) for melody in melodies], training)
    rows = [
        Figure(metric, model, float(value), "notes", len(melodies), seed, split)
        for metric, value in (
            ("longest run found in training, mean", seen.longest_notes.mean()),
            ("longest run found in training, longest", seen.longest_notes.max()),
        )
    ]
    return rows + [
        Figure(f"runs of {notes} notes found in training", model, share, "", seen.runs[notes], seed, split)
        for notes, share in seen.found_share.items()
    ]
