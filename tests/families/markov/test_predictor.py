"""Models with n-grams: they learn from the seed, say the same note by note as about whole melodies, and compose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from builders import phrase
from corpora import pack_of, tune
from melodies import Row, bars_of, even_melody
from musicassist.composing.engine import Engine
from musicassist.composing.note_history import NoteHistory, SeedMemory
from musicassist.composing.predictor import NetPredictor, Passage, Predictor
from musicassist.composing.request import GenerationRequest
from musicassist.composing.seed_reading import SeedReader
from musicassist.families.hybrid.learning import MixedReader
from musicassist.families.hybrid.predictor import MixedPredictor
from musicassist.families.markov.decoding import MarkovModel
from musicassist.families.markov.learning import MarkovReader
from musicassist.families.markov.predictor import MarkovPredictor, pitch_logs
from musicassist.learning.batches import gather
from musicassist.models.checkpoints import weights_of
from musicassist.models.steps import GateStep
from musicassist.score.song import Song, Track
from musicassist.score.timing import MeterChange
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import MAX_INTERVAL, NONE_CLASS
from tiny_counting_models import GATE, MARKOV, NET_MODEL
from tiny_models import step_of

PLACE = Surroundings(bars_of((0, 4, 4)), tonic=0, mode=1, style=5, last_bar=9, chord_starts=(0,), chord_masks=(145,))


def mixed_predictor() -> Predictor:
    return MixedPredictor(
        GateStep(GATE.config, weights_of(GATE)), NetPredictor(SeedReader(step_of(NET_MODEL))), SeedMemory()
    )


def markov_predictor() -> Predictor:
    return MarkovPredictor(MarkovModel(MARKOV.config, weights_of(MARKOV)), SeedMemory())


def passage(seed: Melody) -> Passage:
    demands = Demands(PLACE.bars, int(seed.onset_step[-1]) + 12, 4800, np.ones(128, dtype=bool))
    return Passage(seed, PLACE, demands)


def begun(predictor: Predictor, seed: Melody, streams: int = 1) -> list[MelodyContext]:
    return predictor.begin(passage(seed), [np.random.default_rng(n) for n in range(streams)])


def shares(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def go_on(predictor: Predictor, contexts: list[MelodyContext], notes: list[Row]) -> list[np.ndarray]:
    """What it says of each field of the note that each stream then takes."""
    pairs = list(zip(contexts, notes, strict=True))
    gaps = [note[0] - context.onset[-1] for context, note in pairs]
    intervals = [note[1] - context.pitch[-1] + MAX_INTERVAL for context, note in pairs]
    durations = [note[2] for note in notes]
    said = [
        predictor.gaps(contexts),
        predictor.intervals(contexts, gaps),
        predictor.durations(contexts, gaps, intervals),
        predictor.velocities(contexts, gaps, intervals, durations),
    ]
    for context, note in pairs:
        context.append(*note)
    predictor.advance(contexts)
    return [shares(own) for own in said]


@pytest.mark.parametrize(
    ("make", "reader"),
    [(markov_predictor, MarkovReader(MARKOV)), (mixed_predictor, MixedReader(GATE, NET_MODEL))],
    ids=["markov", "hybrid"],
)
def test_note_by_note_it_says_what_it_says_of_the_whole(make: Callable[[], Predictor], reader: nn.Module) -> None:
    melody = tune(9)
    pack = pack_of([melody])
    batch = gather(pack.columns, np.array([0]), np.array([len(pack.columns)]))
    with torch.no_grad():
        whole = [
            shares(own[0].numpy()) for own in reader(batch.state, batch.columns, batch.numbers, batch.head_numbers)
        ]
    predictor = make()
    contexts = begun(predictor, melody.rows(0, 12))
    for row, note in enumerate(list(melody)[12:], 11):
        for field, said in enumerate(go_on(predictor, contexts, [note])):
            assert np.abs(said[0] - whole[field][row]).max() < 0.02  # the whole's profile is rounded to bytes


@pytest.mark.parametrize("make", [markov_predictor, mixed_predictor], ids=["markov", "hybrid"])
def test_streams_learn_for_themselves(make: Callable[[], Predictor]) -> None:
    seed = tune(3, notes=10)
    step = int(seed.onset_step[-1]) + 12
    both, alone = make(), make()
    contexts, only = begun(both, seed, 2), begun(alone, seed)
    go_on(both, contexts, [(step, 60, 12, 80), (step, 67, 12, 80)])
    go_on(alone, only, [(step, 67, 12, 80)])
    both.keep([1])
    assert np.allclose(both.gaps(contexts[1:]), alone.gaps(only), atol=1e-5)
    assert np.allclose(both.intervals(contexts[1:], [6]), alone.intervals(only, [6]), atol=1e-5)


@pytest.mark.parametrize("make", [markov_predictor, mixed_predictor], ids=["markov", "hybrid"])
def test_a_figure_of_the_seed_is_expected_again(make: Callable[[], Predictor]) -> None:
    figure = (60, 71, 62, 69, 65, 64)
    predictor = make()
    contexts = begun(predictor, even_melody(*figure * 4, 60, 71, 62))
    assert shares(predictor.intervals(contexts, [6]))[0].argmax() == 69 - 62 + MAX_INTERVAL
    assert shares(predictor.gaps(contexts))[0].argmax() == 6


def test_no_gap_is_shorter_than_the_note_before_it() -> None:
    predictor = markov_predictor()
    logits = predictor.gaps(begun(predictor, even_melody(60, 62, 64, step=9)))
    assert np.isneginf(logits[0, :9]).all()
    assert np.isfinite(logits[0, 9:]).all()


def test_a_voice_is_drawn_to_its_range_and_to_what_has_sounded() -> None:
    high = NoteHistory()
    for interval, register in ((NONE_CLASS, 24), (48, 24), (60, 36)):
        high.hear([12, interval, 12, 0, 0, 0, 0, register, *[0] * 6])
    assert high.above_mean == 8
    heard, near = pitch_logs(high, [0.6, 0.0, 0.4, *[0.0] * 21])
    assert near.argmax() == MAX_INTERVAL - 8
    assert heard[MAX_INTERVAL + 12] > heard[MAX_INTERVAL + 2] > heard[MAX_INTERVAL + 1]


# in the engine


def request_of(model: str, **options: object) -> GenerationRequest:
    song = Song((Track("Melody", phrase(62, 66, 69, 74, 73, 71, 69, 66)),), meter_changes=(MeterChange(0, 4, 4),))
    return GenerationRequest(**{"kind": "continue", "song": song, "takes": 2, "bars": 2, "model": model, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["counts", "mixed"])
@pytest.mark.parametrize("kind", ["continue", "generate"])
def test_takes_keep_to_the_request_and_repeat(engine: Engine, model: str, kind: str) -> None:
    request = request_of(model, kind=kind, seed=5)
    takes = engine.generate(request)
    assert len(takes) == 2
    for take in takes:
        assert int(take.notes.end_tick[-1]) <= take.to_tick
        assert take.notes.start_tick[0] >= take.from_tick
    assert takes[0].notes != takes[1].notes
    assert [take.notes for take in engine.generate(request)] == [take.notes for take in takes]


def test_a_stored_model_says_what_it_said_before(engine: Engine) -> None:
    context = (3, 50, 46, 48, 48)
    stored = engine.ready("counts")
    own = MARKOV.chain.distribution("interval", context)
    assert np.array_equal(stored.model.distribution("interval", context), own)
    assert stored.net().parameter_count == MARKOV.parameter_count
