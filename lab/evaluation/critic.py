"""What the critic's choice changes: ``python -m lab.evaluation.critic EXAMPLES``, with the critic that ships.

EXAMPLES is what ``lab.training.critic_takes --split valid`` writes: phrases that no net has learned from, what really
followed, and takes. How well the critic tells real from made; then, beside real and beside takes as they come, the
counts of the judge for the takes that are chosen, and how well the judge tells them. The judge knows nothing of the
critic, nor the critic of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lab.evaluation.form_features import Passage, Tones, described, equal_onsets, passage_of, table_row
from lab.evaluation.form_judges import areas
from lab.training.critic import auc_of, before_of
from lab.training.critic_takes import Example, Row, read_examples
from musicassist.composing.critic import CriticNet, best_of, critic_of, scores_of
from musicassist.evaluation.phrases import FOLLOWING_BARS, SEED_BARS
from musicassist.resources import checkpoints_folder

SHOWN = 4
Chosen = tuple[Example, list[tuple[Row, ...]]]  # an example, and some of its takes


def chosen_of(critic: CriticNet, examples: Sequence[Example]) -> list[Chosen]:
    """The takes that the window would show of each, the best first."""
    found = []
    for example in examples:
        scores = scores_of(critic, before_of(example), example.takes)
        found.append((example, [example.takes[place] for place in best_of(scores, example.takes, SHOWN)]))
    return found


def as_they_come(examples: Sequence[Example]) -> list[Chosen]:
    """The first takes of each."""
    return [(example, list(example.takes[:SHOWN])) for example in examples]


def passage(example: Example, rows: Sequence[Row]) -> Passage:
    """What the judge looks at, in steps in place of ticks."""
    tones: Tones = tuple(rows)
    return passage_of(
        example.seed,
        tones,
        from_tick=SEED_BARS * example.bar_steps,
        bars=FOLLOWING_BARS,
        bar_ticks=example.bar_steps,
        tonic=example.tonic,
    )


def critic_areas(critic: CriticNet, examples: Sequence[Example]) -> dict[str, float]:
    """How often the real one is above a take: over all phrases, and within a phrase."""
    real, made, pairs = [], [], []
    for example in examples:
        first, *others = scores_of(critic, before_of(example), (example.real, *example.takes))
        real.append(first)
        made += others
        pairs.append(np.mean([first > own for own in others]))
    return {"critic: AUC": auc_of(real, made), "critic: pairs of one phrase": float(np.mean(pairs))}


def counts(chosen: Sequence[Chosen]) -> dict[str, float]:
    """The mean of each row of the judge's table, and how alike the takes of one request are."""
    rows = [table_row(passage(example, rows)) for example, takes in chosen for rows in takes]
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    alike = [equal_onsets(takes)[1] for _, takes in chosen if len(takes) > 1]
    return {**means, "onsets at one place with one length": float(np.mean(alike)) if alike else 0.0}


def judged(real: Sequence[Chosen], made: Sequence[Chosen], seed: int) -> float:
    """The area of the judge that tells best, one take a phrase against what really followed."""
    sides = [np.stack([described(passage(example, takes[0])) for example, takes in side]) for side in (real, made)]
    groups = [example.source for example, _ in real]
    return max(areas(sides[1], sides[0], groups, groups, seed=seed).values())


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("examples", type=Path)
    words.add_argument("--critic", type=Path, default=checkpoints_folder() / "critic.safetensors")
    words.add_argument("--model", help="the takes of one model alone")
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    critic = critic_of(given.critic)
    examples = [row for row in read_examples(given.examples) if given.model in (None, row.model)]
    for name, goes_on in (("as asked", False), ("first 4 of 8", True)):
        own = [row for row in examples if row.goes_on == goes_on and len(row.takes) >= SHOWN]
        real = [(row, [row.real]) for row in own]
        plain, chosen = as_they_come(own), chosen_of(critic, own)
        print(f"{name}: {len(own)} phrases")
        for metric, value in critic_areas(critic, own).items():
            print(f"  {metric:44s} {value:.3f}")
        print(f"  {'':44s} {'real':>8s} {'plain':>8s} {'chosen':>8s} {'best':>8s}")
        best = [(row, takes[:1]) for row, takes in chosen]
        columns = [counts(side) for side in (real, plain, chosen, best)]
        for metric in columns[0]:
            print(f"  {metric:44s} " + " ".join(f"{column[metric]:8.3f}" for column in columns))
        telling = [judged(real, side, given.seed) for side in (plain, best)]
        print(f"  {'judge: AUC, one take a phrase':44s} {'':8s} {telling[0]:8.3f} {'':8s} {telling[1]:8.3f}")


if __name__ == "__main__":
    main()
