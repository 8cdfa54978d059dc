"""From a request to what a latent model is to write: points near those of a phrase, or drawn from the prior."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from musicassist.composing.family import Decoding, Loaded
from musicassist.composing.melody_task import MelodyTask
from musicassist.composing.request import GenerationRequest
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError, SeedError
from musicassist.families.latent.decoding import LatentGanConfig, LatentGeneratorStep, VaeConfig, VaeStep
from musicassist.families.latent.predictor import Draw, LatentPredictor, LatentScript
from musicassist.models.weights import Floats
from musicassist.score.keys import find_key, key_at
from musicassist.score.meant_times import meant_notes
from musicassist.score.song import Song
from musicassist.score.theory import Key
from musicassist.tokens.codec import Melody, Surroundings, decode, encode, surroundings
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import METERS, MODES, STEPS_PER_BEAT, STYLES, UNKNOWN_TONIC
from musicassist.tokens.windows import (
    LENGTH_CLASSES,
    PITCH_CLASSES,
    PLACE_CLASSES,
    WINDOW_STEPS,
    Span,
    fields_of,
    reference_pitch,
    spans_of,
)
from musicassist.values import value_of

WINDOW_CLASSES = (PLACE_CLASSES, PITCH_CLASSES, LENGTH_CLASSES)
WINDOW_CONDITION = (len(METERS), len(MODES), len(STYLES))

_SHARED = math.sqrt(0.5)  # how much of a take's windows is one theme, so that they sound like one piece
FAITHFUL = 0.1  # temperature where a phrase is to come back as it is
_MIDDLE_PITCH = 66  # new windows lie around it, where they may
_C_MAJOR = Key(0)


def vae_script(model: VaeStep, task: MelodyTask, request: GenerationRequest) -> LatentScript:
    """What the windows of a task are to become, for whatever is asked."""
    if request.kind != "interpolate":
        return latent_script(model, task, request)
    assert request.other is not None  # the task says so
    return interpolation_script(model, task, request.other, request.other_track, request.takes)


def latent_script(model: VaeStep, task: MelodyTask, request: GenerationRequest) -> LatentScript:
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
    spans = spans_of(place.bars, demands.from_step, demands.to_step)
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
    model: VaeStep,
    melody: Melody,
    spans: Sequence[Span],
    references: Sequence[int],
    conditions: Sequence[tuple[int, int, int]],
) -> Floats:
    """Where the windows of a melody stand, (W, Z)."""
    windows = [fields_of(melody, span, reference) for span, reference in zip(spans, references, strict=True)]
    return model.mean_points(windows, conditions)


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


def _noise(randoms: Sequence[np.random.Generator], *shape: int) -> Floats:
    return np.stack([random.standard_normal(shape) for random in randoms]).astype(np.float32)


def _around(model: VaeStep, means: Floats, amount: float) -> Draw:
    """Points between a phrase's (``amount`` 0) and any others (1), on an arc, so as far out as the prior's."""
    angle, own = 0.5 * math.pi * amount, model.to_noise(means)

    def draw(randoms: Sequence[np.random.Generator]) -> Floats:
        if not randoms:
            return np.zeros((0, *means.shape), dtype=np.float32)
        return model.from_prior(
            np.float32(math.cos(angle)) * own + np.float32(math.sin(angle)) * _noise(randoms, *means.shape)
        )

    return draw


def _from_prior(model: VaeStep, windows: int) -> Draw:
    """Points of the prior; those of one take share a theme."""
    latent = model.config.latent

    def draw(randoms: Sequence[np.random.Generator]) -> Floats:
        if not randoms:
            return np.zeros((0, windows, latent), dtype=np.float32)
        theme, own = _noise(randoms, 1, latent), _noise(randoms, windows, latent)
        return model.from_prior(np.float32(_SHARED) * theme + np.float32(math.sqrt(1 - _SHARED**2)) * own)

    return draw


def slerp(start: Floats, stop: Floats, share: float) -> Floats:
    """The point a share of the way along the arc from one point to another, (..., Z) each.

    Source: Shoemake 1985, "Animating Rotation with Quaternion Curves"; White 2016, "Sampling Generative Networks", for
    latent spaces. The lengths are those of the two points, mixed.
    """
    lengths = np.linalg.norm(start, axis=-1) * np.linalg.norm(stop, axis=-1)
    cosine = np.clip((start * stop).sum(-1) / np.maximum(lengths, 1e-8), -1, 1)[..., None]
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    straight = (1 - share) * start + share * stop
    arc = (np.sin((1 - share) * angle) * start + np.sin(share * angle) * stop) / np.maximum(sine, 1e-6)
    return np.where(sine > 1e-3, arc, straight).astype(np.float32)


def latent_config(*, latent: int = 128, part: int = 96, hidden: int = 192, head_hidden: int = 256) -> VaeConfig:
    """A VAE of windows, of which each beat is a part."""
    parts = WINDOW_STEPS // STEPS_PER_BEAT
    return VaeConfig(WINDOW_CLASSES, WINDOW_CONDITION, parts, latent, part, hidden, head_hidden)


def vae_config_of(page: Mapping[str, object]) -> VaeConfig:
    """The configuration of a VAE in a card, whatever its size.

    Raises:
        ValueError: It is none, or reads something else than windows of melodies.
    """
    config = value_of(VaeConfig, page)
    if config.classes != WINDOW_CLASSES or config.condition != WINDOW_CONDITION:
        raise ValueError("it reads something else than windows of melodies")
    return config


def latent_gan_config(*, latent: int = 128, width: int = 384) -> LatentGanConfig:
    """A GAN in the space of the VAE of windows."""
    return LatentGanConfig(latent, WINDOW_CONDITION, width=width)


def gan_config_of(page: Mapping[str, object]) -> LatentGanConfig:
    """The configuration of a GAN in a card.

    Raises:
        ValueError: It is none, or knows other conditions than those of windows.
    """
    config = value_of(LatentGanConfig, page)
    if config.conditions != WINDOW_CONDITION:
        raise ValueError("it knows other conditions than those of windows")
    return config


def next_windows_script(
    gan: LatentGeneratorStep, vae: VaeStep, task: MelodyTask, request: GenerationRequest
) -> LatentScript:
    """What the windows of a task are to become, each after the one before it; the first after the seed's last."""
    script = latent_script(vae, task, request)
    conditions = np.array(script.conditions)
    before = _before(vae, task)

    def draw(randoms: Sequence[np.random.Generator]) -> Floats:
        shape = (len(script.spans), gan.config.latent)
        noise = np.array([random.standard_normal(shape) for random in randoms], dtype=np.float32)
        streams = noise.reshape(len(randoms), *shape)
        previous, points = np.repeat(before, len(randoms), 0), []
        for window in range(len(script.spans)):
            told = np.broadcast_to(conditions[window], (len(randoms), conditions.shape[1]))
            previous = gan(streams[:, window], previous, told)
            points.append(previous)
        return np.stack(points, 1)

    return replace(script, draw=draw)


