"""The classic GAN: a roll from noise, after the roll before it, and a critic that tells made rolls from real ones.

The net knows numbers only. A roll is a line of slots; in each slot one of ``P`` rows starts, or what sounds is held, or
nothing sounds. Six slots make a beat. The generator follows MidiNet's conditioner (Yang et al. 2017): what it reads of
the roll before is joined to its own features at the same place, at both of its resolutions. The critic also sees the
rows folded to one octave and the mere onsets (Dong et al. 2018, "Convolutional Generative Adversarial Networks with
Binary Neurons for Polyphonic Music Generation").

Shapes: ``B`` rolls, ``T`` slots, ``P`` rows, ``S = P + 2`` symbols of a slot (the rows, held, silent), ``N`` noise,
``K`` conditions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.gan.decoding import SLOPE, PianoRollGanConfig

_SURE = -5.0
_STANDARD_DEVIATION_FLOOR = 1e-6


def drawn(onsets: Tensor, holds: Tensor) -> Tensor:
    """The roll (B, T, 2P), onsets beside what sounds, of onsets (B, T, P) and of what is held (B, T), both 0..1."""
    sounding = [onsets[:, 0]]
    for slot in range(1, onsets.shape[1]):
        sounding.append(onsets[:, slot] + holds[:, slot, None] * sounding[-1])
    return torch.cat([onsets, torch.stack(sounding, 1)], -1)


def roll_of_symbols(symbols: Tensor, rows: int) -> Tensor:
    """The roll (B, T, 2P) of symbols (B, T)."""
    chosen = functional.one_hot(symbols, rows + 2).float()
    return drawn(chosen[..., :rows], chosen[..., rows])


class _Conditions(nn.Module):
    """Classes to one vector."""

    def __init__(self, config: PianoRollGanConfig) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, config.embedding) for size in config.conditions)
        self.width = config.embedding * len(config.conditions)

    def forward(self, conditions: Tensor) -> Tensor:
        """(B, K) classes to (B, width)."""
        return torch.cat([table(conditions[:, place]) for place, table in enumerate(self.tables)], -1)


class _Neighbours(nn.Module):
    """Each beat with the beat before and the beat after it: a convolution over three beats."""

    def __init__(self, width: int, made: int) -> None:
        super().__init__()
        self.inner = nn.Linear(3 * width, made)

    def forward(self, beats: Tensor) -> Tensor:
        """(B, beats, width) to (B, beats, made)."""
        padded = functional.pad(beats, (0, 0, 1, 1))
        return self.inner(torch.cat([padded[:, :-2], beats, padded[:, 2:]], -1))


class RollGenerator(nn.Module):
    """Noise, the roll before and the conditions to the logits of each slot's symbol.

    As a kernel's width is its stride, each convolution from slots to beats, and each transposed one back, is one linear
    map for all beats.
    """

    def __init__(self, config: PianoRollGanConfig) -> None:
        super().__init__()
        self.beats, self.beat_slots = config.beats, config.beat_slots
        slot_width, beat_width, symbols = config.slot_width, config.beat_width, config.rows + 2
        self.conditions = _Conditions(config)
        self.read_beats = nn.Linear(2 * config.rows * config.beat_slots, beat_width)
        self.read_all = nn.Linear(beat_width * config.beats, config.whole)
        self.start = nn.Linear(config.noise + config.whole + self.conditions.width, config.whole)
        self.begin = nn.Linear(config.whole, beat_width * config.beats)
        self.join_beats = _Neighbours(2 * beat_width, beat_width)
        self.phrase = _Neighbours(beat_width, beat_width)
        self.spread = nn.Linear(beat_width, slot_width * config.beat_slots)
        self.symbols = nn.Linear(slot_width, symbols)

    def forward(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """Logits (B, T, S) from noise (B, N), the roll before (B, T, 2P; zeros for none) and classes (B, K)."""
        beats = _bent(self.read_beats(_by_beat(previous, self.beats)))
        whole = _bent(self.read_all(beats.flatten(1)))
        start = _bent(self.start(torch.cat([noise, whole, self.conditions(conditions)], -1)))
        made = _even(self.begin(start).view_as(beats))
        made = self.join_beats(torch.cat([made, beats], -1))
        made = _even(made + self.phrase(_bent(made)))
        slots = _bent(_even(self.spread(_bent(made)).unflatten(-1, (self.beat_slots, -1)).flatten(1, 2)))
        logits: Tensor = self.symbols(slots)
        return logits


class RollCritic(nn.Module):
    """A score for each roll after the roll before it, the higher the likelier real; and what noise it came from."""

    def __init__(self, config: PianoRollGanConfig) -> None:
        super().__init__()
        self.rows, self.octave, self.count = config.rows, config.octave, config.beats
        self.conditions = _Conditions(config)
        width = 4 * config.rows + config.octave + 1
        self.beats = nn.Linear(width * config.beat_slots, config.beat_width)
        self.condition = nn.Linear(self.conditions.width, config.beat_width)
        self.phrase = _Neighbours(config.beat_width, config.beat_width)
        self.whole = nn.Linear(config.beat_width * config.beats, config.whole)
        self.middle = nn.Linear(config.whole + 1, config.whole)
        self.score = nn.Linear(config.whole, 1)
        self.noise = nn.Linear(config.whole, 2 * config.noise)
        with torch.no_grad():  # nearly sure at first, so that the generator learns to listen to the noise
            self.noise.bias[config.noise :] = _SURE

    def forward(self, roll: Tensor, previous: Tensor, conditions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What is to be said of rolls (B, T, 2P) after rolls (B, T, 2P) under classes (B, K).

        Returns:
            Scores (B,); mean and logarithm of the variance of the noise it takes them to be made of, (B, N) each.
        """
        onsets = roll[..., : self.rows]
        seen = torch.cat([roll, self._folded(onsets), onsets.sum(-1, keepdim=True), previous], -1)
        beats = _bent(self.beats(_by_beat(seen, self.count)) + self.condition(self.conditions(conditions))[:, None])
        whole = _bent(self.whole(_bent(beats + self.phrase(beats)).flatten(1)))
        middle = _bent(self.middle(torch.cat([whole, _variety(whole)], -1)))
        mean, log_variance = self.noise(middle).chunk(2, -1)
        return self.score(middle).squeeze(-1), mean, log_variance.clamp(-8, 4)

    def _folded(self, onsets: Tensor) -> Tensor:
        """(..., P) to (..., octave): rows an octave apart count together."""
        padded = functional.pad(onsets, (0, -self.rows % self.octave))
        return padded.unflatten(-1, (-1, self.octave)).sum(-2)


