"""Scores of pitches that are given both in themselves and as intervals from pitches already known.

Shapes: ``N`` predictions, ``H`` features of each, ``A`` anchors, ``V`` pitches with one more class at the end ("none":
silence, or the end of a chord).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

MAX_INTERVAL = 26  # LIMIT: what is further from an anchor gets no score from it


class AnchoredScores(nn.Module):
    """The sum of a score for each class and, for each anchor, a score for the interval from it.

    A net learns "a third above the bass" or "hold the note" once, not once for each pitch.
    """

    def __init__(self, features: int, anchors: int, pitches: int) -> None:
        super().__init__()
        self._pitches, self._anchors, self._width = pitches, anchors, 2 * MAX_INTERVAL + 2
        self._scores = nn.Linear(features, pitches + 1 + anchors * self._width)
        pitch = torch.arange(pitches + 1)
        column = (pitch[None, :] - pitch[:, None]).clamp(-MAX_INTERVAL, MAX_INTERVAL + 1) + MAX_INTERVAL
        column = torch.where(column < 2 * MAX_INTERVAL + 1, column, 0)
        column[:, pitches] = self._width - 1  # from any anchor to "none"
        column[pitches, :pitches] = 0  # from no anchor: the same score for every pitch
        self.register_buffer("_column", column, persistent=False)

    def forward(self, features: Tensor, anchors: Tensor) -> Tensor:
        """(N, V) scores from (N, H) features and (N, A) anchors; "none" as an anchor tells no pitch from another."""
        scores = self._scores(features)
        own = scores[:, : self._pitches + 1]
        from_anchors = scores[:, self._pitches + 1 :].view(-1, self._anchors, self._width)
        return own + from_anchors.gather(2, self._column[anchors]).sum(1)