def _before(vae: VaeStep, task: MelodyTask) -> Floats:
    """The point (1, Z) of the two bars before the first window; zeros where nothing stands there."""
    (first, *_), place, ((_, mode, style), *_) = windows_of_task(task)
    length = first.to_step - first.from_step
    span = Span(first.from_step - length, first.from_step, first.meter)
    seed = task.passage.seed
    inside = (seed.onset_step >= span.from_step) & (seed.onset_step < span.to_step)
    if task.passage.is_opening or not inside.any():
        return np.zeros((1, vae.config.latent), dtype=np.float32)
    return points_of(vae, seed, (span,), references_of(seed, (span,), place.tonic), ((span.meter, mode, style),))


def interpolation_script(model: VaeStep, task: MelodyTask, other: Song, other_track: int, steps: int) -> LatentScript:
    """The phrases on the way from a task's phrase to that of another song, ends included.

    All stand where the task's phrase stands, in its meter and key: the other one arrives transposed, and as often as it
    fits. Of one step there is only the middle.

    Raises:
        SeedError: The other track has no melody.
    """
    spans, place, conditions = windows_of_task(task)
    references = references_of(task.phrase, spans, place.tonic)
    start = points_of(model, task.phrase, spans, references, conditions)
    stop = _points_of_song(model, other, other_track, place.style)
    stop = stop[np.arange(len(start)) % len(stop)]
    shares = [0.5] if steps == 1 else np.linspace(0, 1, steps).tolist()
    points = np.stack([slerp(start, stop, share) for share in shares])

    def draw(randoms: Sequence[np.random.Generator]) -> Floats:
        return points[: len(randoms)]

    return LatentScript(spans, references, conditions, draw, FAITHFUL, int(task.phrase.velocity[0]))


def _points_of_song(model: VaeStep, song: Song, track_index: int, style: int) -> Floats:
    """Where the windows of a track's melody stand, (W, Z), from the bar of its first note on."""
    melody, place = _melody_of(song, track_index)
    place = keyed(place, melody)
    spans = spans_of(place.bars, int(melody.onset_step[0]), int(melody.onset_step[-1]) + 1)
    references = references_of(melody, spans, place.tonic)
    return points_of(model, melody, spans, references, tuple((span.meter, place.mode, style) for span in spans))


def _melody_of(song: Song, track_index: int) -> tuple[Melody, Surroundings]:
    """A track's melody, with the key of the song at its start, if there is one."""
    track = song.tracks[track_index] if 0 <= track_index < len(song.tracks) else None
    if track is None or track.is_drums or not len(track.notes):
        raise SeedError(
            QT_TRANSLATE_NOOP("Errors", "There is no second phrase. Choose a melodic track that has notes.")
        )
    notes = meant_notes(track.notes, song.time_map)
    first_tick = int(notes.start_tick[0])
    return encode(notes, song.ticks_per_beat), surroundings(song, key=key_at(song, first_tick).key)


def _vae_writer(loaded: Loaded, task: MelodyTask, request: GenerationRequest) -> LatentPredictor:
    script = vae_script(loaded.model, task, request)
    return LatentPredictor(loaded.model, loaded.memory.contexts, script, request.heat, request.top_p)


def _gan_writer(loaded: Loaded, task: MelodyTask, request: GenerationRequest) -> LatentPredictor:
    part, gan = loaded.parts.get("vae"), loaded.model
    if part is None or not isinstance(part.model, VaeStep) or part.model.config.latent != gan.config.latent:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model {name} lacks the VAE that it works with. Install both."),
            name=loaded.card.name,
        )
    script = next_windows_script(gan, part.model, task, request)
    return LatentPredictor(part.model, loaded.memory.contexts, script, request.heat, request.top_p)


VAE_DECODING = Decoding(model=lambda page, weights: VaeStep(vae_config_of(page), weights), writer=_vae_writer)
GAN_DECODING = Decoding(
    model=lambda page, weights: LatentGeneratorStep(gan_config_of(page), weights), writer=_gan_writer
)
