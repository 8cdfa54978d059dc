"""Counts as a baseline for four voices on a grid of 16ths: each pitch after what is known, with back-off to less."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lab.benchmarks.anchors import AnchoredScores

LEVELS = ("unigram", "after its own pitch", "and the voice above", "and the place in the beat")
_UNIFORM = 1 / 60
Chorale = Sequence[Sequence[int]]  # steps of pitches: soprano, alto, tenor, bass; -1 for silence
VOICES = 4
STEPS = 4  # 16ths in a beat
LOWEST, PITCHES = 28, 66  # LIMIT: MIDI pitches 28..93, the chorales' range moved by up to six semitones
NONE = PITCHES
MAX_HELD = 32  # LIMIT: longer notes are one class
MATCHES = 2  # of all voices, and of the soprano alone
MAX_MATCH = 16  # LIMIT: beats; longer matches are one class
_FARTHEST = 25  # LIMIT: wider intervals are one class
_BARS = (16, 12)  # places are counted in 4/4 and in 3/4


class CountChain:
    """Counts at four levels of context, each mixed into the level before it with weight n / (n + kinds seen)."""

    def __init__(self, chorales: Sequence[Chorale]) -> None:
        self._counts: dict[Hashable, Counter[int]] = defaultdict(Counter)
        for chorale in chorales:
            for pitch, contexts in _tokens(chorale):
                for context in contexts:
                    self._counts[context][pitch] += 1

    def nats(self, chorales: Sequence[Chorale]) -> list[float]:
        """For each level the mean nats per note token; a chorale's first step is only read."""
        sums, tokens = [0.0] * len(LEVELS), 0
        for chorale in chorales:
            for pitch, contexts in _tokens(chorale):
                share, tokens = _UNIFORM, tokens + 1
                for level, context in enumerate(contexts):
                    share = self._mixed(context, pitch, share)
                    sums[level] -= math.log(share)
        return [level / tokens for level in sums]

    def _mixed(self, context: Hashable, pitch: int, share: float) -> float:
        counts = self._counts.get(context)
        if not counts:
            return share
        return (counts[pitch] + len(counts) * share) / (counts.total() + len(counts))


def _tokens(chorale: Chorale) -> Iterator[tuple[int, list[Hashable]]]:
    """Each voice entry after the first step, with its context at each level."""
    for step in range(1, len(chorale)):
        before, now = chorale[step - 1], chorale[step]
        for voice, pitch in enumerate(now):
            above = (now[voice - 1], now[voice - 1] != before[voice - 1]) if voice else ()
            context = (voice, before[voice], above, step % 4)
            yield pitch, [context[: level + 1] for level in range(len(LEVELS))]


@dataclass(frozen=True)
class VoicesSizes:
    """Of :class:`VoicesLstm`."""

    embedding: int = 16
    hidden: int = 256
    head: int = 192
    dropout: float = 0.38


@dataclass(frozen=True)
class Passage:
    """Whole beats in a row, the first of them only read.

    Attributes:
        pitch: (B, T, V) classes.
        former: (B, T, V) the pitch that the voice had before the one it has.
        held: (B, T, V) for how many steps it has had it, from 1; 0 before the beginning.
        copied: (B, T, MATCHES, V) the pitches that followed the longest earlier match of the steps before this one.
        matched: (B, T, MATCHES) how many whole beats match; 0 where nothing is copied.
        step: (B, T) number of each step in its chorale, from 0 for its first.
        is_scored: (B, T) whether its loss counts; never in the first beat.
    """

    pitch: Tensor
    former: Tensor
    held: Tensor
    copied: Tensor
    matched: Tensor
    step: Tensor
    is_scored: Tensor


