"""From one phrase to another through the latent space: every phrase on the way is a stream of one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from musicassist.errors import SeedError
from musicassist.generation.latent_model import slerp
from musicassist.generation.latent_predictor import LatentScript
from musicassist.generation.latent_scripts import FAITHFUL, keyed, points_of, references_of, windows_of_task
from musicassist.generation.melody_task import MelodyTask
from musicassist.models.vae import VaeModel
from musicassist.score.key_finding import key_at
from musicassist.score.meant_times import meant_notes
from musicassist.score.song import Song
from musicassist.tokens.codec import Melody, Surroundings, encode, surroundings
from musicassist.tokens.windows import spans_of


def interpolation_script(model: VaeModel, task: MelodyTask, other: Song, other_track: int, steps: int) -> LatentScript:
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
    stop = stop[torch.arange(len(start)) % len(stop)]
    shares = [0.5] if steps == 1 else np.linspace(0, 1, steps).tolist()
    points = torch.stack([slerp(start, stop, share) for share in shares])

    def draw(randoms: Sequence[np.random.Generator]) -> Tensor:
        return points[: len(randoms)]

    return LatentScript(spans, references, conditions, draw, FAITHFUL, int(task.phrase.velocity[0]))


def _points_of_song(model: VaeModel, song: Song, track_index: int, style: int) -> Tensor:
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
        raise SeedError("There is no second phrase. Choose a melodic track that has notes.")
    notes = meant_notes(track.notes, song.time_map)
    first_tick = int(notes.start_tick[0])
    return encode(notes, song.ticks_per_beat), surroundings(song, key=key_at(song, first_tick).key)
