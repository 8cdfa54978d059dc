"""A two-sample test with features of form: can what is made be told from what is real, on pieces not seen?

Three classifiers of scikit-learn; the strongest counts. All passages of a piece, real or made, lie in one fold.
Source: Lopez-Paz and Oquab 2017, Revisiting classifier two-sample tests, ICLR; here with the area under the ROC curve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lab.evaluation.form_features import Floats
from lab.evaluation.two_sample import folds_of
from musicassist.tokens.codec import Ints

STRONGEST = "strongest"
TREES = 300
Judge = Callable[[Floats, Ints, Floats, Floats, int], Floats]


def _forest(rows: Floats, labels: Ints, weights: Floats, tested: Floats, seed: int) -> Floats:
    forest = RandomForestClassifier(TREES, min_samples_leaf=2, random_state=seed)
    return np.asarray(forest.fit(rows, labels, sample_weight=weights).predict_proba(tested)[:, 1])


def _boosted(rows: Floats, labels: Ints, weights: Floats, tested: Floats, seed: int) -> Floats:
    boosted = GradientBoostingClassifier(
        n_estimators=TREES // 2, learning_rate=0.08, max_depth=3, subsample=0.6, max_features="sqrt", random_state=seed
    )
    return np.asarray(boosted.fit(rows, labels, sample_weight=weights).predict_proba(tested)[:, 1])


def _logistic(rows: Floats, labels: Ints, weights: Floats, tested: Floats, seed: int) -> Floats:
    regression = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    regression.fit(rows, labels, logisticregression__sample_weight=weights)
    return np.asarray(regression.predict_proba(tested)[:, 1])


JUDGES: dict[str, Judge] = {"forest": _forest, "boosted": _boosted, "logistic": _logistic}


def areas(
    made: Floats, real: Floats, made_pieces: Sequence[str], real_pieces: Sequence[str], *, seed: int
) -> dict[str, float]:
    """Each judge's AUC, the mean over folds of pieces; 0.5 is what nobody can tell. Both kinds weigh the same.

    Args:
        made: (n, features).
        real: (m, features).
        made_pieces: (n,), which piece each row belongs to.
        real_pieces: (m,).
        seed: Of folds and judges.

    Returns:
        By name, with the best one's as ``STRONGEST``.
    """
    rows, labels = np.vstack([made, real]), np.repeat([1, 0], [len(made), len(real)])
    weights = np.where(labels == 1, 0.5 / len(made), 0.5 / len(real)) * len(rows)
    fold = folds_of([*made_pieces, *real_pieces], seed=seed)
    found: dict[str, list[float]] = {name: [] for name in JUDGES}
    for number in range(int(fold.max()) + 1):
        known, tested = fold != number, fold == number
        if len(set(labels[tested].tolist())) < 2 or len(set(labels[known].tolist())) < 2:
            continue  # a fold without both kinds says nothing
        for name, judge in JUDGES.items():
            scores = judge(rows[known], labels[known], weights[known], rows[tested], seed + number)
            found[name].append(float(roc_auc_score(labels[tested], scores)))
    result = {name: float(np.mean(own)) if own else 0.5 for name, own in found.items()}
    return {**result, STRONGEST: max(result.values())}


def telling(made: Floats, real: Floats, names: Sequence[str]) -> list[tuple[str, float]]:
    """Each feature's own AUC as it stands, the one that tells most first: what is to be mended next."""
    labels = np.repeat([1, 0], [len(made), len(real)])
    rows = np.vstack([made, real])
    own = [(name, float(roc_auc_score(labels, rows[:, i]))) for i, name in enumerate(names)]
    return sorted(own, key=lambda row: -abs(row[1] - 0.5))
