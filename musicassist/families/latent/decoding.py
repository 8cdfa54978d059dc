"""The nets of the latent models for composing, on NumPy. ``net`` has those that learn.

Shapes: ``n`` windows, ``B`` streams, ``W`` windows of each, ``Z`` latent size, ``P`` places, ``H`` hidden, ``K`` what
is known of a window, ``V`` classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from msgspec import Meta

from musicassist.models.steps import Size, embedding_size
from musicassist.models.weights import Floats, Ints, Product, Weights, embedded, gelu, leaky, sigmoid

FIELDS = ("place", "pitch", "length")
EVENT = 32  # size of each field's vectors
MAX_GAN_WIDTH = 4096  # LIMIT: of a layer
GanSize = Annotated[int, Meta(ge=1, le=MAX_GAN_WIDTH)]
MAX_BLOCKS = 16  # LIMIT: more is no net of ours
SLOPE = 0.2
PLACE, PITCH, LENGTH = range(3)


@dataclass(frozen=True)
class VaeConfig:
    """Size and shape of a VAE.

    Attributes:
        classes: Of place, pitch and length. The last class of the place ends a group; each field has one class more
            inside, which stands for "no event yet".
        condition: Classes of each column of the condition; 0 stands for unknown.
        part_count: How many parts the places fall into; the place that ends a group is in none.
        latent: Size of the latent space, a multiple of ``part_count``.
        part: Numbers that encoder and decoder hold for each part.
        hidden: Size of the decoder's net.
        head_hidden: Size of each head's hidden layer, and of those that correct a part by the others.
        plan: Numbers that the plan holds for each place.
        guide: Numbers that the decoder's net reads of point and condition with each event.
        dropout: In the heads, while training.
    """

    classes: tuple[Size, Size, Size]
    condition: tuple[Size, ...]
    part_count: Size = 8
    latent: Size = 128
    part: Size = 96
    hidden: Size = 192
    head_hidden: Size = 256
    plan: Size = 24
    guide: Size = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.latent % self.part_count or (self.classes[0] - 1) % self.part_count:
            raise ValueError("the latent space or the places cannot be shared out")

    @property
    def steps(self) -> int:
        """Places of a part."""
        return (self.classes[PLACE] - 1) // self.part_count


@dataclass(frozen=True)
class LatentGanConfig:
    """Size and shape of generator and critic in a latent space.

    Attributes:
        latent: Size of the space.
        conditions: Classes of each condition.
        width: Of each layer.
        blocks: Residual blocks of each net.
        embedding: Size of each condition's vectors.
        parts: The models it works with, by their role.
    """

    latent: GanSize
    conditions: tuple[GanSize, ...]
    width: GanSize = 384
    blocks: Annotated[int, Meta(ge=1, le=MAX_BLOCKS)] = 3
    embedding: GanSize = 16
    parts: dict[str, str] = field(default_factory=lambda: {"vae": "vae"})


class _Perceptron:
    """Two layers with a curve between them, for any number of leading dimensions."""

    def __init__(self, weights: Weights, name: str, inputs: int, inner: int, outputs: int) -> None:
        self._first = Product.of(weights, f"{name}.0", inputs, inner)
        self._last = Product.of(weights, f"{name}.2", inner, outputs)

    def __call__(self, read: Floats) -> Floats:
        rows = self._last(gelu(self._first(read.reshape(-1, read.shape[-1]))))
        return rows.reshape(*read.shape[:-1], rows.shape[-1])


class VaeStep:
    """A trained VAE as composing reads it; made once, shared by all who compose with it."""

    def __init__(self, config: VaeConfig, weights: Weights) -> None:
        self.config = config
        self._tables = [
            weights.floats(f"tables.{place}.weight", size + 1, EVENT) for place, size in enumerate(config.classes)
        ]
        self._conditions = [
            weights.floats(f"condition.{place}.weight", size, embedding_size(size))
            for place, size in enumerate(config.condition)
        ]
        told = sum(table.shape[1] for table in self._conditions)
        known, inner, part = config.latent + told, config.head_hidden, config.part
        share, parts = config.latent // config.part_count, config.part_count * part
        self._within = weights.floats("within.weight", config.steps, EVENT)
        self._event_encoder = _Perceptron(weights, "event_encoder", EVENT * len(FIELDS), 2 * part, part)
        self._part_posterior = _Perceptron(weights, "part_posterior", part, part, 2 * share)
        self._posterior = _Perceptron(weights, "posterior", parts + told, inner, 2 * config.latent)
        self._part_planner = _Perceptron(weights, "part_planner", share, part, part)
        self._planner = _Perceptron(weights, "planner", known, inner, parts)
        self._place_planner = Product.of(weights, "place_planner.1", part, config.steps * config.plan)
        self._end_plan = weights.floats("end_plan", config.plan)
        self._prior_mean = weights.floats("prior_mean", config.latent)
        self._prior_factor = weights.floats("prior_factor", config.latent, config.latent)
        self._onset = weights.floats("onset.weight", 1, config.plan)[0], weights.floats("onset.bias", 1)[0]
        self._first = Product.of(weights, "first", known, config.hidden)
        self._guide = Product.of(weights, "guide", known, config.guide)
        read, gates = EVENT * len(FIELDS) + config.guide, 3 * config.hidden
        self._from_event = Product(
            weights.floats("decoder.weight_ih_l0", gates, read), weights.floats("decoder.bias_ih_l0", gates)
        )
        self._from_state = Product(
            weights.floats("decoder.weight_hh_l0", gates, config.hidden), weights.floats("decoder.bias_hh_l0", gates)
        )
        widths = [config.hidden + place * EVENT + (config.plan if place else 0) for place in range(len(FIELDS))]
        self._known_heads = [Product.of(weights, f"known_heads.{place}", known, inner) for place in range(len(FIELDS))]
        self._inner_heads = [
            Product.of(weights, f"inner_heads.{place}", width, inner) for place, width in enumerate(widths)
        ]
        self._outer_heads = [
            Product.of(weights, f"outer_heads.{place}", inner, size) for place, size in enumerate(config.classes)
        ]
        weights.check_all_read()

    # the space

    def mean_points(self, windows: Sequence[Ints], conditions: Sequence[Sequence[int]]) -> Floats:
        """Where each window stands in the latent space: the mean of its posterior, (W, Z).

        Args:
            windows: The fields of each window's notes, (n, 3).
            conditions: Meter, mode and style of each.
        """
        config, steps = self.config, self.config.steps
        parts = np.zeros((len(windows), config.part_count, config.part), dtype=np.float32)
        for row, notes in enumerate(windows):
            if len(notes):
                place = np.minimum(notes[:, PLACE], config.part_count * steps - 1)
                read = [self._within[place % steps], *(self._tables[f][notes[:, f]] for f in (PITCH, LENGTH))]
                np.add.at(parts[row], place // steps, self._event_encoder(np.concatenate(read, -1)))
        told = embedded(self._conditions, np.asarray(conditions))
        own = self._part_posterior(parts)[..., : config.latent // config.part_count].reshape(len(windows), -1)
        all_parts = np.concatenate([parts.reshape(len(windows), -1), told], -1)
        return np.asarray(own + self._posterior(all_parts)[:, : config.latent])

    def from_prior(self, noise: Floats) -> Floats:
        """Points of the fitted prior from standard normal noise, (..., Z) both."""
        return np.asarray(self._prior_mean + noise @ self._prior_factor.T)

    def to_noise(self, points: Floats) -> Floats:
        """What :meth:`from_prior` makes the points of, (..., Z) both."""
        apart = (points - self._prior_mean).reshape(-1, self.config.latent).astype(np.float64)
        noise = np.linalg.solve(self._prior_factor.astype(np.float64), apart.T).T
        return noise.astype(np.float32).reshape(points.shape)

    # the decoder

    def known(self, points: Floats, conditions: Ints) -> Floats:
        """What the decoder knows of windows throughout, (..., K): their points (..., Z) and conditions (..., C)."""
        return np.concatenate([points, embedded(self._conditions, conditions)], -1)

    def plan(self, known: Floats) -> Floats:
        """(n, P, plan) from what is known of each window, (n, K)."""
        config = self.config
        share = known[:, : config.latent].reshape(len(known), config.part_count, -1)
        parts = self._part_planner(share) + self._planner(known).reshape(len(known), config.part_count, -1)
        places = self._place_planner(gelu(parts.reshape(-1, config.part))).reshape(len(known), -1, config.plan)
        return np.concatenate([places, np.broadcast_to(self._end_plan, (len(known), 1, config.plan))], 1)

    def begin(self, known: Floats) -> Floats:
        """The decoder's first state, (n, H)."""
        return np.tanh(self._first(known))

    def guides(self, known: Floats) -> tuple[Floats, ...]:
        """What is known of each window, as the net and each head read it: (n, guide), then (n, inner) each."""
        return (self._guide(known), *(head(known) for head in self._known_heads))

    def step(self, events: Ints, guide: Floats, state: Floats) -> Floats:
        """The state, and so the output, (n, H), after an event (n, 3)."""
        made = self._from_event(np.concatenate([embedded(self._tables, events), guide], -1))
        kept, size = self._from_state(state), self.config.hidden
        gates = sigmoid(made[:, : 2 * size] + kept[:, : 2 * size])
        new = np.tanh(made[:, 2 * size :] + gates[:, :size] * kept[:, 2 * size :])
        return np.asarray(new + gates[:, size:] * (state - new))

    def place_logits(self, output: Floats, guide: Floats, plan: Floats, last: Ints) -> Floats:
        """(n, P) of the next place: outputs (n, H), guide (n, inner), plan (n, P, plan), last place (n,)."""
        weight, bias = self._onset
        logits = self._head(PLACE, guide, output) + (plan @ weight + bias)
        places = logits.shape[-1]
        # behind the end only the end comes; before the first event all may
        gone = np.where(last == places, -1, np.minimum(last, places - 2))
        logits[np.arange(places) <= gone[:, None]] = -np.inf
        return logits

    def pitch_logits(self, output: Floats, guide: Floats, here: Floats, place: Ints) -> Floats:
        """(n, V) of the pitch at a place (n,), with the plan there, (n, plan)."""
        return self._head(PITCH, guide, output, here, self._tables[PLACE][place])

    def length_logits(self, output: Floats, guide: Floats, here: Floats, place: Ints, pitch: Ints) -> Floats:
        """(n, V) of the length, after :meth:`pitch_logits`."""
        return self._head(LENGTH, guide, output, here, self._tables[PLACE][place], self._tables[PITCH][pitch])

    def _head(self, field: int, guide: Floats, *read: Floats) -> Floats:
        inner = self._inner_heads[field](np.concatenate(read, -1))
        inner += guide
        return self._outer_heads[field](gelu(inner))


