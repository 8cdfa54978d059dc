"""Three classifiers that try to tell made continuations from real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional

from lab.evaluation.excerpts import Excerpt
from lab.evaluation.features import FEATURES, Floats, durations, inter_onsets, intervals, onsets_in_bar, pitch_classes
from lab.evaluation.structure import likeness
from musicassist.evaluation.originality import TOKEN_KINDS, longer
from musicassist.evaluation.phrases import FOLLOWING_BARS
from musicassist.tokens.codec import Ints

MAX_RUN = 4
BUCKETS = 4096
PENALTY = 1.0  # of the squared weights, inputs being of variance 1
_EPOCHS, _BATCH, _WIDTH, _HIDDEN = 12, 64, 16, 64
_KINDS = (25, 97, 97, 96, 12)  # interval, inter-onset, duration, onset in bar, pitch class
Classifier = Callable[[Sequence[Excerpt], Ints, Sequence[Excerpt], int], Floats]


def logistic_scores(inputs: Floats, labels: Ints, tested: Floats, *, penalty: float) -> Floats:
    """Log odds of tested rows (m, d) by a logistic regression on (n, d) rows with labels (n,) of 0 or 1.

    Args:
        inputs: (n, d).
        labels: (n,), 0 or 1.
        tested: (m, d).
        penalty: Half of it times the squared length of the weights is added to the loss; the offset is free.
    """
    regression = LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=10_000)
    return np.asarray(regression.fit(inputs, labels).decision_function(tested))


def by_features(excerpts: Sequence[Excerpt], labels: Ints, tested: Sequence[Excerpt], seed: int) -> Floats:
    """Log odds of a logistic regression on what the table counts: all shares, means and likeness of bars."""
    rows = _summary([*excerpts, *tested])
    known = rows[: len(excerpts)]
    scale = known.std(0)
    rows = (rows - known.mean(0)) / np.where(scale > 0, scale, np.inf)
    return logistic_scores(rows[: len(excerpts)], labels, rows[len(excerpts) :], penalty=PENALTY * 10)


def _summary(excerpts: Sequence[Excerpt]) -> Floats:
    """(excerpts, inputs)."""
    parts = [feature.described(excerpts) for feature in FEATURES]
    others = []
    for excerpt in excerpts:
        alike = likeness(excerpt.bars)[-FOLLOWING_BARS:]
        pitch, steps = excerpt.melody.pitch, intervals(excerpt) - 12
        end = excerpt.melody.onset_step[-1:] + excerpt.melody.duration_steps[-1:]
        others.append(
            [
                *alike[np.tril_indices(FOLLOWING_BARS, -1, alike.shape[1])].tolist(),
                alike[:, :-FOLLOWING_BARS].max(),
                float(pitch.mean()) - float(excerpt.seed.pitch.mean()) if len(pitch) else 0.0,
                float(np.abs(steps).mean()) if len(steps) else 0.0,
                float(len(pitch)),
                float((end % excerpt.bar_steps == 0).all()),
                float(excerpt.key.has_pitch(int(pitch[-1]))) if len(pitch) else 0.0,
                float(np.mean([excerpt.key.has_pitch(p) for p in pitch.tolist()])) if len(pitch) else 0.0,
            ]
        )
    return np.hstack([*parts, np.array(others)])


def by_ngrams(excerpts: Sequence[Excerpt], labels: Ints, tested: Sequence[Excerpt], seed: int) -> Floats:
    """Log odds of a logistic regression on hashed runs of up to four notes, each weighed by its log-count ratio.

    Source: Wang and Manning 2012, Baselines and bigrams: simple, good sentiment and topic classification (NB-SVM).
    """
    rows = np.array([_run_counts(excerpt) for excerpt in [*excerpts, *tested]])
    known = rows[: len(excerpts)]
    made, real = (1 + known[labels == label].sum(0) for label in (1, 0))
    rows = rows * np.log((made / made.sum()) / (real / real.sum()))
    return logistic_scores(rows[: len(excerpts)], labels, rows[len(excerpts) :], penalty=PENALTY)


def _run_counts(excerpt: Excerpt) -> Floats:
    """(BUCKETS,), 1 for each kind of run that stands in the excerpt: of intervals, of rhythm, and of both."""
    interval, gap, duration = intervals(excerpt), inter_onsets(excerpt), durations(excerpt)
    place = onsets_in_bar(excerpt)
    views = (interval, 97 + gap * 96 + place % 96, duration * 97 + gap, interval * 97 + gap)
    present = np.zeros(BUCKETS)
    for number, view in enumerate(views):
        tokens = view % TOKEN_KINDS
        hashes = np.full(len(tokens), number + 1, dtype=np.uint64)
        for length in range(1, MAX_RUN + 1):
            hashes = longer(hashes[: len(tokens) - length + 1], tokens[length - 1 :])
            present[(hashes >> np.uint64(40)) % np.uint64(BUCKETS)] = 1.0
    return present


class _EventNet(nn.Module):
    """A small GRU over note events, read both ways; mean and maximum over notes go to one number."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(kinds + 1, _WIDTH, padding_idx=kinds) for kinds in _KINDS)
        self.net = nn.GRU(_WIDTH * len(_KINDS), _HIDDEN, batch_first=True, bidirectional=True)
        self.out = nn.Linear(4 * _HIDDEN, 1)

    def forward(self, events: Tensor, mask: Tensor) -> Tensor:
        """(B,) log odds of (B, T, fields) classes; the mask (B, T) says where there is a note."""
        read = torch.cat([table(events[..., i]) for i, table in enumerate(self.tables)], -1)
        heard, _ = self.net(functional.dropout(read, 0.2, self.training))
        mean = (heard * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        most = heard.masked_fill(~mask[..., None], -1.0).amax(1)
        return self.out(functional.dropout(torch.cat([mean, most], -1), 0.3, self.training)).squeeze(-1)


def by_gru(excerpts: Sequence[Excerpt], labels: Ints, tested: Sequence[Excerpt], seed: int) -> Floats:
    """Log odds of a small GRU that reads the notes one by one."""
    known, unknown = _events(excerpts), _events(tested)
    wanted = torch.from_numpy(labels).float()
    random = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):  # who measures leaves torch's random numbers as they were
        torch.manual_seed(seed)
        net = _EventNet()
        optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
        for _ in range(_EPOCHS):
            order = torch.from_numpy(random.permutation(len(excerpts)))
            for chosen in order.split(_BATCH):
                loss = functional.binary_cross_entropy_with_logits(net(*_part(known, chosen)), wanted[chosen])
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
    net.eval()
    with torch.no_grad():
        return np.asarray(net(*unknown).numpy(), dtype=np.float64)


def _events(excerpts: Sequence[Excerpt]) -> tuple[Tensor, Tensor]:
    """Classes (B, T, fields) and mask (B, T)."""
    views = (intervals, inter_onsets, durations, onsets_in_bar, pitch_classes)
    longest = max(1, *(len(excerpt.melody) for excerpt in excerpts))
    events = np.tile(np.array(_KINDS, dtype=np.int64), (len(excerpts), longest, 1))
    mask = np.zeros((len(excerpts), longest), dtype=bool)
    for row, excerpt in enumerate(excerpts):
        notes = len(excerpt.melody)
        events[row, :notes] = np.column_stack([view(excerpt) for view in views])
        mask[row, :notes] = True
    return torch.from_numpy(events), torch.from_numpy(mask)


def _part(events: tuple[Tensor, Tensor], chosen: Tensor) -> tuple[Tensor, Tensor]:
    mask = events[1][chosen]
    longest = max(1, int(mask.sum(1).max()))
    return events[0][chosen, :longest], mask[:, :longest]


CLASSIFIERS: dict[str, Classifier] = {"features": by_features, "n-grams": by_ngrams, "GRU": by_gru}
