"""From a request to what a latent model is to write: points near those of a phrase, or drawn from the prior."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from musicassist.generation.latent_model import mean_points
from musicassist.generation.latent_predictor import Draw, LatentScript
from musicassist.generation.melody_task import MelodyTask
from musicassist.generation.request import GenerationRequest
from musicassist.models.vae import VaeModel
from musicassist.score.key_finding import find_key
from musicassist.score.theory import Key
from musicassist.tokens.codec import Melody, Surroundings, decode
from musicassist.tokens.grammar import Demands
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, UNKNOWN_TONIC
from musicassist.tokens.windows import Span, fields_of, reference_pitch, spans_of

_SHARED = math.sqrt(0.5)  # how much of a take's windows is one theme, so that they sound like one piece
FAITHFUL = 0.1  # temperature where a phrase is to come back as it is
_MIDDLE_PITCH = 66  # new windows lie around it, where they may
_C_MAJOR = Key(0)


def latent_script(model: VaeModel, task: MelodyTask, request: GenerationRequest) -> LatentScript:
    """What the windows of a task are to become: for a variation its phrase, changed by ``amount``; else new ones."""
    spans, place, conditions = windows_of_task(task)
    known = _known(task)
    velocity = int((known if len(known) else task.passage.seed).velocity[0])
    if request.kind == "vary":
        references = references_of(task.phrase, spans, place.tonic)
        draw = _around(model, points_of(model, task.phrase, spans, references, conditions), request.amount)
        return LatentScript(spans, references, conditions, draw, _boldness(request.amount), velocity)
    references = (_new_reference(known, task.passage.demands, place.tonic),) * len(spans)
    return LatentScript(spans, references, conditions, _from_prior(model, len(spans)), 1.0, velocity)


def windows_of_task(task: MelodyTask) -> tuple[tuple[Span, ...], Surroundings, tuple[tuple[int, int, int], ...]]:
    """The windows of a task's passage, what they stand in (with a key), and meter, mode and style of each."""
    demands, place = task.passage.demands, keyed(task.passage.place, _known(task))
    spans = spans_of(demands.bars, demands.from_step, demands.to_step)
    return spans, place, tuple((span.meter, place.mode, place.style) for span in spans)


def keyed(place: Surroundings, known: Melody) -> Surroundings:
    """The same with a key: the one its notes are heard in where none is known; from nothing, C."""
    if place.tonic != UNKNOWN_TONIC:
        return place
    heard = find_key(decode(known, STEPS_PER_BEAT))
    return place.with_key(heard) if heard is not None else place.with_key(_C_MAJOR)


def references_of(melody: Melody, spans: Sequence[Span], tonic: int) -> tuple[int, ...]:
    """The reference tonic of each window; a window without notes has that of the whole melody."""
    means = []
    for span in spans:
        inside = (melody.onset_step >= span.from_step) & (melody.onset_step < span.to_step)
        means.append(float(melody.pitch[inside if inside.any() else slice(None)].mean()))
    return tuple(reference_pitch(mean, tonic) for mean in means)


def points_of(
    model: VaeModel,
    melody: Melody,
    spans: Sequence[Span],
    references: Sequence[int],
    conditions: Sequence[tuple[int, int, int]],
) -> Tensor:
    """Where the windows of a melody stand, (W, Z)."""
    windows = [fields_of(melody, span, reference) for span, reference in zip(spans, references, strict=True)]
    return mean_points(model, windows, conditions)


def _known(task: MelodyTask) -> Melody:
    """The notes that tell the key and the register."""
    if len(task.phrase):
        return task.phrase
    return task.passage.following if task.passage.is_opening else task.passage.seed


def _new_reference(known: Melody, demands: Demands, tonic: int) -> int:
    """The tonic of an octave near what is known, else near the middle, as far as the pitches allow it."""
    wanted = float(known.pitch[-8:].mean()) if len(known) else _MIDDLE_PITCH
    allowed = np.flatnonzero(demands.pitch_allowed)
    return reference_pitch(float(np.clip(wanted, allowed[0], allowed[-1])), tonic)


def _boldness(amount: float) -> float:
    return FAITHFUL + (1 - FAITHFUL) * amount


def _noise(randoms: Sequence[np.random.Generator], *shape: int) -> Tensor:
    return torch.from_numpy(np.stack([random.standard_normal(shape) for random in randoms]).astype(np.float32))


def _around(model: VaeModel, means: Tensor, amount: float) -> Draw:
    """Points between a phrase's (``amount`` 0) and any others (1), on an arc, so as far out as the prior's."""
    angle, own = 0.5 * math.pi * amount, model.to_noise(means)

    def draw(randoms: Sequence[np.random.Generator]) -> Tensor:
        if not randoms:
            return torch.zeros(0, *means.shape)
        return model.from_prior(math.cos(angle) * own + math.sin(angle) * _noise(randoms, *means.shape))

    return draw


def _from_prior(model: VaeModel, windows: int) -> Draw:
    """Points of the prior; those of one take share a theme."""
    latent = model.config.latent

    def draw(randoms: Sequence[np.random.Generator]) -> Tensor:
        if not randoms:
            return torch.zeros(0, windows, latent)
        theme, own = _noise(randoms, 1, latent), _noise(randoms, windows, latent)
        return model.from_prior(_SHARED * theme + math.sqrt(1 - _SHARED**2) * own)

    return draw
