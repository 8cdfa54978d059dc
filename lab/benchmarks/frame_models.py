"""Two nets that foretell the next frame of a piano roll: each key alone, or the notes of a chord one by one.

Shapes: ``B`` pieces in a batch, ``T`` frames, ``K`` keys (88), ``N`` tokens of a batch, ``L`` of its longest piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lab.benchmarks.anchors import AnchoredScores

KEYS = 88
NONE = KEYS  # as a token the end of a chord; as a note to look at "there is none"
_RANKS = 8  # LIMIT: notes of a frame from below that are told apart; the rest count as the last
_POSITIONS = 16  # frames are counted in rounds of so many
_FARTHEST = 13  # LIMIT: wider intervals are one class
MATCHES = 2  # of all notes, and of the highest alone
_MAX_MATCH = 16  # LIMIT: frames; longer matches are one class


@dataclass(frozen=True)
class Pieces:
    """A batch, the shorter pieces padded.

    Attributes:
        rolls: (B, T, K) of 0 and 1.
        length: (B,) frames of each piece.
        follower: (B, T, MATCHES) the frame that followed the longest earlier match of the frames before this one.
        matched: (B, T, MATCHES) how many frames match; 0 for none, and then there is no follower.
    """

    rolls: Tensor
    length: Tensor
    follower: Tensor
    matched: Tensor

    @property
    def is_frame(self) -> Tensor:
        """(B, T) whether a frame is of the piece."""
        return torch.arange(self.rolls.shape[1])[None, :] < self.length[:, None]


class IndependentLstm(nn.Module):
    """An LSTM with one output for each key."""

    def __init__(self, hidden: int = 200, dropout: float = 0.5) -> None:
        super().__init__()
        self._lstm = nn.LSTM(KEYS, hidden, batch_first=True)
        self._dropout = nn.Dropout(dropout)
        self._keys = nn.Linear(hidden, KEYS)

    def frame_losses(self, pieces: Pieces) -> Tensor:
        """Nats of each frame after the first of its piece, in one row."""
        hidden, _ = self._lstm(pieces.rolls[:, :-1])
        scores = self._keys(self._dropout(hidden))
        losses = functional.binary_cross_entropy_with_logits(scores, pieces.rolls[:, 1:], reduction="none").sum(-1)
        return losses[pieces.is_frame[:, 1:]]


@dataclass(frozen=True)
class ChordSizes:
    """Of :class:`ChordLstm`."""

    embedding: int = 96
    side: int = 16
    hidden: int = 256
    dropout_in: float = 0.3
    dropout_out: float = 0.5


class ChordLstm(nn.Module):
    """An LSTM over all notes of a piece: each frame's from low to high, then the frame's end.

    With each token it reads the notes of the two frames before that stood where the next note will stand, counted from
    below, and likewise the notes of the frames that followed the longest earlier matches: of all notes, and of the
    highest alone. The scores of the next note are also given by the interval from all of these.
    """

    def __init__(self, sizes: ChordSizes = ChordSizes()) -> None:
        super().__init__()
        self._last = nn.Embedding(KEYS + 1, sizes.embedding)
        self._own = nn.Embedding(KEYS + 1, sizes.side)
        self._above = nn.Embedding(KEYS + 1, sizes.side)
        self._interval = nn.Embedding(2 * _FARTHEST + 2, sizes.side)
        self._rank = nn.Embedding(_RANKS, sizes.side)
        self._position = nn.Embedding(_POSITIONS, sizes.side)
        self._matched = nn.Embedding(MATCHES * (_MAX_MATCH + 1), sizes.side)
        self._copied = nn.Embedding(2 * _FARTHEST + 2, sizes.side)
        near = (2 + 4 * MATCHES) * sizes.side
        self._lstm = nn.LSTM(sizes.embedding + near + 4 * sizes.side, sizes.hidden, batch_first=True)
        self._scores = AnchoredScores(sizes.hidden + near, 4 + MATCHES, KEYS)
        self._dropout_in = nn.Dropout(sizes.dropout_in)
        self._dropout_out = nn.Dropout(sizes.dropout_out)

    def frame_losses(self, pieces: Pieces) -> Tensor:
        """See :meth:`IndependentLstm.frame_losses`; a frame's nats are the sum of its tokens'."""
        tokens = _Tokens.of(pieces)
        losses = functional.cross_entropy(self._token_scores(tokens), tokens.target, reduction="none")
        frames = torch.zeros(len(tokens.is_first)).index_add(0, tokens.frame, losses)
        return frames[~tokens.is_first]

    def _copies(self, tokens: _Tokens, own: Tensor) -> list[Tensor]:
        """For each match its length, its note, the interval to it, and whether it was right about the note below."""
        parts = []
        for match in range(MATCHES):
            note, below = tokens.anchors[:, 4 + match], tokens.copied_below[:, match]
            parts += [
                self._matched(tokens.matched[:, match] + match * (_MAX_MATCH + 1)),
                self._own(note),
                self._copied(_interval_class(own, note)),
                self._copied(_interval_class(below, tokens.anchors[:, 0])),
            ]
        return parts

    def _token_scores(self, tokens: _Tokens) -> Tensor:
        """(N, K + 1): notes not above the last one cannot be."""
        last, own, above, earlier = tokens.anchors[:, :4].unbind(1)
        near = torch.cat((self._own(own), self._interval(_interval_class(last, own)), *self._copies(tokens, own)), -1)
        moved = self._interval(_interval_class(earlier, own))
        place = (self._rank(tokens.rank), self._position(tokens.position))
        entered = torch.cat((self._last(last), near, self._above(above), moved, *place), -1)
        hidden = tokens.joined(self._lstm(self._dropout_in(tokens.by_piece(entered)))[0])
        scores = self._scores(torch.cat((self._dropout_out(hidden), self._dropout_in(near)), -1), tokens.anchors)
        too_low = torch.arange(KEYS + 1) <= torch.where(last == NONE, -1, last)[:, None]
        return scores.masked_fill(too_low, -torch.inf)


@dataclass(frozen=True)
class _Tokens:
    """All tokens of a batch in one row, piece after piece.

    Attributes:
        target: (N,) the note, or NONE for the end of the frame.
        frame: (N,) of which frame of the batch it is.
        rank: (N,) how many notes of the frame are below it.
        position: (N,) number of its frame in the piece, in rounds.
        anchors: (N, 4 + MATCHES) the last note of its frame; of the frame before the note of its rank and the next; of
            the frame before that, and of the followers, the note of its rank.
        copied_below: (N, MATCHES) of the followers the note one rank below.
        matched: (N, MATCHES) classes of the lengths of the matches.
        sizes: Tokens of each piece.
        is_first: For each frame, whether it is the first of its piece.
    """

    target: Tensor
    frame: Tensor
    rank: Tensor
    position: Tensor
    anchors: Tensor
    copied_below: Tensor
    matched: Tensor
    sizes: tuple[int, ...]
    is_first: Tensor

    @staticmethod
    def of(pieces: Pieces) -> _Tokens:
        """The frames' notes from low to high, each frame with its end."""
        is_frame = pieces.is_frame
        piece, number = is_frame.nonzero(as_tuple=True)
        ends = functional.pad(pieces.rolls[is_frame], (0, 1), value=1.0)
        frame, target = ends.nonzero(as_tuple=True)
        rank = torch.arange(len(frame)) - torch.searchsorted(frame, torch.arange(len(ends)))[frame]
        last = torch.where(rank == 0, NONE, target.roll(1))
        before, earlier = (_ranks(pieces.rolls, back)[is_frame][frame] for back in (1, 2))
        copies = [copied[is_frame][frame] for copied in _copied_ranks(pieces)]
        anchors = (
            last,
            _at(before, rank),
            _at(before, rank + 1),
            _at(earlier, rank),
            *(_at(own, rank) for own in copies),
        )
        return _Tokens(
            target,
            frame,
            rank.clamp(max=_RANKS - 1),
            number[frame] % _POSITIONS,
            torch.stack(anchors, 1),
            torch.stack([torch.where(rank == 0, NONE, _at(own, (rank - 1).clamp(min=0))) for own in copies], 1),
            pieces.matched[is_frame][frame].clamp(max=_MAX_MATCH),
            tuple(torch.bincount(piece[frame], minlength=len(pieces.length)).tolist()),
            number == 0,
        )

    def by_piece(self, values: Tensor) -> Tensor:
        """(B, L, ...) from (N, ...), padded with 0."""
        return nn.utils.rnn.pad_sequence(list(values.split(self.sizes)), batch_first=True)

    def joined(self, values: Tensor) -> Tensor:
        """(N, ...) from (B, L, ...)."""
        return torch.cat([own[:size] for own, size in zip(values, self.sizes, strict=True)])


