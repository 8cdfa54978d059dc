"""A latent model as a predictor: the windows of a passage are written one after the other from their points.

Shapes: ``B`` streams, ``W`` windows of each, ``Z`` latent size, ``P`` places, ``H`` hidden, ``V`` classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.predictor import Chosen, Contexts, Logits, Passage, probabilities, sample
from musicassist.composing.seed_reading import IsCancelled, SeedContexts, end_of, never
from musicassist.families.latent.decoding import FIELDS, LENGTH, PITCH, PLACE, VaeStep
from musicassist.models.weights import Floats, Ints, log_softmax
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.grammar import Grammar
from musicassist.tokens.vocabulary import (
    DURATION_CLASSES,
    GAP_CLASSES,
    INTERVAL_CLASSES,
    MAX_INTERVAL,
    VELOCITY_CLASSES,
)
from musicassist.tokens.windows import LOWEST_PITCH, PITCH_CLASSES, WINDOW_STEPS, Span, pitch_class

_UNLIKELY = -60.0  # of what no window says anything about; the mask may still leave nothing else
_VELOCITY_SPREAD = 4.0
Draw = Callable[[Sequence[np.random.Generator]], Floats]


@dataclass
class Place:
    """Where each stream stands, (B,) int64 each, with the net's output there, (B, H)."""

    window: Ints
    step: Ints
    output: Floats


class LatentDecoder:
    """What each stream's windows are to hold, and how far it has written them. Used by one thread at a time.

    Args:
        net: The VAE.
        points: (B, W, Z).
        conditions: Meter, mode and style of each window, (W, 3), or (B, W, 3) where streams differ.
    """

    def __init__(self, net: VaeStep, points: Floats, conditions: Ints) -> None:
        self._net = net
        streams, windows = points.shape[:2]
        self._windows = windows
        known = net.known(points, np.broadcast_to(conditions, (streams, windows, conditions.shape[-1])))
        known = known.reshape(streams * windows, -1)
        self._plan = net.plan(known)
        self._guide, *self._guides = net.guides(known)
        none = np.broadcast_to(np.array(net.config.classes), (len(known), len(FIELDS)))
        self._first = net.step(none, self._guide, net.begin(known))
        nowhere = np.full(len(known), net.config.classes[PLACE])
        first = net.place_logits(self._first, self._guides[PLACE], self._plan, nowhere)
        self.first_places = first.reshape(streams, windows, -1)
        self._streams = np.arange(streams)
        self.place = Place(np.zeros(streams, np.int64), nowhere[:streams], self._first[self._row(0)])

    def _row(self, windows: Ints | int) -> Ints:
        """The row of a window of each stream, in what is held for all windows of all."""
        return np.asarray(self._streams * self._windows + windows)

    def places(self) -> Floats:
        """(B, P) logits of the next note's place in the window that each stream is in."""
        here = self._row(self.place.window)
        return self._net.place_logits(self.place.output, self._guides[PLACE][here], self._plan[here], self.place.step)

    def go(self, windows: Ints, steps: Ints) -> None:
        """The next note of each stream is in this window, at this step of it."""
        entered = windows != self.place.window
        output = np.where(entered[:, None], self._first[self._row(windows)], self.place.output)
        self.place = Place(windows, steps, output)

    def pitches(self) -> Floats:
        """(B, V) logits of the pitch class; follows :meth:`go`."""
        return self._net.pitch_logits(self.place.output, *self._here(PITCH), self.place.step)

    def lengths(self, pitches: Ints) -> Floats:
        """(B, V) logits of the length of a note of these pitch classes, (B,)."""
        return self._net.length_logits(self.place.output, *self._here(LENGTH), self.place.step, pitches)

    def _here(self, head: int) -> tuple[Floats, Floats]:
        here = self._row(self.place.window)
        return self._guides[head][here], self._plan[here, self.place.step]

    def write(self, pitches: Ints, lengths: Ints) -> None:
        """The note at the place of each stream has this pitch class and length, (B,) each."""
        events = np.stack([self.place.step, pitches, lengths], -1)
        guide = self._guide[self._row(self.place.window)]
        self.place.output = self._net.step(events, guide, self.place.output)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        place = self.place
        self.place = Place(place.window[streams], place.step[streams], place.output[streams])
        self._streams = self._streams[streams]

    @property
    def streams(self) -> list[int]:
        """The streams that are left, as they were counted at first."""
        return self._streams.tolist()


