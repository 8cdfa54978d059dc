"""Windows with a hole: whole bars, nothing of them told by what stands behind, each note in them learned once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import pack_of, tune
from melodies import bars_of as meters_of
from melodies import melodies
from musicassist.composing.predictor import Passage
from musicassist.composing.seed_reading import SeedReader
from musicassist.families.transformer.decoding import Past, TransformerStep
from musicassist.families.transformer.infilling import (
    BEFORE,
    BEHIND,
    COUNTDOWN,
    FOLLOWING_OFFSET,
    GAP,
    MIDDLE,
    InfillPredictor,
)
from musicassist.families.transformer.learning import (
    ArrangedBatch,
    Hole,
    arrange,
    arranged_batches,
    arranged_losses,
    bars_of,
    hole_bits,
    hole_in,
    in_holes,
)
from musicassist.learning.batches import Dropout
from musicassist.models.checkpoints import weights_of
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Columns, columns_of
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import Demands
from tiny_models import tiny_transformer

NOTHING = Dropout(0.0, 0.0, 0.0, 0.0, 0.0)
PLACE = Surroundings(meters_of((0, 3, 4)), tonic=7, mode=1, style=5, last_bar=400)


def arranged(columns: Columns, *windows: tuple[int, int] | Hole) -> ArrangedBatch:
    return arrange(columns, windows, NOTHING, np.random.default_rng(0))


def context_after(melody: Melody, place: Surroundings = PLACE) -> MelodyContext:
    context = MelodyContext(place)
    for note in melody:
        context.append(*note)
    return context


@settings(max_examples=40)
@given(melodies(least=3, pitches=(40, 84)), st.integers(0, 9))
def test_a_hole_is_of_whole_bars_with_notes_in_it_and_behind_it(melody: Melody, seed: int) -> None:
    columns = columns_of(melody, PLACE)
    bars = np.array(context_after(melody).bar)
    assert (bars_of(columns, 0, len(columns)) == bars[:-1] - bars[0]).all()
    hole = hole_in(columns, 0, len(columns), np.random.default_rng(seed))
    if hole is None:
        return
    assert 0 < hole.first < hole.behind < len(columns)
    assert hole.first == 1 or bars[hole.first - 1] < bars[hole.first]
    assert bars[hole.behind - 1] <= bars[0] + hole.last_bar < bars[hole.behind]
    assert hole.rows().tolist()[: hole.first] == list(range(hole.first))


def test_positions_leave_the_middle_beside_the_prefix() -> None:
    columns = columns_of(tune(1), PLACE)
    batch = arranged(columns, Hole(0, 10, 20, 39, 3))
    position, segment = batch.position[0], batch.segment[0]
    assert position[segment == BEFORE].tolist() == list(range(10))
    assert position[segment == BEHIND].tolist() == [9 + FOLLOWING_OFFSET + i for i in range(19)]
    assert position[segment == MIDDLE].tolist() == list(range(9, 20))


def test_each_note_in_a_hole_is_learned_once_and_of_the_note_behind_only_its_gap() -> None:
    columns = columns_of(tune(1), PLACE)
    batch = arranged(columns, Hole(0, 10, 20, 39, 3))
    middle = batch.segment[0] == MIDDLE
    assert batch.batch.target[0][middle].tolist() == columns.target[9:20].tolist()
    assert batch.scored[0][middle].tolist() == [[True] * 4] * 10 + [[True, False, False, False]]
    assert not batch.scored[0][batch.segment[0] == BEHIND].any()
    assert batch.scored[0][batch.segment[0] == BEFORE].all()
    assert int(in_holes(batch).sum()) == 10


def test_the_bars_are_counted_down_in_the_hole_only() -> None:
    melody = tune(1)
    columns, bars = columns_of(melody, PLACE), context_after(melody).bar
    behind = bars.index(bars[12] + 3)
    first = bars.index(bars[12])
    batch = arranged(columns, Hole(0, first, behind, 39, bars[12] + 2 - bars[0]))
    countdown, middle = batch.batch.state[0, :, COUNTDOWN], batch.segment[0] == MIDDLE
    assert set(countdown[~middle].tolist()) == {0}
    assert countdown[middle].tolist() == [2 + bars[12] + 2 - bar for bar in bars[first - 1 : behind]]


@settings(max_examples=30)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(-7, 7))
def test_what_stands_behind_does_not_tell_what_stood_in_the_hole(number: int, other: int, leap: int) -> None:
    first, behind = 12, 24
    melody, foreign = tune(number), tune(other)
    inside = np.arange(len(melody))
    keep = (inside < first) | (inside >= behind)
    pitch = np.where(keep, melody.pitch, foreign.pitch + leap)
    changed = replace(melody, pitch=pitch, velocity=np.where(keep, melody.velocity, 20))
    hole = Hole(0, first, behind, 39, 3)
    one, two = (arranged(columns_of(own, PLACE), hole) for own in (melody, changed))
    rows = one.segment[0] != MIDDLE
    assert torch.equal(one.batch.state[0][rows], two.batch.state[0][rows])
    assert torch.equal(one.batch.numbers[0][rows], two.batch.numbers[0][rows])
    assert one.batch.state[0][one.segment[0] == BEHIND][0, GAP] == 0


class Listening(TransformerStep):
    """Keeps what it reads."""

    def __init__(self) -> None:
        super().__init__((model := tiny_transformer()).config, weights_of(model))
        self.parts: list[tuple[Any, ...]] = []

    def read(self, past: Past, state: Any, numbers: Any, *, segment: int = 0, positions: Any = None) -> Past:
        places = np.arange(len(state)) + len(past.positions) if positions is None else positions
        self.parts.append((state, numbers, np.full(len(state), segment), places))
        return super().read(past, state, numbers, segment=segment, positions=positions)


@settings(max_examples=30)
@given(melodies(least=4, pitches=(40, 84)), st.integers(0, 9))
def test_a_passage_is_read_as_training_reads_a_hole(melody: Melody, seed: int) -> None:
    columns = columns_of(melody, PLACE)
    hole = hole_in(columns, 0, len(columns), np.random.default_rng(seed))
    if hole is None:
        return
    batch = arranged(columns, hole)
    place = replace(PLACE, last_bar=context_after(melody).bar[0] + hole.last_bar)
    start = int(melody.onset_step[0])
    demands = Demands(place.bars, start, start + 1, np.ones(128, dtype=bool))
    following = melody.rows(hole.behind, len(melody) - 1)  # the last note of a melody has no row in training
    net = Listening()
    (context,) = InfillPredictor(SeedReader(net)).begin(
        Passage(melody.rows(0, hole.first), place, demands, following=following), [np.random.default_rng(0)]
    )
    state, numbers, segment, position = (
        torch.from_numpy(np.concatenate(part)) for part in zip(*net.parts, strict=True)
    )
    size = len(state)
    assert torch.equal(state, batch.batch.state[0, :size])
    assert torch.equal(segment, batch.segment[0, :size])
    assert torch.equal(position, batch.position[0, :size])
    assert torch.allclose(numbers, batch.batch.numbers[0, :size], atol=0.003)
    for row, note in enumerate(melody.rows(hole.first, hole.behind), size):
        context.append(*note)
        assert context.state_row() == batch.batch.state[0, row].tolist()
        assert np.allclose(context.profile(), batch.batch.numbers[0, row].numpy(), atol=0.003)


def test_plain_windows_stay_as_they_are() -> None:
    columns = columns_of(tune(2), PLACE)
    batch = arranged(columns, (3, 20), Hole(0, 10, 20, 39, 3))
    assert batch.batch.mask.sum(1).tolist() == [17, 10 + 19 + 11]
    assert batch.segment[0].eq(BEFORE).all()
    assert batch.batch.state[0, :17].tolist() == columns.state[3:20].tolist()
    assert batch.scored[0].all(-1).tolist() == batch.batch.mask[0].tolist()


def test_an_epoch_is_a_function_of_seed_and_epoch_and_digs_its_share_of_holes() -> None:
    pack = pack_of([tune(number) for number in range(20)])

    def epoch(seed: int, number: int, share: float = 0.5) -> list[ArrangedBatch]:
        options: dict[str, Any] = {"notes": 40, "batch_notes": 200, "other_share": 0.3, "dropout": Dropout()}
        return list(arranged_batches(pack, **options, hole_share=share, seed=seed, epoch=number))

    def equal(one: list[ArrangedBatch], other: list[ArrangedBatch]) -> bool:
        return all(map(torch.equal, (b.batch.state for b in one), (b.batch.state for b in other)))

    def holes(batches: list[ArrangedBatch]) -> int:
        return sum(int((batch.segment == BEHIND).any(1).sum()) for batch in batches)

    assert equal(epoch(1, 2), epoch(1, 2))
    assert not equal(epoch(1, 2), epoch(1, 3))
    windows = sum(len(batch.segment) for batch in epoch(1, 2))
    assert holes(epoch(1, 2, 0.0)) == 0
    assert 0 < holes(epoch(1, 2)) < holes(epoch(1, 2, 1.0)) <= windows


def test_parts_of_a_batch_hold_each_window_once() -> None:
    columns = columns_of(tune(2), PLACE)
    batch = arranged(columns, (3, 20), Hole(0, 10, 20, 39, 3), (0, 5))
    model = tiny_transformer()
    parts = [batch.part(rank, 4).to(torch.device("cpu")) for rank in range(4)]
    losses = [float(arranged_losses(model, part).sum().detach()) for part in parts]
    assert abs(sum(losses) - float(arranged_losses(model, batch).sum().detach())) < 0.01
    assert losses[3] == 0


def test_bits_in_holes_are_those_of_even_guesses_before_anything_is_learned() -> None:
    model = tiny_transformer()
    for head in model.heads:  # no copying, no opinion; a gap is still not shorter than the duration before it
        for part in (head.outer, head.copy):
            if part is not None:
                torch.nn.init.zeros_(part.weight)
                torch.nn.init.zeros_(part.bias)
    bits = hole_bits(model, pack_of([tune(number) for number in range(4)]), 40)
    assert 3 * np.log2(97) - 0.3 < bits < 3 * np.log2(97)
