"""The classic GAN composes: it reads its rolls as they are, keeps to demands, and goes on for any number of bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import phrase
from melodies import bars_of, even_melody
from musicassist.composing.engine import Engine
from musicassist.composing.predictor import Passage
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.composing.seed_reading import SeedContexts
from musicassist.families.gan.decoding import RollGeneratorStep
from musicassist.families.gan.predictor import HELD, ROWS, SILENT, SLOT_OF_STEP, SLOTS, SYMBOLS, RollPredictor
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Song, Track
from musicassist.score.theory import Key, parse_chord
from musicassist.score.timing import MeterChange
from musicassist.tokens.codec import Surroundings
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import MAX_INTERVAL
from take_laws import check, wild_request
from tiny_models import install_roll_gan, tiny_roll_gan

SEED = phrase(62, 66, 69, 74, 73, 71, 69, 66)
BARS = bars_of((0, 4, 4))


class WrittenGan(RollGeneratorStep):
    """A GAN that makes one roll, whatever it is told, and remembers what it was told."""

    def __init__(self, symbols: list[int]) -> None:
        self.config = tiny_roll_gan().config
        self.symbols = np.array(symbols)
        self.told: list[np.ndarray] = []

    def __call__(self, noise: np.ndarray, previous: np.ndarray, conditions: np.ndarray) -> np.ndarray:
        self.told.append(previous)
        logits = np.full((len(noise), SLOTS, SYMBOLS), -20.0, dtype=np.float32)
        logits[:, np.arange(SLOTS), self.symbols] = 20.0
        return logits


def onsets(symbols: np.ndarray) -> list[list[int]]:
    """Slot and row of each note of a roll."""
    return [[slot, row] for slot, row in enumerate(symbols.tolist()) if row < ROWS]


def roll(*notes: tuple[int, int, int]) -> list[int]:
    """Symbols of (place, row, length)."""
    symbols = [SILENT] * SLOTS
    for place, row, length in notes:
        first, stop = (int(SLOT_OF_STEP[step]) for step in (place, place + length))
        symbols[first:stop] = [row, *[HELD] * (stop - first - 1)]
    return symbols


def passage(bars: int = 4) -> Passage:
    """After four beats from C4 up, in C major."""
    seed = even_melody(60, 62, 64, 65, step=12)
    demands = Demands(BARS, 48, 48 * (1 + bars), np.ones(128, dtype=bool))
    return Passage(seed, Surroundings(BARS, tonic=0, mode=1), demands)


def begun(model: RollGeneratorStep, own: Passage) -> tuple[RollPredictor, list]:
    predictor = RollPredictor(model, SeedContexts())
    return predictor, predictor.begin(own, [np.random.default_rng(0)])


def test_it_reads_what_its_roll_says() -> None:
    predictor, contexts = begun(WrittenGan(roll((12, 19, 24), (36, 16, 12))), passage())
    gap = int(predictor.gaps(contexts)[0].argmax())
    assert gap == 24  # the last note starts a beat before the bar line, the roll's first a beat after it
    interval = int(predictor.intervals(contexts, [gap])[0].argmax())
    assert interval - MAX_INTERVAL == 60 + 7 - 65
    assert int(predictor.durations(contexts, [gap], [interval])[0].argmax()) == 24
    contexts[0].append(60, 67, 24, 80)
    assert int(predictor.gaps(contexts)[0].argmax()) == 24


def test_what_is_left_of_a_roll_leads_into_the_next_one() -> None:
    predictor, contexts = begun(WrittenGan(roll((0, 12, 12))), passage())
    contexts[0].append(48, 60, 12, 80)
    assert int(predictor.gaps(contexts)[0].argmax()) == 96


def test_after_the_last_roll_it_waits_for_the_end() -> None:
    predictor, contexts = begun(WrittenGan(roll((0, 12, 12))), passage(bars=2))
    contexts[0].append(48, 60, 12, 80)
    assert int(predictor.gaps(contexts)[0].argmax()) == 96  # the passage's last bar line


def test_a_held_note_lasts_to_the_end_of_its_roll() -> None:
    predictor, contexts = begun(WrittenGan(roll((24, 12, 72))), passage())
    assert int(predictor.durations(contexts, [36], [MAX_INTERVAL])[0].argmax()) == 72


def test_each_roll_is_made_after_the_notes_that_were_chosen() -> None:
    model = WrittenGan(roll((0, 12, 96)))
    predictor, contexts = begun(model, passage())
    predictor.gaps(contexts)
    # the seed is in the second of the two bars before; its mean lies above C4, the tonic of row 12
    assert onsets(model.told[-1][0]) == [[24, 12], [30, 14], [36, 16], [42, 17]]
    contexts[0].append(48, 67, 96, 80)
    predictor.gaps(contexts)
    assert onsets(model.told[-1][0]) == [[0, 19]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_roll_gan(folder)
    return Engine(folder, FAMILIES)


def takes_of(
    engine: Engine,
    *,
    kind: str = "continue",
    meter: tuple[int, int] = (4, 4),
    constraints: Constraints | None = None,
    bars: int = 4,
    seed: int = 0,
) -> tuple[Take, ...]:
    tracks = (Track("Melody", SEED),) if kind == "continue" else ()
    song = Song(tracks, 480, (), (MeterChange(0, *meter),))
    request = GenerationRequest(
        kind, song, bars=bars, takes=3, seed=seed, constraints=constraints or Constraints(), model="gan"
    )
    return engine.generate(request)


@pytest.mark.parametrize("number", range(12))
def test_any_request_is_met(engine: Engine, number: int) -> None:
    request = replace(wild_request(number), model="gan")
    for take in engine.generate(request):
        check(take, request)


@pytest.mark.parametrize("kind", ["continue", "generate"])
@pytest.mark.parametrize("meter", [(4, 4), (3, 4), (6, 8), (5, 4), (12, 8), (3, 32)])
def test_demands_are_kept_in_any_meter(engine: Engine, kind: str, meter: tuple[int, int]) -> None:
    key = Key(2, "major")
    constraints = Constraints(key=key, lowest_pitch=60, highest_pitch=76, density=2.0)
    for take in takes_of(engine, kind=kind, meter=meter, constraints=constraints):
        assert take.notes.in_key(key).all()
        assert 60 <= take.notes.pitch.min() <= take.notes.pitch.max() <= 76
        assert take.notes.end_tick[-1] <= take.to_tick
        assert (take.notes.end_tick[:-1] <= take.notes.start_tick[1:]).all()


def test_what_comes_from_nothing_begins_on_the_chord_asked_for(engine: Engine) -> None:
    chord = parse_chord("Am")
    for take in takes_of(engine, kind="generate", constraints=Constraints(chords=(chord,))):
        assert take.notes.pitch[0] % 12 in chord.pitch_classes


def test_equal_seeds_make_equal_notes_and_others_do_not(engine: Engine) -> None:
    one, again, other = (takes_of(engine, seed=seed) for seed in (1, 1, 2))
    assert [take.notes for take in one] == [take.notes for take in again]
    assert [take.notes for take in one] != [take.notes for take in other]
    assert len({tuple(take.notes.pitch.tolist()) for take in one}) == 3


def test_it_goes_on_for_many_windows(engine: Engine) -> None:
    (take, *_) = takes_of(engine, bars=16)
    filled = {int(tick) // 1920 for tick in take.notes.start_tick}
    assert len(filled) >= 15


def test_the_installed_checkpoint_is_a_gan(engine: Engine) -> None:
    (card,) = engine.models()
    assert (card.family, card.verbs) == ("gan", ("continue", "generate"))
    assert isinstance(engine.folder, Path)
