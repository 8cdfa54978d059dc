"""Copied runs are found in whatever key, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpora import pack_of
from excerpt_builders import excerpt_of
from melodies import even_melody
from musicassist.evaluation.originality import TokenLines, copied, originality_figures, tokens_of

TUNE = (60, 62, 65, 64, 69, 67, 71, 72, 72, 67, 69, 62, 64, 60, 59, 67)


def test_a_transposed_copy_is_a_copy() -> None:
    training = TokenLines.joined([tokens_of(even_melody(*TUNE))])
    up = tokens_of(even_melody(*(pitch + 5 for pitch in TUNE[2:14])))
    slower = tokens_of(even_melody(*TUNE, step=12))
    seen = copied([up, slower], training)
    assert seen.longest_notes.tolist() == [12, 0]
    # of 8 notes: five runs of the first line stand there, none of the nine of the second; of 12: one of one and five
    assert seen.found_share == {8: 5 / 14, 12: 1 / 6}
    assert seen.runs == {8: 14, 12: 6}


def test_runs_do_not_cross_from_one_piece_to_the_next() -> None:
    two = TokenLines.joined([tokens_of(even_melody(*TUNE[:6])), tokens_of(even_melody(*TUNE[5:]))])
    assert copied([tokens_of(even_melody(*TUNE))], two).longest_notes.tolist() == [11]


def test_the_corpus_reads_as_its_melodies_do() -> None:
    melodies = [even_melody(*TUNE), even_melody(60, 40, 90, 61)]
    packed, plain = TokenLines.of_pack(pack_of(melodies)), TokenLines.joined([tokens_of(m) for m in melodies])
    assert packed.token.tolist() == plain.token.tolist()
    assert packed.left.tolist() == plain.left.tolist()


tokens = st.lists(st.integers(0, 2), max_size=20).map(lambda own: np.array(own, dtype=np.int64))


@given(st.lists(tokens, max_size=4), st.lists(tokens, max_size=4))
def test_the_longest_run_is_what_a_plain_search_finds(made: list[np.ndarray], known: list[np.ndarray]) -> None:
    seen = copied(made, TokenLines.joined(known))
    texts = ["".join(map(str, line)) for line in known]
    for line, found in zip(made, seen.longest_notes, strict=True):
        text = "".join(map(str, line))
        runs = (text[i : i + n] for n in range(1, len(text) + 1) for i in range(len(text) - n + 1))
        longest = max((len(run) for run in runs if any(run in other for other in texts)), default=0)
        assert found == (longest + 1 if longest else 0)


def test_the_table_says_how_much_is_copied() -> None:
    bars = [TUNE[i : i + 4] for i in range(0, 16, 4)]
    training = TokenLines.joined([tokens_of(even_melody(*TUNE, step=12))])
    rows = {
        r.metric: r for r in originality_figures("model", [excerpt_of(bars).melody], training, seed=1, split="made")
    }
    assert rows["longest run found in training, mean"].value == 16
    assert rows["runs of 12 notes found in training"].value == 1.0
    assert rows["runs of 8 notes found in training"].n == 9
    assert all(a.model == b.model for a, b in pairwise(rows.values()))
