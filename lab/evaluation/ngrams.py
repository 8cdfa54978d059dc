"""Runs of notes as hashes, so that a million of them are looked up at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.learning.pack import Pack
from musicassist.tokens.codec import Ints, Melody
from musicassist.tokens.vocabulary import LONGEST_STEPS, WIDEST_INTERVAL

TOKEN_KINDS = (LONGEST_STEPS + 1) * (2 * WIDEST_INTERVAL + 1)
_FACTOR = np.uint64(6364136223846793005)  # odd, so no bit is lost; Knuth's multiplier for 64 bits
_CODES = np.random.default_rng(2026).integers(1, 2**63, TOKEN_KINDS, dtype=np.uint64)
Hashes = NDArray[np.uint64]


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
    gap = np.minimum(np.diff(melody.onset_step), LONGEST_STEPS)
    return _token(gap, np.clip(np.diff(melody.pitch), -WIDEST_INTERVAL, WIDEST_INTERVAL) + WIDEST_INTERVAL)


def _token(gap: Ints, interval_class: Ints) -> Ints:
    return gap * (2 * WIDEST_INTERVAL + 1) + interval_class


def longer(hashes: Hashes, tokens: Ints) -> Hashes:
    """Hashes of runs one token longer: a polynomial of the tokens' codes, modulo 2 ** 64.

    Source: Karp and Rabin 1987, Efficient randomized pattern-matching algorithms.

    Args:
        hashes: (n,), of the runs; 0 for empty ones.
        tokens: (n,), the token after each run.
    """
    return hashes * _FACTOR + _CODES[tokens]