class VoicesLstm(nn.Module):
    """The LSTM over beats and its four heads: soprano, alto, tenor, bass."""

    def __init__(self, sizes: VoicesSizes = VoicesSizes()) -> None:
        super().__init__()
        e, h, d = sizes.embedding, sizes.hidden, sizes.head
        self._pitch = nn.Embedding(PITCHES + 1, e)
        self._interval = nn.Embedding(2 * _FARTHEST + 2, e)
        self._held = nn.Embedding(MAX_HELD + 1, e)
        self._matched = nn.Embedding(MATCHES * (MAX_MATCH + 1), e)
        self._copied = nn.Embedding(2 * _FARTHEST + 2, e)
        self._places = nn.ModuleList(nn.Embedding(bar, e) for bar in _BARS)
        self._into_lstm = nn.Linear((STEPS * 4 * VOICES + len(_BARS)) * e, h)
        self._lstm = nn.LSTM(h, h, batch_first=True)
        size = (2 + 3 * VOICES + len(_BARS) + MATCHES * (2 + VOICES)) * e
        self._heads = nn.ModuleList(_VoiceHead(h, size, d, sizes.dropout) for _ in range(VOICES))
        self._dropout = nn.Dropout(sizes.dropout)
        self._light = nn.Dropout(sizes.dropout / 2)

    def losses(self, passage: Passage) -> Tensor:
        """(N, V) nats of each voice of each scored step."""
        where, when = passage.is_scored.nonzero(as_tuple=True)
        places = torch.cat([table(passage.step % table.num_embeddings) for table in self._places], -1)
        context = self._dropout(self._beats(passage, places))[where, when // STEPS - 1]
        moment = _Moment.of(passage, where, when)
        shared = torch.cat((self._shared(moment), places[where, when]), 1)
        losses = []
        for voice, head in enumerate(self._heads):
            features, anchors = self._seen_by(voice, moment)
            scores = head(context, self._light(torch.cat((shared, features), 1)), anchors)
            losses.append(functional.cross_entropy(scores, moment.now[:, voice], reduction="none"))
        return torch.stack(losses, 1)

    def _beats(self, passage: Passage, places: Tensor) -> Tensor:
        """The LSTM's state after each beat but the last; it knows the place of the beat that comes."""
        parts = (
            self._pitch(passage.pitch),
            self._interval(_interval_class(passage.former, passage.pitch)),
            self._held(passage.held),
            self._interval(_interval_class(passage.pitch, passage.pitch.roll(1, -1))),
        )
        beats = torch.cat(parts, -1).flatten(2).unflatten(1, (-1, STEPS)).flatten(2)[:, :-1]
        entered = torch.cat((self._light(beats), places[:, STEPS::STEPS]), -1)
        return self._lstm(functional.relu(self._into_lstm(entered)))[0]

    def _shared(self, moment: _Moment) -> Tensor:
        """What all heads see: how the voices came where they are, and how long the matches are."""
        lengths = self._matched(moment.matched + torch.arange(MATCHES) * (MAX_MATCH + 1))
        return torch.cat((self._interval(_interval_class(moment.former, moment.was)), lengths), 1).flatten(1)

    def _seen_by(self, voice: int, moment: _Moment) -> tuple[Tensor, Tensor]:
        """A head's own features and the (N, V + 1 + MATCHES) pitches from which it counts intervals."""
        own, copied = moment.was[:, voice], moment.copied[..., voice]
        seen = torch.cat((moment.now[:, :voice], moment.was[:, voice:]), 1)  # those below are still as they were
        parts = (
            self._pitch(own)[:, None],
            self._held(moment.held[:, voice])[:, None],
            self._interval(_interval_class(own[:, None], seen)),
            self._interval(_interval_class(moment.was, seen)),
            self._copied(_interval_class(own[:, None], copied)),
            self._copied(_interval_class(moment.copied, seen[:, None])).flatten(1, 2),  # were the copies right above?
        )
        return torch.cat(parts, 1).flatten(1), torch.cat((seen, moment.former[:, voice, None], copied), 1)


@dataclass(frozen=True)
class _Moment:
    """The scored steps in a row: (N, V) voices now, and before now; (N, MATCHES, V) copies and (N, MATCHES) lengths."""

    now: Tensor
    was: Tensor
    former: Tensor
    held: Tensor
    copied: Tensor
    matched: Tensor

    @staticmethod
    def of(passage: Passage, where: Tensor, when: Tensor) -> _Moment:
        """(N,) passages and (N,) steps."""
        return _Moment(
            passage.pitch[where, when],
            passage.pitch[where, when - 1],
            passage.former[where, when - 1],
            passage.held[where, when - 1],
            passage.copied[where, when],
            passage.matched[where, when],
        )


class _VoiceHead(nn.Module):
    """(N, PITCHES + 1) scores of one voice."""

    def __init__(self, hidden: int, features: int, size: int, dropout: float) -> None:
        super().__init__()
        self._from_lstm = nn.Linear(hidden, size)
        self._from_voices = nn.Linear(features, size)
        self._second = nn.Linear(size, size)
        self._scores = AnchoredScores(size, VOICES + 1 + MATCHES, PITCHES)
        self._dropout = nn.Dropout(dropout)

    def forward(self, context: Tensor, voices: Tensor, anchors: Tensor) -> Tensor:
        first = self._dropout(functional.relu(self._from_lstm(context) + self._from_voices(voices)))
        return self._scores(self._dropout(functional.relu(self._second(first)) + first), anchors)


def _interval_class(start: Tensor, end: Tensor) -> Tensor:
    """Class of the interval from one pitch to another; the last class where either is NONE."""
    steps = (end - start).clamp(-_FARTHEST, _FARTHEST) + _FARTHEST
    return torch.where((start == NONE) | (end == NONE), 2 * _FARTHEST + 1, steps)