def write_windows(
    net: VaeStep, points: Floats, conditions: Ints, choose: Callable[[Floats], Ints], *, most: int, end: int
) -> Ints:
    """What stands in a window at each point when nothing is demanded of it; for measuring.

    Args:
        net: The VAE.
        points: (N, Z).
        conditions: (N, 3), meter, mode and style.
        choose: From logits (N, V) to classes (N,).
        most: How many notes a window may have.
        end: The place that stands for no more notes.

    Returns:
        (N, most, 3): place, pitch class and length of each note; the place behind the last is ``end``.
    """
    decoder = LatentDecoder(net, points[:, None], conditions[:, None])
    notes = np.full((len(points), most, len(FIELDS)), end)
    first = np.zeros(len(points), dtype=np.int64)
    for step in range(most):
        places = choose(decoder.places())
        notes[:, step, PLACE] = places
        if (places == end).all():
            break
        decoder.go(first, places)
        notes[:, step, PITCH] = choose(decoder.pitches())
        notes[:, step, LENGTH] = choose(decoder.lengths(notes[:, step, PITCH]))
        decoder.write(notes[:, step, PITCH], notes[:, step, LENGTH])
    return notes


@dataclass(frozen=True)
class LatentScript:
    """What the windows of a passage are to become.

    Attributes:
        spans: Where each window lies, in order.
        references: The pitch of each window's reference tonic.
        conditions: Meter, mode and style of each window.
        draw: Gives each stream's points, (B, W, Z), with its random generator.
        boldness: Divides the logits, as a temperature; 1 leaves them as they are.
        first_velocity: Of the first note of an opening passage.
    """

    spans: tuple[Span, ...]
    references: tuple[int, ...]
    conditions: tuple[tuple[int, int, int], ...]
    draw: Draw
    boldness: float
    first_velocity: int


