"""The generator of the classic GAN for composing, on NumPy: a roll from noise, after the roll before it.

``net`` has the nets that learn, and says what their parts are for.

Shapes: ``B`` rolls, ``T`` slots, ``P`` rows, ``S = P + 2`` symbols of a slot (the rows, held, silent), ``N`` noise,
``K`` conditions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from msgspec import Meta

from musicassist.models.weights import Floats, Ints, Product, Weights, embedded, leaky

MAX_WIDTH = 4096  # LIMIT: of a layer
Size = Annotated[int, Meta(ge=1, le=MAX_WIDTH)]
SLOPE = 0.2


@dataclass(frozen=True)
class PianoRollGanConfig:
    """Size and shape of generator and critic.

    Attributes:
        slots: Of a roll, a multiple of ``beat_slots``.
        beat_slots: Slots of a beat.
        rows: Of a roll.
        octave: Rows that the critic folds onto each other.
        conditions: Classes of each condition.
        noise: Numbers drawn for each roll.
        embedding: Size of each condition's vectors.
        slot_width, beat_width: Channels at the resolution of slots and of beats, of both nets.
        whole: Size of what is read of a whole roll.
    """

    slots: Size
    beat_slots: Size
    rows: Size
    octave: Size
    conditions: tuple[Size, ...]
    noise: Size = 64
    embedding: Size = 16
    slot_width: Size = 64
    beat_width: Size = 128
    whole: Size = 384

    def __post_init__(self) -> None:
        if self.slots % self.beat_slots:
            raise ValueError("the slots make no whole beats")

    @property
    def beats(self) -> int:
        """Beats of a roll."""
        return self.slots // self.beat_slots


class RollGeneratorStep:
    """The trained generator."""

    def __init__(self, config: PianoRollGanConfig, weights: Weights) -> None:
        self.config = config
        beat, slot, whole = config.beat_width, config.slot_width, config.whole

        def layer(name: str, inputs: int, outputs: int) -> Product:
            return Product.of(weights, f"generator.{name}", inputs, outputs)

        self._tables = [
            weights.floats(f"generator.conditions.tables.{place}.weight", size, config.embedding)
            for place, size in enumerate(config.conditions)
        ]
        self._read_beats = layer("read_beats", 2 * config.rows * config.beat_slots, beat)
        self._read_all = layer("read_all", beat * config.beats, whole)
        self._start = layer("start", config.noise + whole + config.embedding * len(config.conditions), whole)
        self._begin = layer("begin", whole, beat * config.beats)
        self._join_beats = layer("join_beats.inner", 3 * 2 * beat, beat)
        self._phrase = layer("phrase.inner", 3 * beat, beat)
        self._spread = layer("spread", beat, slot * config.beat_slots)
        self._symbols = layer("symbols", slot, config.rows + 2)
        weights.check_all_read(but="critic.")  # only training needs it

    def __call__(self, noise: Floats, previous: Ints, conditions: Ints) -> Floats:
        """Logits (B, T, S) from noise (B, N), the symbols of the roll before (B, T) and classes (B, K)."""
        config, rolls = self.config, len(noise)
        roll = _roll_of_symbols(previous, config.rows)
        read = leaky(self._read_beats(roll.reshape(rolls * config.beats, -1)), SLOPE)
        whole = leaky(self._read_all(read.reshape(rolls, -1)), SLOPE)
        start = self._start(np.concatenate([noise, whole, embedded(self._tables, conditions)], -1))
        made = _even(self._begin(leaky(start, SLOPE)).reshape(rolls, config.beats, -1))
        made = _beside(self._join_beats, np.concatenate([made, read.reshape(made.shape)], -1))
        made = _even(made + _beside(self._phrase, leaky(made, SLOPE)))
        slots = self._spread(leaky(made, SLOPE).reshape(rolls * config.beats, -1))
        slots = leaky(_even(slots.reshape(rolls * config.slots, -1)), SLOPE)
        return self._symbols(slots).reshape(rolls, config.slots, -1)


def _roll_of_symbols(symbols: Ints, rows: int) -> Floats:
    """The roll (B, T, 2P), onsets beside what sounds, of symbols (B, T)."""
    chosen = (symbols[..., None] == np.arange(rows + 1)).astype(np.float32)
    onsets, holds = chosen[..., :rows], chosen[..., rows:]
    sounding = onsets.copy()
    for slot in range(1, symbols.shape[1]):
        sounding[:, slot] += holds[:, slot] * sounding[:, slot - 1]
    return np.concatenate([onsets, sounding], -1)


def _beside(product: Product, beats: Floats) -> Floats:
    """Each beat (B, beats, width) with the beat before and the beat after it, to (B, beats, made)."""
    padded = np.pad(beats, ((0, 0), (1, 1), (0, 0)))
    read = np.concatenate([padded[:, :-2], beats, padded[:, 2:]], -1)
    return product(read.reshape(-1, read.shape[-1])).reshape(*beats.shape[:2], -1)


def _even(features: Floats) -> Floats:
    """Channels of unit mean square at each place."""
    return np.asarray(features / np.sqrt(np.square(features).mean(-1, keepdims=True) + np.float32(1e-8)))
