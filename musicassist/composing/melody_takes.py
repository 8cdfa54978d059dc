"""Several takes of one melody, note by note, as one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.predictor import Logits, Passage, Predictor, probabilities, samples
from musicassist.composing.seed_reading import ReadingCancelled
from musicassist.tokens.context import MelodyContext, interval_class, velocity_of_class
from musicassist.tokens.demands import Mask
from musicassist.tokens.grammar import Grammar
from musicassist.tokens.vocabulary import MAX_INTERVAL, MAX_STEPS

Row = tuple[int, int, int, int]  # onset step, pitch, duration in steps, velocity


@dataclass(frozen=True)
class Sampler:
    """How boldly to choose: see ``predictor.probabilities``. Equal ``seed`` and batch, equal notes."""

    temperature: float = 1.0
    top_p: float = 0.95
    seed: int = 0


_VELOCITY_SAMPLER = Sampler(0.7, 0.9)


@dataclass(frozen=True)
class MelodyTake:
    """One take on the grid.

    Attributes:
        rows: Its notes.
        copied: For each note, how many notes in a row, it included, stand the same way earlier in seed or take.
    """

    rows: tuple[Row, ...]
    copied: tuple[int, ...]


class _Stream:
    """One take while it grows."""

    def __init__(self, context: MelodyContext, passage: Passage, take: int, random: np.random.Generator) -> None:
        self.context = context
        self.grammar = Grammar(passage.demands_of(take), context, begun_notes=int(passage.is_opening))
        self.random = random
        self.rows = [_only_row(context)] if passage.is_opening else []
        self.copied = [0] * len(self.rows)
        self.gap = 0
        self.interval = 0
        self.pitch = 0
        self.duration = 0
        self.has_ended = False

    def take(self) -> MelodyTake:
        return MelodyTake(tuple(self.rows), tuple(self.copied))


def _only_row(context: MelodyContext) -> Row:
    """The one note of a context."""
    return context.onset[0], context.pitch[0], context.duration[0], round(context.mean_velocity)


def compose(
    predictor: Predictor,
    passage: Passage,
    takes: int,
    sampler: Sampler,
    *,
    on_note: Callable[[int, Row], None],
    is_cancelled: Callable[[], bool],
) -> list[MelodyTake] | None:
    """Fills a passage several times, all takes at once.

    Args:
        predictor: A model, ready for this passage.
        passage: What is to be filled.
        takes: How often.
        sampler: How to choose.
        on_note: Told of each note (index of the take, note) as soon as it is final.
        is_cancelled: Asked while the seed is read, and before each note.

    Returns:
        The takes in order, or None if it was cancelled.
    """
    randoms = [np.random.default_rng((sampler.seed, number)) for number in range(takes)]
    try:
        contexts = predictor.begin(passage, randoms, is_cancelled)
    except ReadingCancelled:
        return None
    pairs = zip(contexts, randoms, strict=True)
    streams = [_Stream(context, passage, take, random) for take, (context, random) in enumerate(pairs)]
    for index, stream in enumerate(streams):
        for row in stream.rows:
            on_note(index, row)
    live = list(range(takes))
    while live:
        if is_cancelled():
            return None
        growing = [streams[index] for index in live]
        _choose_note(predictor, growing, sampler)
        for index in live:
            if not streams[index].has_ended:
                on_note(index, streams[index].rows[-1])
        kept = [place for place, index in enumerate(live) if not _is_done(streams[index])]
        live = [live[place] for place in kept]
        if live:
            if len(kept) < len(growing):
                predictor.keep(kept)
            predictor.advance([streams[index].context for index in live])
    return [stream.take() for stream in streams]


def _is_done(stream: _Stream) -> bool:
    return stream.has_ended or stream.grammar.is_complete


def _choose_note(predictor: Predictor, streams: Sequence[_Stream], sampler: Sampler) -> None:
    """The next note of each stream, field by field; a stream may end instead."""
    contexts = [stream.context for stream in streams]
    _choose_gaps(streams, predictor.gaps(contexts), sampler)
    gaps = [stream.gap for stream in streams]
    _choose_pitches(streams, predictor.intervals(contexts, gaps), sampler)
    intervals = [stream.interval for stream in streams]
    logits = predictor.durations(contexts, gaps, intervals)
    chosen = {
        place: stream.grammar.durations(stream.gap, stream.pitch)
        for place, stream in enumerate(streams)
        if not stream.has_ended
    }
    for place, duration in _sampled(streams, logits, chosen, sampler).items():
        streams[place].duration = duration
    durations = [stream.duration for stream in streams]
    _add_notes(streams, predictor.velocities(contexts, gaps, intervals, durations))


def _choose_gaps(streams: Sequence[_Stream], logits: Logits, sampler: Sampler) -> None:
    """A gap, or the end where the model would wait beyond it."""
    masks: dict[int, Mask] = {}
    for place, stream in enumerate(streams):
        mask = stream.grammar.gaps()
        may_end = stream.grammar.may_end
        if not mask.any() or (may_end and _ends(stream, logits[place], mask, sampler)):
            _end(stream)
        else:
            masks[place] = mask & ~stream.grammar.ending_gaps() if may_end else mask
    for place, gap in _sampled(streams, logits, masks, sampler).items():
        streams[place].gap = gap


def _ends(stream: _Stream, logits: NDArray[np.float32], mask: Mask, sampler: Sampler) -> bool:
    """Whether the model waits beyond the end now, or can do nothing else."""
    ending = stream.grammar.ending_gaps()
    weights = probabilities(logits, mask | ending, sampler.temperature, sampler.top_p)
    return bool(stream.random.random() < weights[ending].sum()) or not (mask & ~ending).any()


def _end(stream: _Stream) -> None:
    stream.has_ended = True
    stream.gap, stream.interval, stream.pitch, stream.duration = 1, MAX_INTERVAL, stream.context.pitch[-1], 1


def _choose_pitches(streams: Sequence[_Stream], logits: Logits, sampler: Sampler) -> None:
    masks: dict[int, Mask] = {}
    for place, stream in enumerate(streams):
        if stream.has_ended:
            continue
        mask = stream.grammar.intervals(stream.gap)
        if mask.any():
            masks[place] = mask
        else:
            stream.pitch = stream.grammar.nearest_pitch(stream.gap)
            stream.interval = interval_class(stream.pitch - stream.context.pitch[-1])
    for place, interval in _sampled(streams, logits, masks, sampler).items():
        stream = streams[place]
        stream.interval = interval
        stream.pitch = stream.context.pitch[-1] + interval - MAX_INTERVAL


def _add_notes(streams: Sequence[_Stream], logits: Logits) -> None:
    everything = np.ones(logits.shape[-1], dtype=bool)
    masks = {place: everything for place, stream in enumerate(streams) if not stream.has_ended}
    for place, row in _sampled(streams, logits, masks, _VELOCITY_SAMPLER).items():
        stream, context = streams[place], streams[place].context
        velocity = velocity_of_class(row, context.mean_velocity)
        onset_step = context.onset[-1] + stream.gap
        context.append(onset_step, stream.pitch, min(stream.duration, MAX_STEPS), velocity)
        stream.grammar.chose()
        stream.rows.append((onset_step, stream.pitch, stream.duration, velocity))
        stream.copied.append(context.match_notes)


def _sampled(streams: Sequence[_Stream], logits: Logits, masks: Mapping[int, Mask], sampler: Sampler) -> dict[int, int]:
    """A class for each stream that has a mask, by its place; all at once, each with a random number of its own."""
    places = list(masks)
    if not places:
        return {}
    weights = probabilities(logits[places], np.stack(list(masks.values())), sampler.temperature, sampler.top_p)
    shares = [float(streams[place].random.random()) for place in places]
    return dict(zip(places, samples(weights, shares), strict=True))
