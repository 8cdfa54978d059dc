"""The decoder of a latent model, stepped for some streams, each of which writes one window after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from musicassist.families.latent.vae import VaeModel
from musicassist.families.recurrent.decoding import FusedCell
from musicassist.tokens.windows import END, MOST_NOTES

_PLACE, _PITCH, _LENGTH = range(3)


@dataclass
class Place:
    """Where each stream stands, (B,) int64 each, with the net's output there, (B, H)."""

    window: Tensor
    step: Tensor
    output: Tensor

    def rows(self, streams: Tensor) -> Place:
        """Some of the streams."""
        return Place(self.window[streams], self.step[streams], self.output[streams])


class LatentDecoder:
    """What each stream's windows are to hold, and how far it has written them. Used by one thread at a time.

    Shapes: ``B`` streams, ``W`` windows of each, ``Z`` latent size, ``P`` places.

    Args:
        model: The net.
        points: (B, W, Z).
        conditions: Meter, mode and style of each window, (W, 3), or (B, W, 3) where streams differ.
    """

    @torch.inference_mode()
    def __init__(self, model: VaeModel, points: Tensor, conditions: Tensor) -> None:
        self.model = model.eval()
        self._cell = FusedCell(model.decoder, 0)
        streams, windows = points.shape[:2]
        known = model.known(points, conditions.expand(streams, -1, -1))
        self._plan = model.plan(known)
        self._guide, *self._guides = model.guides(known)
        first = self._stepped(model.no_event.expand(streams, windows, 3), self._guide, model.begin(known))
        nowhere = torch.full((streams, windows), model.config.classes[_PLACE])
        logits = model.place_logits(first, self._guides[_PLACE], self._plan, nowhere)
        self._first = first
        self.first_places = logits
        self.place = Place(torch.zeros(streams, dtype=torch.long), nowhere[:, 0], first[:, 0])
        self._streams = torch.arange(streams)

    def _stepped(self, events: Tensor, guide: Tensor, state: Tensor) -> Tensor:
        read = torch.cat([self.model.embed(events), guide], -1)
        return self._cell.step(read.flatten(0, -2), (state.flatten(0, -2),))[0].view(state.shape)

    @torch.inference_mode()
    def places(self) -> Tensor:
        """(B, P) logits of the next note's place in the window that each stream is in."""
        here = self._streams, self.place.window
        plan, guide = self._plan[here], self._guides[_PLACE][here]
        return self.model.place_logits(self.place.output, guide, plan, self.place.step)

    def go(self, windows: Tensor, steps: Tensor) -> None:
        """The next note of each stream is in this window, at this step of it."""
        entered = windows != self.place.window
        first = self._first[self._streams, windows]
        self.place = Place(windows, steps, torch.where(entered[:, None], first, self.place.output))

    @torch.inference_mode()
    def pitches(self) -> Tensor:
        """(B, V) logits of the pitch class; follows :meth:`go`."""
        return self.model.pitch_logits(self.place.output, *self._here(_PITCH), self.place.step)

    @torch.inference_mode()
    def lengths(self, pitches: Tensor) -> Tensor:
        """(B, V) logits of the length of a note of these pitch classes, (B,)."""
        return self.model.length_logits(self.place.output, *self._here(_LENGTH), self.place.step, pitches)

    def _here(self, head: int) -> tuple[Tensor, Tensor]:
        here = self._streams, self.place.window
        return self._guides[head][here], self._plan[(*here, self.place.step)]

    @torch.inference_mode()
    def write(self, pitches: Tensor, lengths: Tensor) -> None:
        """The note at the place of each stream has this pitch class and length, (B,) each."""
        events = torch.stack([self.place.step, pitches, lengths], -1)
        guide = self._guide[self._streams, self.place.window]
        self.place.output = self._stepped(events, guide, self.place.output)

    def keep(self, streams: list[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        rows = torch.tensor(streams)
        self.place, self._streams = self.place.rows(rows), self._streams[rows]

    @property
    def streams(self) -> list[int]:
        """The streams that are left, as they were counted at first."""
        return self._streams.tolist()


@torch.inference_mode()
def write_windows(model: VaeModel, points: Tensor, conditions: Tensor, choose: Callable[[Tensor], Tensor]) -> Tensor:
    """What stands in a window at each point when nothing is demanded of it; for measuring.

    Args:
        model: The net.
        points: (N, Z).
        conditions: (N, 3), meter, mode and style.
        choose: From logits (N, V) to classes (N,).

    Returns:
        (N, MOST_NOTES, 3): place, pitch class and length of each note; the place behind the last is ``END``.
    """
    decoder = LatentDecoder(model, points[:, None], conditions[:, None])
    notes = torch.full((len(points), MOST_NOTES, 3), END)
    first = torch.zeros(len(points), dtype=torch.long)
    for step in range(MOST_NOTES):
        places = choose(decoder.places())
        notes[:, step, _PLACE] = places
        if (places == END).all():
            break
        decoder.go(first, places)
        notes[:, step, _PITCH] = choose(decoder.pitches())
        notes[:, step, _LENGTH] = choose(decoder.lengths(notes[:, step, _PITCH]))
        decoder.write(notes[:, step, _PITCH], notes[:, step, _LENGTH])
    return notes
