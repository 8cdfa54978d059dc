"""The classic GAN of melodies as a predictor: rolls and conditions of the vocabulary for a net that knows only numbers.

A roll is a line of slots, in each of which a row starts, is held, or nothing sounds. A beat has six slots, at its
sixteenths and at its triplets (steps 0, 3, 4, 6, 8 and 9 of 12), so both are kept as they are; what starts elsewhere
counts in the nearest slot. Rows are semitones from an octave below a reference tonic on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.family import Decoding
from musicassist.composing.predictor import Chosen, Contexts, Logits, Passage, probabilities, sample
from musicassist.composing.seed_reading import IsCancelled, SeedContexts, end_of, never
from musicassist.families.gan.decoding import PianoRollGanConfig, RollGeneratorStep
from musicassist.models.weights import softmax
from musicassist.score.keys import find_key
from musicassist.tokens.codec import decode
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import chord_pitches
from musicassist.tokens.vocabulary import (
    DURATION_CLASSES,
    GAP_CLASSES,
    INTERVAL_CLASSES,
    MAX_INTERVAL,
    MAX_STEPS,
    METERS,
    MODES,
    STEPS_PER_BEAT,
    STYLES,
    UNKNOWN_TONIC,
    VELOCITY_CLASSES,
)
from musicassist.tokens.windows import WINDOW_STEPS, Span, reference_pitch, spans_of
from musicassist.values import value_of

BEAT_SLOT_STEPS = (0, 3, 4, 6, 8, 9)
BEAT_SLOTS = len(BEAT_SLOT_STEPS)
SLOTS = WINDOW_STEPS // STEPS_PER_BEAT * BEAT_SLOTS
ROWS = 37  # LIMIT: three octaves, one below the reference tonic and two above
LOWEST_ROW = -12  # semitones from the reference tonic
HELD, SILENT = ROWS, ROWS + 1  # the symbols behind the rows
SYMBOLS = ROWS + 2

Ints = NDArray[np.int64]
Symbols = NDArray[np.uint8]

# (SLOTS + 1,), the step of each slot, and of the end
SLOT_STEPS: Ints = np.array(
    [beat * STEPS_PER_BEAT + step for beat in range(SLOTS // BEAT_SLOTS) for step in BEAT_SLOT_STEPS] + [WINDOW_STEPS]
)
# (WINDOW_STEPS + 1,), the slot nearest to each step; of two the earlier
SLOT_OF_STEP: Ints = np.abs(np.arange(WINDOW_STEPS + 1)[:, None] - SLOT_STEPS).argmin(1)
_UNLIKELY = -12.0  # logit of what a roll has no place for, where the mask leaves nothing else
_SURE = 1e-3  # LIMIT: of what is less likely than this, no further window is made
_VELOCITY_LOGITS = -0.8 * (np.arange(VELOCITY_CLASSES, dtype=np.float32) - VELOCITY_CLASSES // 2) ** 2
Weights = NDArray[np.float64]


def row_in_reach(row: Ints) -> Ints:
    """Rows as they are where the roll has them, else moved into it by octaves."""
    return np.asarray(np.clip(row, row % 12, (row - ROWS) % 12 + ROWS - 12))


def symbols_of(window: Ints, place: Ints, row: Ints, length: Ints, windows: int) -> Symbols:
    """The rolls, (windows, SLOTS), of notes; of two in one slot the later stays, as after a grace note.

    Args:
        window: (n,), which roll each note belongs to, rising.
        place: (n,), steps from the window's start, below ``WINDOW_STEPS``.
        row: (n,), 0..ROWS-1.
        length: (n,), steps.
        windows: How many rolls.
    """
    onset_slot = np.minimum(SLOT_OF_STEP[place], SLOTS - 1)
    end_slot = SLOT_OF_STEP[np.minimum(place + length, WINDOW_STEPS)]
    note = np.full((windows, SLOTS), -1, dtype=np.int64)
    note[window, onset_slot] = np.arange(len(place))
    newest = np.maximum.accumulate(note, axis=1)
    starts = note >= 0
    sounds = (newest >= 0) & (np.arange(SLOTS) < np.append(end_slot, 0)[newest])
    symbols = np.where(sounds, HELD, SILENT)
    symbols[starts] = row[note[starts]]
    return symbols.astype(np.uint8)


def notes_of(symbols: Symbols) -> tuple[Ints, Ints, Ints, Ints]:
    """The notes of rolls (N, SLOTS) as columns: roll, place, row and length; what is held after nothing is silent."""
    window, slot = np.nonzero(symbols < ROWS)
    ends = np.where(symbols == HELD, SLOTS, np.arange(SLOTS))
    ends = np.concatenate([ends, np.full((len(symbols), 1), SLOTS)], 1)
    first_end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    end_slot = first_end[window, slot + 1]
    return window, SLOT_STEPS[slot], symbols[window, slot].astype(np.int64), SLOT_STEPS[end_slot] - SLOT_STEPS[slot]


def roll_config(
    *, noise: int = 64, embedding: int = 16, slot_width: int = 64, beat_width: int = 128, whole: int = 384
) -> PianoRollGanConfig:
    """A GAN of two bars of melody."""
    return PianoRollGanConfig(
        slots=SLOTS,
        beat_slots=BEAT_SLOTS,
        rows=ROWS,
        octave=12,
        conditions=(len(METERS), len(MODES), len(STYLES)),
        noise=noise,
        embedding=embedding,
        slot_width=slot_width,
        beat_width=beat_width,
        whole=whole,
    )


def roll_config_of(page: Mapping[str, object]) -> PianoRollGanConfig:
    """The configuration in a card, whatever the net's size.

    Raises:
        ValueError: It is none, or reads or makes something else than :func:`roll_config` does.
    """
    config, ours = value_of(PianoRollGanConfig, page), roll_config()
    names = ("slots", "beat_slots", "rows", "octave", "conditions")
    if any(getattr(config, name) != getattr(ours, name) for name in names):
        raise ValueError("it makes something else than rolls of melodies")
    return config


@dataclass(frozen=True)
class _Roll:
    """What is likely in the slots of a window.

    Attributes:
        span: Where it lies.
        lowest_pitch: Of its rows.
        weights: (slots in the span, SYMBOLS), each slot's sum to 1.
    """

    span: Span
    lowest_pitch: int
    weights: Weights

    @property
    def steps(self) -> NDArray[np.int64]:
        """(slots,), where each slot begins in the passage."""
        return self.span.from_step + SLOT_STEPS[: len(self.weights)]

    def slot(self, step: int) -> int:
        """The slot nearest to a step of the span."""
        return min(
            int(SLOT_OF_STEP[min(max(step - self.span.from_step, 0), len(SLOT_OF_STEP) - 1)]), len(self.weights) - 1
        )


class RollPredictor:
    """See :class:`predictor.Predictor`.

    Args:
        model: The net.
        seeds: What is kept of seeds.
    """

    def __init__(self, model: RollGeneratorStep, seeds: SeedContexts) -> None:
        self.model = model
        self._seeds = seeds
        self._noise: list[NDArray[np.float32]] = []
        self._rolls: list[dict[tuple[int, int], _Roll]] = []

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Draws the noise of each stream; where nothing stands before it, also its first note."""
        place, demands = passage.place, passage.demands
        key = find_key(decode(passage.seed, STEPS_PER_BEAT)) if place.tonic == UNKNOWN_TONIC else None
        self._tonic = key.tonic if key is not None else place.tonic % 12
        self._conditions = (place.mode, place.style)
        self._spans = spans_of(place.bars, demands.from_step, demands.to_step)
        self._to_step = demands.to_step
        size = self.model.config.noise
        self._noise = [random.standard_normal((len(self._spans), size)).astype(np.float32) for random in randoms]
        self._rolls = [{} for _ in randoms]
        if not passage.is_opening:
            context = self._seeds.read(end_of(passage.seed), place, is_cancelled=is_cancelled)
            return [context.continued() for _ in randoms]
        return [self._opening(passage, stream, random) for stream, random in enumerate(randoms)]

    def _opening(self, passage: Passage, stream: int, random: np.random.Generator) -> MelodyContext:
        """The passage's first note with a pitch of the stream's own, of those that may stand there."""
        context = MelodyContext(passage.place)
        for note in passage.seed:
            context.append(*note)
        roll = self._roll(context, stream, 0)
        allowed = passage.demands.pitch_allowed.copy()
        tones = context.chord_mask(0) if passage.demands.in_chord else 0
        if tones:
            allowed &= chord_pitches(tones)
        logits = np.full(128, _UNLIKELY, dtype=np.float32)
        rows = np.arange(ROWS) + roll.lowest_pitch
        inside = (rows >= 0) & (rows < 128)
        onset, pitch, duration, velocity = next(iter(passage.seed))
        logits[rows[inside]] = _log(roll.weights[roll.slot(onset), :ROWS])[inside]
        if allowed.any():
            pitch = sample(probabilities(logits, allowed, 1.0, 0.95), float(random.random()))
        own = MelodyContext(passage.place)
        own.append(onset, pitch, duration, velocity)
        return own

    def gaps(self, contexts: Contexts) -> Logits:
        """The first slot in which something starts."""
        self._prepare(contexts)
        return np.stack([self._gaps(context, stream) for stream, context in enumerate(contexts)])

    def _gaps(self, context: MelodyContext, stream: int) -> NDArray[np.float32]:
        weights = np.zeros(GAP_CLASSES)
        last, end = context.onset[-1], context.onset[-1] + context.duration[-1]
        waiting = 1.0
        for place in range(self._place(end), len(self._spans)):
            if waiting < _SURE or self._spans[place].from_step > last + MAX_STEPS:
                break
            roll = self._roll(context, stream, place)
            starts = roll.weights[:, :ROWS].sum(1)
            has_ended = roll.steps == end  # there, it is known that nothing is held
            starts = np.where(has_ended, starts / np.maximum(1e-9, 1 - roll.weights[:, HELD]), starts)
            possible = (roll.steps >= max(end, last + 1)) & (roll.steps <= last + MAX_STEPS)
            starts = np.clip(starts[possible], 0.0, 1.0)
            still = np.concatenate([[1.0], np.cumprod(1 - starts)]) * waiting
            weights[roll.steps[possible] - last] = still[:-1] * starts
            waiting = float(still[-1])
        weights[min(MAX_STEPS, max(1, self._to_step - last))] += waiting
        return _log(weights)

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """The rows of the slot at the onset."""
        logits = np.full((len(contexts), INTERVAL_CLASSES), _UNLIKELY, dtype=np.float32)
        for stream, (context, gap) in enumerate(zip(contexts, gaps, strict=True)):
            roll = self._roll_at(context, stream, context.onset[-1] + gap)
            classes = np.arange(ROWS) + roll.lowest_pitch - context.pitch[-1] + MAX_INTERVAL
            inside = (classes >= 0) & (classes < INTERVAL_CLASSES)
            rows = roll.weights[roll.slot(context.onset[-1] + gap), :ROWS]
            logits[stream, classes[inside]] = _log(rows / max(1e-9, rows.sum()))[inside]
        return logits

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """The first slot after the onset in which nothing is held; at the latest the window's end."""
        logits = np.full((len(contexts), DURATION_CLASSES), _UNLIKELY, dtype=np.float32)
        for stream, (context, gap) in enumerate(zip(contexts, gaps, strict=True)):
            onset = context.onset[-1] + gap
            roll = self._roll_at(context, stream, onset)
            steps = np.append(roll.steps, roll.span.to_step)[roll.slot(onset) + 1 :]
            held = np.append(roll.weights[roll.slot(onset) + 1 :, HELD], 0.0)
            ends = np.concatenate([[1.0], np.cumprod(held[:-1])]) * (1 - held)
            inside = (steps > onset) & (steps <= onset + MAX_STEPS)
            logits[stream, steps[inside] - onset] = _log(ends[inside])
        return logits

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """Near the mean; a roll knows no velocity."""
        return np.tile(_VELOCITY_LOGITS, (len(contexts), 1))

    def advance(self, contexts: Contexts) -> None:
        """Nothing to do: rolls are made from the contexts when they are asked for."""

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._noise = [self._noise[stream] for stream in streams]
        self._rolls = [self._rolls[stream] for stream in streams]

    # rolls

    def _place(self, step: int) -> int:
        """Row of the window that holds a step, or of the nearest."""
        later = bisect_left([span.to_step for span in self._spans], step + 1)
        return min(later, len(self._spans) - 1)

    def _prepare(self, contexts: Contexts) -> None:
        """Makes the rolls of the windows that the streams have reached, as one batch."""
        places = [self._place(context.onset[-1] + context.duration[-1]) for context in contexts]
        wanted = zip(contexts, range(len(contexts)), places, strict=True)
        self._make([own for own in wanted if self._mark(own[0], own[2]) not in self._rolls[own[1]]])

    def _roll_at(self, context: MelodyContext, stream: int, step: int) -> _Roll:
        return self._roll(context, stream, self._place(step))

    def _roll(self, context: MelodyContext, stream: int, place: int) -> _Roll:
        mark = self._mark(context, place)
        if mark not in self._rolls[stream]:
            self._make([(context, stream, place)])
        return self._rolls[stream][mark]

    def _mark(self, context: MelodyContext, place: int) -> tuple[int, int]:
        """A window's roll depends on the notes before it only."""
        return place, bisect_left(context.onset, self._spans[place].from_step)

    def _make(self, wanted: Sequence[tuple[MelodyContext, int, int]]) -> None:
        if not wanted:
            return
        spans = [self._spans[place] for _, _, place in wanted]
        before = [self._before(context, span) for (context, _, _), span in zip(wanted, spans, strict=True)]
        previous = np.stack([symbols for symbols, _ in before]).astype(np.int64)
        noise = np.stack([self._noise[stream][place] for _, stream, place in wanted])
        conditions = np.array([(span.meter, *self._conditions) for span in spans])
        weights = softmax(self.model(noise, previous, conditions).astype(np.float64))
        for (context, stream, place), span, own, (_, lowest) in zip(wanted, spans, weights, before, strict=True):
            slots = int(np.searchsorted(SLOT_STEPS[:SLOTS], span.to_step - span.from_step))
            self._rolls[stream][self._mark(context, place)] = _Roll(span, lowest, own[:slots])

    def _before(self, context: MelodyContext, span: Span) -> tuple[Symbols, int]:
        """The roll of what stands before a window for as long as it is, and the lowest pitch of both their rows."""
        length = span.to_step - span.from_step
        start = span.from_step - length
        first, stop = bisect_left(context.onset, start), bisect_left(context.onset, span.from_step)
        pitch = np.array(context.pitch[first:stop], dtype=np.int64)
        mean = float(pitch.mean()) if len(pitch) else float(context.pitch[max(stop - 1, 0)])
        lowest = reference_pitch(mean, self._tonic) + LOWEST_ROW
        place = np.array(context.onset[first:stop], dtype=np.int64) - start
        sounding = np.minimum(np.array(context.duration[first:stop], dtype=np.int64), length - place)
        rows = row_in_reach(pitch - lowest)
        return symbols_of(np.zeros(len(pitch), dtype=np.int64), place, rows, sounding, 1)[0], lowest


def _log(weights: Weights) -> NDArray[np.float32]:
    return np.log(np.maximum(weights, np.exp(_UNLIKELY))).astype(np.float32)


DECODING = Decoding(
    model=lambda page, weights: RollGeneratorStep(roll_config_of(page), weights),
    writer=lambda loaded, _task, _request: RollPredictor(loaded.model, loaded.memory.contexts),
)