class LatentGeneratorStep:
    """The trained generator of a latent GAN: noise to the next point."""

    def __init__(self, config: LatentGanConfig, weights: Weights) -> None:
        self.config = config
        self._tables = [
            weights.floats(f"generator.known.tables.{place}.weight", size, config.embedding)
            for place, size in enumerate(config.conditions)
        ]
        read = 2 * config.latent + 1 + config.embedding * len(config.conditions)
        self._first = Product.of(weights, "generator.trunk.first", read, config.width)
        self._blocks = [
            Product.of(weights, f"generator.trunk.blocks.{block}", config.width, config.width)
            for block in range(config.blocks)
        ]
        self._move = Product.of(weights, "generator.move", config.width, config.latent)
        weights.check_all_read(but="critic.")  # only training needs it

    def __call__(self, noise: Floats, previous: Floats, conditions: Ints) -> Floats:
        """Points (B, Z) from noise (B, Z), the points before (B, Z; zeros for none) and classes (B, K)."""
        exists = (previous != 0).any(-1, keepdims=True).astype(np.float32)
        hidden = self._first(np.concatenate([noise, previous, exists, embedded(self._tables, conditions)], -1))
        for block in self._blocks:
            hidden = hidden + block(leaky(hidden, SLOPE))
        return noise + self._move(leaky(hidden, SLOPE))