def _by_beat(roll: Tensor, beats: int) -> Tensor:
    """(B, T, C) to (B, beats, C of all slots of a beat)."""
    return roll.reshape(len(roll), beats, -1)


def _bent(features: Tensor) -> Tensor:
    return functional.leaky_relu(features, SLOPE)


class PianoRollGan(nn.Module):
    """Generator and critic. Composing uses the generator; with the critic training can go on from a checkpoint."""

    def __init__(self, config: PianoRollGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = RollGenerator(config)
        self.critic = RollCritic(config)

    def forward(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """See :meth:`RollGenerator.forward`."""
        logits: Tensor = self.generator(noise, previous, conditions)
        return logits

    def made(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """Rolls (B, T, 2P), each slot's symbol drawn at random; gradients pass as if it had been the softmax.

        Source: Jang et al. 2017, "Categorical Reparameterization with Gumbel-Softmax" (straight through).
        """
        chosen = functional.gumbel_softmax(self(noise, previous, conditions), hard=True)
        rows = self.config.rows
        return drawn(chosen[..., :rows], chosen[..., rows])


def _even(features: Tensor) -> Tensor:
    """Channels (B, places, C) of unit mean square at each place. Source: Karras et al. 2018 (pixel normalisation)."""
    return features * torch.rsqrt(features.square().mean(-1, keepdim=True) + 1e-8)


def _variety(features: Tensor) -> Tensor:
    """(B, 1), how far the batch's features (B, C) differ from each other: a generator of one roll gives itself away.

    Source: Karras et al. 2018, "Progressive Growing of GANs" (minibatch standard deviation).
    """
    spread = torch.sqrt(features.var(0, unbiased=False) + _STANDARD_DEVIATION_FLOOR).mean()
    return spread.expand(len(features), 1)
