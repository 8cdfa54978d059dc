"""The classifier two-sample test: can made continuations be told from real ones?

Source: Lopez-Paz and Oquab 2017, Revisiting classifier two-sample tests, ICLR; here with the area under the ROC curve.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from lab.evaluation.classifiers import CLASSIFIERS
from lab.evaluation.excerpts import Excerpt
from musicassist.evaluation.figures import Figure
from musicassist.tokens.codec import Ints

FOLDS = 5


def folds_of(sources: Sequence[str], *, seed: int) -> Ints:
    """(n,) the fold of each excerpt: all of one piece, true or made, are in the same one."""
    pieces = sorted(set(sources))
    order = np.random.default_rng(seed).permutation(len(pieces))
    fold = {pieces[int(piece)]: place % FOLDS for place, piece in enumerate(order)}
    return np.array([fold[source] for source in sources], dtype=np.int64)


def separability(made: Sequence[Excerpt], real: Sequence[Excerpt], *, seed: int) -> dict[str, float]:
    """The mean over folds of each classifier's AUC on pieces it has not seen; deterministic in the seed."""
    excerpts = [*made, *real]
    labels = np.repeat([1, 0], [len(made), len(real)])
    fold = folds_of([excerpt.phrase.source for excerpt in excerpts], seed=seed)
    areas: dict[str, list[float]] = {name: [] for name in CLASSIFIERS}
    for number in range(FOLDS):
        known, tested = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(set(labels[tested].tolist())) < 2 or len(set(labels[known].tolist())) < 2:
            continue  # a fold without both kinds says nothing
        for name, classify in CLASSIFIERS.items():
            scores = classify(_at(excerpts, known), labels[known], _at(excerpts, tested), seed + number)
            areas[name].append(float(roc_auc_score(labels[tested], scores)))
    return {name: float(np.mean(own)) if own else 0.5 for name, own in areas.items()}


def _at(excerpts: Sequence[Excerpt], places: Ints) -> list[Excerpt]:
    return [excerpts[int(place)] for place in places]


def two_sample_figures(
    model: str, made: Sequence[Excerpt], real: Sequence[Excerpt], *, seed: int, split: str
) -> list[Figure]:
    """Each classifier's AUC and the best one's; 0.5 is what nobody can tell apart. ``n`` counts one side."""
    areas = separability(made, real, seed=seed)
    areas["best of three"] = max(areas.values())
    return [Figure(f"classifier AUC, {name}", model, area, "", len(made), seed, split) for name, area in areas.items()]
