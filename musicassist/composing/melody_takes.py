"""Several takes of one melody, note by note, as one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.outline import Guide, Row
from musicassist.composing.predictor import Logits, Passage, Predictor, probabilities, samples
from musicassist.composing.seed_reading import ReadingCancelled
from musicassist.tokens.context import MelodyContext, interval_class, velocity_of_class
from musicassist.tokens.demands import Mask
from musicassist.tokens.grammar import Grammar
from musicassist.tokens.vocabulary import MAX_INTERVAL, MAX_STEPS


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
        self.guide = Guide(passage.outline, context, self.grammar) if passage.outline is not None else None
        if self.guide is not None and self.rows:
            self.guide.chose()
        self.onset = 0
        self.gap = 0
        self.interval = 0
        self.pitch = 0
        self.duration = 0
        self.has_ended = False

    @property
    def led_by(self) -> Guide | None:
        """What leads it now; None where it is composed freely, as also at the end of an outline."""
        return None if self.guide is None or self.guide.ends_freely else self.guide

    @property
    def is_done(self) -> bool:
        """Whether it has all its notes."""
        guide = self.led_by
        return self.has_ended or (self.grammar.is_complete if guide is None else guide.piece is None)

    def start(self, onset: int | None) -> None:
        """The next note starts there; without one it ends."""
        if onset is None:
            self.has_ended = True
            self.gap, self.interval, self.pitch, self.duration = 1, MAX_INTERVAL, self.context.pitch[-1], 1
        else:
            self.onset, self.gap = onset, min(onset - self.context.onset[-1], MAX_STEPS)

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
        is_read = passage.outline is not None  # then the first note of a take that nothing stands before is known
        contexts = predictor.begin(replace(passage, is_opening=False) if is_read else passage, randoms, is_cancelled)
    except ReadingCancelled:
        return None
    pairs = zip(contexts, randoms, strict=True)
    streams = [_Stream(context, passage, take, random) for take, (context, random) in enumerate(pairs)]
    for index, stream in enumerate(streams):
        for row in stream.rows:
            on_note(index, row)
    live = [index for index in range(takes) if not streams[index].is_done]
    if live and len(live) < takes:
        predictor.keep(live)
    while live:
        if is_cancelled():
            return None
        growing = [streams[index] for index in live]
        _choose_note(predictor, growing, sampler)
        for index in live:
            if not streams[index].has_ended:
                on_note(index, streams[index].rows[-1])
        kept = [place for place, index in enumerate(live) if not streams[index].is_done]
        live = [live[place] for place in kept]
        if live:
            if len(kept) < len(growing):
                predictor.keep(kept)
            predictor.advance([streams[index].context for index in live])
    return [stream.take() for stream in streams]


def _choose_note(predictor: Predictor, streams: Sequence[_Stream], sampler: Sampler) -> None:
    """The next note of each stream, field by field; a stream may end instead."""
    contexts = [stream.context for stream in streams]
    _choose_gaps(streams, predictor.gaps(contexts), sampler)
    gaps = [stream.gap for stream in streams]
    _choose_pitches(streams, predictor.intervals(contexts, gaps), sampler)
    intervals = [stream.interval for stream in streams]
    logits = predictor.durations(contexts, gaps, intervals)
    _choose_durations(streams, logits, sampler)
    durations = [min(stream.duration, MAX_STEPS) for stream in streams]
    _add_notes(streams, predictor.velocities(contexts, gaps, intervals, durations), sampler)


def _choose_gaps(streams: Sequence[_Stream], logits: Logits, sampler: Sampler) -> None:
    """A gap, or the end where the model would wait beyond it."""
    masks: dict[int, Mask] = {}
    for place, stream in enumerate(streams):
        guide = stream.led_by
        if guide is not None:
            led = guide.gaps()
            if led is None:
                stream.start(guide.arrive(None))
            else:
                masks[place] = led
            continue
        mask = stream.grammar.gaps()
        may_end = stream.grammar.may_end
        if not mask.any() or (may_end and _ends(stream, logits[place], mask, sampler)):
            stream.start(None)
        else:
            masks[place] = mask & ~stream.grammar.ending_gaps() if may_end else mask
    for place, gap in _sampled(streams, logits, masks, sampler).items():
        stream = streams[place]
        onset = stream.context.onset[-1] + gap
        stream.start(onset if stream.led_by is None else stream.led_by.arrive(onset))


def _ends(stream: _Stream, logits: NDArray[np.float32], mask: Mask, sampler: Sampler) -> bool:
    """Whether the model waits beyond the end now, or can do nothing else."""
    ending = stream.grammar.ending_gaps()
    weights = probabilities(logits, mask | ending, sampler.temperature, sampler.top_p)
    return bool(stream.random.random() < weights[ending].sum()) or not (mask & ~ending).any()


def _choose_pitches(streams: Sequence[_Stream], logits: Logits, sampler: Sampler) -> None:
    masks: dict[int, Mask] = {}
    for place, stream in enumerate(streams):
        if stream.has_ended:
            continue
        guide, grammar = stream.led_by, stream.grammar
        given = guide.pitch() if guide is not None else None
        allowed = guide.pitches(stream.onset) if guide is not None else grammar.pitches(stream.gap)
        mask = stream.context.intervals_to(allowed)
        if mask.any() and given is None:
            masks[place] = mask
        else:
            stream.pitch = stream.context.nearest_of(allowed) if given is None else given
            stream.interval = interval_class(stream.pitch - stream.context.pitch[-1])
    for place, interval in _sampled(streams, logits, masks, sampler).items():
        stream = streams[place]
        stream.interval = interval
        stream.pitch = stream.context.pitch[-1] + interval - MAX_INTERVAL


def _choose_durations(streams: Sequence[_Stream], logits: Logits, sampler: Sampler) -> None:
    masks: dict[int, Mask] = {}
    for place, stream in enumerate(streams):
        guide = stream.led_by
        if stream.has_ended:
            continue
        if guide is None:
            masks[place] = stream.grammar.durations(stream.gap, stream.pitch)
            continue
        led = guide.durations(stream.onset, stream.pitch)
        if isinstance(led, int):
            stream.duration = led
        else:
            masks[place] = led
    for place, duration in _sampled(streams, logits, masks, sampler).items():
        streams[place].duration = duration


def _add_notes(streams: Sequence[_Stream], logits: Logits, sampler: Sampler) -> None:
    """Chooses how loud each note is, and adds it. Where nothing but that is composed it is chosen as all else."""
    everything = np.ones(logits.shape[-1], dtype=bool)
    going = [(place, stream) for place, stream in enumerate(streams) if not stream.has_ended]
    given = {place: stream.led_by.velocity() for place, stream in going if stream.led_by is not None}
    only_loudness = any(stream.led_by is not None and stream.led_by.is_of_loudness for _, stream in going)
    masks = {place: everything for place, _ in going if given.get(place) is None}
    drawn = _sampled(streams, logits, masks, sampler if only_loudness else _VELOCITY_SAMPLER)
    for place, stream in going:
        context, known = stream.context, given.get(place)
        velocity = velocity_of_class(drawn[place], context.mean_velocity) if known is None else known
        context.append(stream.onset, stream.pitch, min(stream.duration, MAX_STEPS), velocity)
        stream.grammar.chose(is_given=stream.guide is not None and stream.guide.pitch() is not None)
        if stream.guide is not None:
            stream.guide.chose()
        stream.rows.append((stream.onset, stream.pitch, stream.duration, velocity))
        stream.copied.append(context.match_notes)


def _sampled(streams: Sequence[_Stream], logits: Logits, masks: Mapping[int, Mask], sampler: Sampler) -> dict[int, int]:
    """A class for each stream that has a mask, by its place; all at once, each with a random number of its own."""
    places = list(masks)
    if not places:
        return {}
    weights = probabilities(logits[places], np.stack(list(masks.values())), sampler.temperature, sampler.top_p)
    shares = [float(streams[place].random.random()) for place in places]
    return dict(zip(places, samples(weights, shares), strict=True))
