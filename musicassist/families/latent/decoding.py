"""The writing of windows at points of the latent space: each stream writes one window after the other.

Shapes: ``B`` streams, ``W`` windows of each, ``Z`` latent size, ``P`` places, ``H`` hidden, ``V`` classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from musicassist.families.latent.steps import FIELDS, LENGTH, PITCH, PLACE, VaeStep
from musicassist.models.weights import Floats, Ints


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