class LatentPredictor:
    """See :class:`predictor.Predictor`.

    Args:
        model: The net.
        seeds: What is kept of seeds.
        script: What the passage's windows are to become.
        temperature, top_p: How the first note of an opening passage is chosen; see ``composing.predictor``.
    """

    def __init__(
        self, model: VaeStep, seeds: SeedContexts, script: LatentScript, temperature: float, top_p: float
    ) -> None:
        self.model = model
        self._seeds = seeds
        self.script = script
        self._temperature, self._top_p = temperature, top_p
        self._starts = [span.from_step for span in script.spans]

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Draws the points; the seed counts as what stands before the first window."""
        points = self.script.draw(randoms)
        self._decoder = LatentDecoder(self.model, points, np.array(self.script.conditions))
        self._first_places = _log_shares(self._decoder.first_places, self.script.boldness)
        if passage.is_opening:
            return self._opened(passage, randoms)
        context = self._seeds.read(end_of(passage.seed), passage.place, is_cancelled=is_cancelled)
        return [context.continued() for _ in randoms]

    def gaps(self, contexts: Contexts) -> Logits:
        """Where a window ends, the next one begins: its first places count by the chance that it is reached."""
        here = _log_shares(self._decoder.places(), self.script.boldness)
        streams, windows = self._decoder.streams, self._decoder.place.window.tolist()
        rows = [
            self._stream_gaps(context.onset[-1], [own, *self._first_places[stream, window + 1 :]], window)
            for context, own, stream, window in zip(contexts, here, streams, windows, strict=True)
        ]
        return np.array(rows, dtype=np.float32).reshape(len(contexts), GAP_CLASSES)

    def _stream_gaps(self, last_onset: int, places: Sequence[NDArray[np.float32]], first: int) -> NDArray[np.float32]:
        gaps = np.full(GAP_CLASSES, _UNLIKELY, dtype=np.float32)
        reached = 0.0
        for span, shares in zip(self.script.spans[first:], places, strict=True):
            steps = span.to_step - span.from_step
            offset = span.from_step - last_onset
            low, high = max(0, 1 - offset), min(steps, GAP_CLASSES - offset)
            if low < high:
                gaps[offset + low : offset + high] = reached + shares[low:high]
            reached += float(np.logaddexp.reduce(shares[steps:]))
            if offset + steps >= GAP_CLASSES:
                break
        else:  # no more notes: as if the next one began behind the last window
            gaps[self.script.spans[-1].to_step - last_onset] = reached
        return np.maximum(gaps, _UNLIKELY)

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """The window's pitches, from the last one."""
        steps = [context.onset[-1] + gap for context, gap in zip(contexts, gaps, strict=True)]
        windows = [max(0, int(np.searchsorted(self._starts, step, side="right")) - 1) for step in steps]
        within = [step - self._starts[window] for step, window in zip(steps, windows, strict=True)]
        self._decoder.go(np.array(windows), np.clip(within, 0, WINDOW_STEPS - 1))
        own = self._decoder.pitches() / self.script.boldness
        logits = np.full((len(contexts), INTERVAL_CLASSES), _UNLIKELY, dtype=np.float32)
        for row, (context, window) in enumerate(zip(contexts, windows, strict=True)):
            lowest = self.script.references[window] + LOWEST_PITCH - context.pitch[-1] + MAX_INTERVAL
            low, high = max(0, -lowest), min(PITCH_CLASSES, INTERVAL_CLASSES - lowest)
            if low < high:
                logits[row, lowest + low : lowest + high] = np.maximum(own[row, low:high], _UNLIKELY)
        return logits

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """Follows :meth:`intervals`."""
        del gaps  # the decoder stands there
        chosen = zip(contexts, intervals, strict=True)
        pitches = self._classes([context.pitch[-1] + interval - MAX_INTERVAL for context, interval in chosen])
        logits = self._decoder.lengths(pitches) / self.script.boldness
        return np.asarray(logits, dtype=np.float32)[:, :DURATION_CLASSES]

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """Windows know nothing of velocity: near the mean of what stands before."""
        del gaps, intervals, durations
        apart = np.arange(VELOCITY_CLASSES) - VELOCITY_CLASSES // 2
        return np.tile(-_VELOCITY_SPREAD * np.square(apart).astype(np.float32), (len(contexts), 1))

    def advance(self, contexts: Contexts) -> None:
        """One step of the net for all streams."""
        pitches = self._classes([context.pitch[-1] for context in contexts])
        lengths = np.array([context.duration[-1] for context in contexts])
        spans = [self.script.spans[window] for window in self._decoder.place.window.tolist()]
        rest = np.array([span.to_step - span.from_step for span in spans]) - self._decoder.place.step
        self._decoder.write(pitches, np.minimum(lengths, np.maximum(rest, 1)))

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._decoder.keep(list(streams))

    def _classes(self, pitches: Sequence[int]) -> Ints:
        """The pitches, above the reference of the window that each stream is in."""
        references = np.array(self.script.references)[self._decoder.place.window]
        return pitch_class(np.array(pitches, dtype=np.int64) - references)

    # where nothing stands before

    def _opened(self, passage: Passage, randoms: Sequence[np.random.Generator]) -> list[MelodyContext]:
        """Contexts that hold the first note of each take: chosen as all others, as if one stood a step before."""
        pitch = int(passage.seed.pitch[0])
        waiting = [MelodyContext(passage.place) for _ in randoms]
        for context in waiting:
            context.append(passage.demands.from_step - 1, pitch, 1, self.script.first_velocity)
        grammars = [Grammar(passage.demands, context) for context in waiting]
        gaps = [
            self._chosen(own, grammar.gaps(), random)
            for own, grammar, random in zip(self.gaps(waiting), grammars, randoms, strict=True)
        ]
        intervals = [
            self._chosen(own, grammar.intervals(gap), random)
            for own, grammar, gap, random in zip(self.intervals(waiting, gaps), grammars, gaps, randoms, strict=True)
        ]
        opened = []
        lengths = self.durations(waiting, gaps, intervals)
        for own, grammar, gap, interval, random in zip(lengths, grammars, gaps, intervals, randoms, strict=True):
            context, first = MelodyContext(passage.place), pitch + interval - MAX_INTERVAL
            length = self._chosen(own, grammar.durations(gap, first), random)
            context.append(passage.demands.from_step - 1 + gap, first, length, self.script.first_velocity)
            opened.append(context)
        self.advance(opened)
        return opened

    def _chosen(self, logits: NDArray[np.float32], mask: NDArray[np.bool_], random: np.random.Generator) -> int:
        return sample(probabilities(logits, mask, self._temperature, self._top_p), float(random.random()))


def _log_shares(logits: Floats, boldness: float) -> Floats:
    return log_softmax(logits / np.float32(boldness))