def _ranks(rolls: Tensor, back: int) -> Tensor:
    """(B, T, RANKS + 1) the notes of the frame so many before, from below; NONE where there are no more."""
    notes = torch.where(rolls > 0, torch.arange(KEYS), NONE).sort(-1).values[..., :_RANKS]
    return functional.pad(notes, (0, 1, back, 0), value=NONE)[:, : rolls.shape[1]]


def _copied_ranks(pieces: Pieces) -> list[Tensor]:
    """For each match (B, T, RANKS + 1) the notes of its follower."""
    ranks = _ranks(pieces.rolls, 0)
    followers = (pieces.follower[..., match, None].expand_as(ranks) for match in range(MATCHES))
    return [
        torch.where(pieces.matched[..., match, None] > 0, ranks.gather(1, follower), NONE)
        for match, follower in enumerate(followers)
    ]


def _at(ranks: Tensor, rank: Tensor) -> Tensor:
    return ranks.gather(1, rank.clamp(max=_RANKS)[:, None])[:, 0]


def _interval_class(start: Tensor, end: Tensor) -> Tensor:
    """Class of the interval from one note to another; the last class where either is NONE."""
    steps = (end - start).clamp(-_FARTHEST, _FARTHEST) + _FARTHEST
    return torch.where((start == NONE) | (end == NONE), 2 * _FARTHEST + 1, steps)
