"""The nets of the latent models that learn; ``decoding`` has the same for composing.

The first is a variational autoencoder of short groups of events: a group becomes a point in a latent space, and back.
An event has a *place*, a *pitch* and a *length*; the places of a group rise. Places fall into equal *parts* (beats,
say), each of which has its share of the latent point: the encoder adds up what it makes of the events of a part, the
same way for all parts, so that it learns each part from all of them; what goes on in the others then corrects it. The
decoder draws up a *plan* from the point, some numbers for each place, the same way, and writes one event after the
other: a recurrent net follows; each head reads the net's output, the point, the condition, what was chosen before for
the same event, and the plan at the place in question.

It is trained against a standard normal prior; new groups are drawn from a normal distribution that was fitted to the
points of all groups, which also knows how the dimensions go together.

The second is a GAN in that space: the next point from noise, after the point before it. The generator begins as the
noise itself, which is what the prior draws, and learns to move it; so what it makes can be decoded from the first step
on. The critic scores a point by itself and by how it goes with what it stands after.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes"; Zaheer et al. 2017, "Deep Sets" (the sum); Roberts
et al. 2018, "A Hierarchical Latent Vector Model for Learning Long-Term Structure in Music" (free bits, weight of the
divergence, sampled reconstruction); Ghosh et al. 2020, "From Variational to Deterministic Autoencoders" (the prior
fitted afterwards); Engel et al. 2018, "Latent Constraints" (a GAN of latent points); Miyato and Koyama 2018, "cGANs
with Projection Discriminator" (the critic's two terms).

Shapes: ``B`` groups or points, ``T`` events, ``Z`` size of the latent, ``H`` hidden size, ``C`` and ``K`` columns of
the condition, ``V`` classes, ``P`` places.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.latent.decoding import EVENT, FIELDS, SLOPE, LatentGanConfig, VaeConfig
from musicassist.models.steps import embedding_size

_PLACE, _PITCH, _LENGTH = range(3)


class VaeModel(nn.Module):
    """Encoder and decoder."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        self.tables = nn.ModuleList(nn.Embedding(size + 1, EVENT) for size in config.classes)
        self.condition = nn.ModuleList(nn.Embedding(size, embedding_size(size)) for size in config.condition)
        told = sum(embedding_size(size) for size in config.condition)
        event, known, inner = EVENT * len(FIELDS), config.latent + told, config.head_hidden
        share, steps = config.latent // config.part_count, config.steps
        self.within = nn.Embedding(steps, EVENT)
        self.event_encoder = _perceptron(event, 2 * config.part, config.part)
        self.part_posterior = _perceptron(config.part, config.part, 2 * share)
        self.posterior = _perceptron(config.part_count * config.part + told, inner, 2 * config.latent)
        self.part_planner = _perceptron(share, config.part, config.part)
        self.planner = _perceptron(known, inner, config.part_count * config.part)
        self.place_planner = nn.Sequential(nn.GELU(), nn.Linear(config.part, steps * config.plan))
        for correction in (self.posterior, self.planner):  # they begin as correcting nothing
            nn.init.zeros_(correction[-1].weight)
            nn.init.zeros_(correction[-1].bias)
        self.end_plan = nn.Parameter(torch.zeros(config.plan))
        self.prior_mean: Tensor
        self.prior_factor: Tensor
        self.register_buffer("prior_mean", torch.zeros(config.latent))
        self.register_buffer("prior_factor", torch.zeros(config.latent, config.latent))
        self.prior_factor.diagonal().fill_(1.0)
        self.onset = nn.Linear(config.plan, 1)
        self.first = nn.Linear(known, config.hidden)
        self.guide = nn.Linear(known, config.guide)
        self.decoder = nn.GRU(event + config.guide, config.hidden, batch_first=True)
        self.known_heads = nn.ModuleList(nn.Linear(known, inner) for _ in FIELDS)
        widths = [config.hidden + place * EVENT + (config.plan if place else 0) for place in range(len(FIELDS))]
        self.inner_heads = nn.ModuleList(nn.Linear(width, inner) for width in widths)
        self.outer_heads = nn.ModuleList(nn.Linear(inner, size) for size in config.classes)

    def embed(self, events: Tensor) -> Tensor:
        """(..., 3) classes to what the nets read."""
        return torch.cat([table(events[..., field]) for field, table in enumerate(self.tables)], -1)

    def told(self, condition: Tensor) -> Tensor:
        """(..., C) classes to numbers."""
        return torch.cat([table(condition[..., column]) for column, table in enumerate(self.condition)], -1)

    @property
    def no_event(self) -> Tensor:
        """(3,), what stands before the first event."""
        return torch.tensor(self.config.classes, device=self.tables[0].weight.device)

    def encode(self, events: Tensor, count: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of each group's point.

        Args:
            events: (B, T, 3) classes; what stands behind the last is not read.
            count: (B,), events of each group; may be 0.
            condition: (B, C).

        Returns:
            (B, Z) twice.
        """
        config, exists = self.config, torch.arange(events.shape[1], device=events.device) < count[:, None]
        steps = config.steps
        place = events[..., _PLACE].clamp(max=config.part_count * steps - 1)
        fields = (self.within(place % steps), *(self.tables[f](events[..., f]) for f in (_PITCH, _LENGTH)))
        made = self.event_encoder(torch.cat(fields, -1))
        shares = functional.one_hot(place // steps, config.part_count).to(made.dtype) * exists[..., None]
        parts = shares.transpose(1, 2) @ made
        all_parts = torch.cat([parts.flatten(1), self.told(condition)], -1)
        own = self.part_posterior(parts).unflatten(-1, (2, -1)).transpose(1, 2).flatten(2)
        mean, log_variance = (own + self.posterior(all_parts).unflatten(-1, (2, -1))).unbind(1)
        return mean, log_variance.clamp(-12, 4)

    def settle_prior(self, mean: Tensor, log_variance: Tensor) -> None:
        """Fits the prior to the posteriors of many groups, (N, Z) each."""
        spread = torch.cov(mean.T) + log_variance.exp().mean(0).diag()
        self.prior_mean.copy_(mean.mean(0))
        self.prior_factor.copy_(torch.linalg.cholesky(spread))

    def from_prior(self, noise: Tensor) -> Tensor:
        """Points of the fitted prior from standard normal noise, (..., Z) both."""
        return self.prior_mean + noise @ self.prior_factor.T

    def to_noise(self, points: Tensor) -> Tensor:
        """What :meth:`from_prior` makes the points of, (..., Z) both."""
        apart = (points - self.prior_mean).unsqueeze(-1)
        return torch.linalg.solve_triangular(self.prior_factor, apart, upper=False).squeeze(-1)

    def known(self, point: Tensor, condition: Tensor) -> Tensor:
        """What the decoder knows of a group throughout, (B, K): its point (B, Z) and condition (B, C)."""
        return torch.cat([point, self.told(condition)], -1)

    def plan(self, known: Tensor) -> Tensor:
        """(..., P, plan) from what is known of each group, (..., K)."""
        config = self.config
        share = known[..., : config.latent].unflatten(-1, (config.part_count, -1))
        parts = self.part_planner(share) + self.planner(known).unflatten(-1, (config.part_count, -1))
        places = self.place_planner(parts).unflatten(-1, (-1, config.plan)).flatten(-3, -2)
        return torch.cat([places, self.end_plan.expand(*places.shape[:-2], 1, -1)], -2)

    def begin(self, known: Tensor) -> Tensor:
        """The decoder's first state, (B, H)."""
        return self.first(known).tanh()

    def guides(self, known: Tensor) -> tuple[Tensor, ...]:
        """What is known of each group, as the net and each head read it: (B, guide), then (B, inner) each."""
        return (self.guide(known), *(head(known) for head in self.known_heads))

    def place_logits(self, output: Tensor, guide: Tensor, plan: Tensor, last: Tensor) -> Tensor:
        """(..., V) of the next place: outputs (..., H), guide (..., inner), plan (..., P, plan), last place (...)."""
        logits = self._head(_PLACE, guide, output) + self.onset(plan).squeeze(-1)
        gone = torch.arange(logits.shape[-1], device=logits.device) <= _as_step(last, logits.shape[-1])[..., None]
        return logits.masked_fill(gone, float("-inf"))

    def pitch_logits(self, output: Tensor, guide: Tensor, here: Tensor, place: Tensor) -> Tensor:
        """(..., V) of the pitch at a place (...), with the plan there, (..., plan)."""
        return self._head(_PITCH, guide, output, here, self.tables[_PLACE](place))

    def length_logits(self, output: Tensor, guide: Tensor, here: Tensor, place: Tensor, pitch: Tensor) -> Tensor:
        """(..., V) of the length, after :meth:`pitch_logits`."""
        return self._head(_LENGTH, guide, output, here, self.tables[_PLACE](place), self.tables[_PITCH](pitch))

    def _head(self, field: int, guide: Tensor, *read: Tensor) -> Tensor:
        inner = functional.gelu(self.inner_heads[field](torch.cat(read, -1)) + guide)
        return self.outer_heads[field](functional.dropout(inner, self.config.dropout, self.training))

    def decode(self, point: Tensor, condition: Tensor, events: Tensor, read: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of each field of each event, told what stands before it.

        Args:
            point: (B, Z).
            condition: (B, C).
            events: (B, T, 3); the first event without a note has the place that ends a group.
            read: (B, T, 3), what the net reads of them; the same, or with some hidden.

        Returns:
            (B, T, V) of place, pitch and length.
        """
        known = self.known(point, condition)
        plan = self.plan(known)
        guide, *guides = (part[:, None] for part in self.guides(known))
        none = self.no_event.expand(len(events), 1, 3)
        seen, last = torch.cat([none, read[:, :-1]], 1), torch.cat([none, events[:, :-1]], 1)[..., _PLACE]
        wide = guide.expand(-1, events.shape[1], -1)
        output, _ = self.decoder(torch.cat([self.embed(seen), wide], -1), self.begin(known)[None])
        place, pitch = events[..., _PLACE], events[..., _PITCH]
        here = plan.gather(1, place[..., None].expand(-1, -1, plan.shape[-1]))
        return (
            self.place_logits(output, guides[_PLACE], plan[:, None], last),
            self.pitch_logits(output, guides[_PITCH], here, place),
            self.length_logits(output, guides[_LENGTH], here, place, pitch),
        )


def _perceptron(width: int, inner: int, size: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, size))


def _as_step(last: Tensor, places: int) -> Tensor:
    """The last place, or -1 before the first event; behind the end only the end comes."""
    return torch.where(last == places, -1, last.clamp(max=places - 2))


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence of each dimension's posterior from the standard normal prior, (B, Z) nats."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


class _Known(nn.Module):
    """What a point stands after, as one vector: the point before it, whether there is one, and the conditions."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, config.embedding) for size in config.conditions)
        self.width = config.latent + 1 + config.embedding * len(config.conditions)

    def forward(self, previous: Tensor, conditions: Tensor) -> Tensor:
        """(B, width) from points (B, Z), zeros for none, and classes (B, K)."""
        exists = (previous != 0).any(-1, keepdim=True).float()
        told = [table(conditions[:, place]) for place, table in enumerate(self.tables)]
        return torch.cat([previous, exists, *told], -1)


class _Trunk(nn.Module):
    """Residual layers of one width."""

    def __init__(self, read: int, config: LatentGanConfig) -> None:
        super().__init__()
        self.first = nn.Linear(read, config.width)
        self.blocks = nn.ModuleList(nn.Linear(config.width, config.width) for _ in range(config.blocks))

    def forward(self, read: Tensor) -> Tensor:
        """(B, read) to (B, width)."""
        hidden = self.first(read)
        for block in self.blocks:
            hidden = hidden + block(functional.leaky_relu(hidden, SLOPE))
        return functional.leaky_relu(hidden, SLOPE)


class LatentGenerator(nn.Module):
    """Noise to the next point."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.known = _Known(config)
        self.trunk = _Trunk(config.latent + self.known.width, config)
        self.move = nn.Linear(config.width, config.latent)
        nn.init.zeros_(self.move.weight)
        nn.init.zeros_(self.move.bias)

    def forward(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """Points (B, Z) from noise (B, Z), the points before (B, Z; zeros for none) and classes (B, K)."""
        moved: Tensor = noise + self.move(self.trunk(torch.cat([noise, self.known(previous, conditions)], -1)))
        return moved


class LatentCritic(nn.Module):
    """A score for each point after the one before it: the higher, the more it looks real."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.known = _Known(config)
        self.trunk = _Trunk(config.latent + 1, config)
        self.score = nn.Linear(config.width, 1)
        self.projection = _Trunk(self.known.width, config)

    def forward(self, point: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """Scores (B,) of points (B, Z) after points (B, Z) under classes (B, K)."""
        # how far the batch's points differ: a generator of one point gives itself away (Karras et al. 2018)
        spread = torch.sqrt(point.var(0, unbiased=False) + 1e-6).mean().expand(len(point), 1)
        hidden = self.trunk(torch.cat([point, spread], -1))
        fit = (hidden * self.projection(self.known(previous, conditions))).sum(-1) / hidden.shape[-1] ** 0.5
        scores: Tensor = self.score(hidden).squeeze(-1) + fit
        return scores


class LatentGan(nn.Module):
    """Generator and critic. Composing uses the generator; with the critic training can go on from a checkpoint."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = LatentGenerator(config)
        self.critic = LatentCritic(config)

    def forward(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """See :meth:`LatentGenerator.forward`."""
        points: Tensor = self.generator(noise, previous, conditions)
        return points
