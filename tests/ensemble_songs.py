"""Songs of several tracks, and a net of all parts with random weights that is small enough for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from musicassist.composing.family import Loaded
from musicassist.composing.note_history import SeedMemory
from musicassist.composing.request import ENDINGS, Constraints, GenerationRequest, Take
from musicassist.families.ensemble.columns import EnsembleConfig, features_hash
from musicassist.families.ensemble.composing import Model
from musicassist.families.ensemble.decoding import Decoder
from musicassist.families.ensemble.family import ENSEMBLE
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import save_checkpoint, weights_of
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import SCALES, Key
from musicassist.score.timing import MeterChange

BAR = 1920
CARD = ModelCard(
    "parts", "ensemble", ("continue", "infill"), 0, 0, features_hash(), EnsembleConfig(24, 1, 16).as_json()
)


def small_net() -> EnsembleNet:
    torch.manual_seed(5)
    return EnsembleNet(EnsembleConfig(24, 1, 16)).eval()


def small_model() -> Loaded:
    net = small_net()
    return Loaded(ENSEMBLE, CARD, Model(Decoder(net.config, weights_of(net))), Path("parts"), SeedMemory())


def install_small_model(folder: Path, name: str = "parts") -> ModelCard:
    from dataclasses import replace

    return save_checkpoint(small_net(), replace(CARD, name=name), folder / f"{name}.safetensors")


def band(bars: int = 4) -> Song:
    """Melody, chords of three, bass and drums, up to one bar line."""
    melody = Notes.of(Note(beat * 480, 72 + (0, 2, 4, 5)[beat % 4], 480, 90) for beat in range(4 * bars))
    chords = Notes.of(
        Note(bar * BAR, pitch, BAR, 60) for bar in range(bars) for pitch in ((60, 64, 67), (57, 60, 65))[bar % 2]
    )
    bass = Notes.of(Note(half * 960, (36, 43, 41, 41)[half % 4], 960, 80) for half in range(2 * bars))
    drums = Notes.of(
        Note(bar * BAR + beat * 480, 36 if bar % 4 < 3 else 45, 120, 100) for bar in range(bars) for beat in range(4)
    )
    tracks = (Track("Melody", melody), Track("Piano", chords, channel=1), Track("Bass", bass, channel=2))
    return Song((*tracks, Track("Drums", drums, channel=9)), meter_changes=(MeterChange(0, 4, 4),))


def wild_request(number: int) -> GenerationRequest:
    """Tracks, meter, division, limits and place as wild as a user could make them."""
    random = np.random.default_rng(number)
    ticks_per_beat = int(random.choice([1, 4, 24, 96, 100, 120, 480, 960]))
    meter = [(4, 4), (3, 4), (6, 8), (2, 2), (5, 4), (7, 8), (12, 8)][random.integers(7)]
    tracks = []
    for name in random.permutation(["Melody", "Piano", "Bass", "Alto", "Strings", "Left hand"])[
        : random.integers(1, 5)
    ]:
        size = int(random.integers(0 if tracks else 2, 30))
        voices = int(random.integers(1, 4))
        starts = np.repeat(np.cumsum(random.integers(1, 2 * ticks_per_beat + 1, size)), voices)
        pitches = np.clip(random.integers(30, 90, len(starts)), 0, 127)
        lengths = random.integers(1, 3 * ticks_per_beat + 1, len(starts))
        loud = random.integers(40, 110, len(starts)) if random.random() < 0.5 else np.full(len(starts), 90)
        tracks.append(Track(str(name), Notes.from_columns(starts, pitches, lengths, loud)))
    song = Song(tuple(tracks), ticks_per_beat, meter_changes=(MeterChange(0, *meter),))
    low = int(random.integers(20, 90))
    constraints = Constraints(
        key=Key(int(random.integers(12)), str(random.choice(list(SCALES)))) if random.random() < 0.6 else None,
        lowest_pitch=low if random.random() < 0.5 else 0,
        highest_pitch=min(127, low + int(random.choice([12, 24, 127]))),
        density=float(random.choice([0.5, 1.0, 3.0])) if random.random() < 0.3 else None,
        polyphony=int(random.integers(1, 5)) if random.random() < 0.5 else None,
        only_new=bool(random.random() < 0.3),
    )
    is_infill = bool(random.random() < 0.4)
    first = int(random.integers(0, 3))
    return GenerationRequest(
        kind="infill" if is_infill else "continue",
        song=song,
        constraints=constraints,
        bars=int(random.integers(1, 5)),
        takes=2,
        candidates=1,
        model="parts",
        ending=str(random.choice(ENDINGS)),
        seed=number,
        temperature=float(random.choice([0.01, 1.0, 2.0])),
        top_p=float(random.choice([0.1, 0.9, 1.0])),
        from_tick=song.time_map.bar_start_tick(first),
        to_tick=song.time_map.bar_start_tick(first + int(random.integers(1, 4))),
        all_parts=bool(random.random() < 0.7),
    )


def most_at_once(notes: Notes) -> int:
    return max(
        (int(((notes.start_tick <= tick) & (notes.end_tick > tick)).sum()) for tick in notes.start_tick), default=0
    )


def check_rules(take: Take, request: GenerationRequest) -> None:
    """What holds for each track of a take, whatever the net says."""
    constraints, bars = request.constraints, request.song.time_map
    assert bars.bar_line_at_or_after(take.to_tick) == take.to_tick
    written = [(request.track_index, take.notes), *((part.track_index, part.notes) for part in take.parts)]
    assert len({index for index, _ in written}) == len(written)
    for index, notes in written:
        if not len(notes) or request.song.is_drum_track(index):
            continue
        assert int(notes.start_tick.min()) >= take.from_tick
        assert int(notes.end_tick.max()) <= take.to_tick
        assert (notes.duration_ticks >= 1).all()
        assert ((notes.velocity >= 1) & (notes.velocity <= 127)).all()
        if constraints.polyphony is not None:
            assert most_at_once(notes) <= constraints.polyphony
        for pitch in np.unique(notes.pitch):  # nothing is struck again while it sounds
            own = notes.where(notes.pitch == pitch)
            assert (own.end_tick[:-1] <= own.start_tick[1:]).all()
        if constraints.key is not None:
            allowed = constraints.key.pitch_classes | set(constraints.key.leading_steps)
            assert set((notes.pitch % 12).tolist()) <= allowed
        if index == request.track_index:
            assert constraints.lowest_pitch <= notes.pitch.min()
            assert notes.pitch.max() <= constraints.highest_pitch
