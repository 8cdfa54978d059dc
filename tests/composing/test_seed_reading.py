"""What is kept of a seed changes no take, and spares reading it anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import tune
from form_music import small_net
from melodies import bars_of
from musicassist.composing.note_history import SeedMemory
from musicassist.composing.predictor import NetPredictor, Passage, Predictor
from musicassist.composing.seed_reading import (
    MIN_LONG_NOTES,
    EventNet,
    ReadingCancelled,
    SeedContexts,
    SeedReader,
    end_of,
)
from musicassist.families.hybrid.predictor import MixedPredictor
from musicassist.families.markov.decoding import MarkovModel
from musicassist.families.markov.predictor import MarkovPredictor
from musicassist.families.recurrent.form_predictor import FormPredictor
from musicassist.families.recurrent.form_reading import FormReader
from musicassist.families.transformer.infilling import InfillPredictor
from musicassist.models.checkpoints import weights_of
from musicassist.models.steps import GateStep
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.demands import Demands
from tiny_counting_models import GATE, MARKOV
from tiny_models import step_of, tiny_model, transformer_step

PLACE = Surroundings(bars_of((0, 4, 4)), tonic=0, mode=1, last_bar=40)
NETS: dict[str, EventNet] = {
    "lstm": step_of(tiny_model()),
    "attention": step_of(tiny_model(attention_heads=3)),
    "transformer": transformer_step(),
}
FORM = step_of(small_net())


def moved(melody: Melody, at: int) -> Melody:
    pitch = melody.pitch.copy()
    pitch[at] += 2
    return replace(melody, pitch=pitch)


@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_what_is_kept_changes_nothing(net: EventNet) -> None:
    long = tune(3, notes=150)
    kept = SeedReader(net)
    for seed, place in (
        (long, PLACE),
        (long, PLACE),
        (moved(long, 149), PLACE),
        (moved(long, 70), PLACE),
        (long.rows(0, 147), PLACE),
        (long, replace(PLACE, last_bar=43)),
        (long, replace(PLACE, tonic=2)),
        (long.rows(0, 1), PLACE),
    ):
        for counts_down in (True, False):
            context, past = kept.read(seed, place, counts_down=counts_down)
            other, fresh = SeedReader(net).read(seed, place, counts_down=counts_down)
            assert np.array_equal(past.output, fresh.output)
            assert (context.state_row(), context.profile(), context.gap_row()) == (
                other.state_row(),
                other.profile(),
                other.gap_row(),
            )


def test_only_what_is_new_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    net, events = step_of(tiny_model()), []
    reader, read = SeedReader(net), net.read
    monkeypatch.setattr(
        net, "read", lambda past, state, numbers: events.append(len(state)) or read(past, state, numbers)
    )
    seed = tune(3, notes=150)
    told = []
    for own in (seed, seed, moved(seed, 148), seed.rows(0, 149)):
        events.clear()
        reader.read(own, PLACE)
        told.append(sum(events))
    assert told[0] == 150
    assert told[1] == 0
    assert max(told[2:]) <= 8


def test_a_long_seed_that_grows_is_not_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    net, events = step_of(tiny_model()), []
    reader, read = SeedReader(net), net.read
    monkeypatch.setattr(
        net, "read", lambda past, state, numbers: events.append(len(state)) or read(past, state, numbers)
    )
    seed = tune(3, notes=700)
    for notes in range(676, 700):
        reader.read(seed.rows(0, notes), PLACE)
    assert len(end_of(seed)) >= MIN_LONG_NOTES
    assert sum(events) < len(seed) + 24 * 8


@given(st.integers(0, 199))
def test_an_edit_is_read_from_not_far_before_it(place: int) -> None:
    contexts, seed, rows = SeedContexts(), tune(3, notes=200), []
    contexts.read(seed, PLACE)
    contexts.read(moved(seed, place), PLACE, on_note=lambda row, _context: rows.append(row))
    assert rows[-1] == 199
    assert len(rows) <= max(2 * (200 - place), 8) + 8


def predictors() -> dict[str, Callable[[], Predictor]]:
    """Of each family that reads seeds, one that has read none."""
    markov, gate = MarkovModel(MARKOV.config, weights_of(MARKOV)), GateStep(GATE.config, weights_of(GATE))
    return {
        "lstm": lambda: NetPredictor(SeedReader(NETS["lstm"])),
        "transformer": lambda: InfillPredictor(SeedReader(NETS["transformer"])),
        "markov": lambda: MarkovPredictor(markov, SeedMemory()),
        "form": lambda: FormPredictor(FormReader(FORM)),
        "mixed": lambda: MixedPredictor(gate, NetPredictor(SeedReader(NETS["lstm"])), SeedMemory()),
    }


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["again", "move", "cut", "other key", "other end", "cancel", "grow", "shrink"]),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=6,
)


def edited(seed: Melody, place: Surroundings, edit: str, number: int) -> tuple[Melody, Surroundings]:
    near_end = len(seed) - 1 - min(number % 100, len(seed) - 1) // (1 + number % 7)
    if edit == "move":
        return moved(seed, near_end), place
    if edit == "cut":
        stays = np.arange(len(seed)) != near_end
        parts = (seed.onset_step, seed.pitch, seed.duration_steps, seed.velocity)
        return (Melody(*(part[stays] for part in parts)) if len(seed) > 1 else seed), place
    if edit == "grow":
        more = tune(number, notes=1 + number % 11)
        shifted = more.onset_step + seed.onset_step[-1] + 12
        columns = ((seed.onset_step, shifted), (seed.pitch, more.pitch))
        columns += ((seed.duration_steps, more.duration_steps), (seed.velocity, more.velocity))
        return Melody(*(np.concatenate(pair) for pair in columns)), place
    if edit == "shrink":
        return seed.rows(0, max(1, len(seed) - number % 20)), place
    if edit == "other key":
        return seed, replace(place, tonic=number % 13, mode=number % 3)
    return seed, replace(place, last_bar=number % 60) if edit == "other end" else place


@pytest.mark.parametrize("name", predictors())
@settings(max_examples=12)
@given(st.sampled_from([1, 30, 130, 630]), EDITS)
def test_takes_are_the_same_whatever_was_read_before(name: str, notes: int, edits: list[tuple[str, int]]) -> None:
    make = predictors()[name]
    kept, seed, place = make(), tune(notes, notes=notes), PLACE
    for edit, number in [("again", 0), *edits]:
        seed, place = edited(seed, place, edit, number)
        demands = Demands(place.bars, int(seed.onset_step[-1]) + 12, 20_000, np.ones(128, dtype=bool))
        passage = Passage(seed, place, demands)
        if edit == "cancel":
            looks = iter([False] * (number % 20))
            with suppress(ReadingCancelled):
                kept.begin(passage, [np.random.default_rng(0)], lambda looks=looks: next(looks, True))
        said = [began(predictor, passage) for predictor in (kept, make())]
        assert all(np.array_equal(one, other) for one, other in zip(*said, strict=True))


def began(predictor: Predictor, passage: Passage) -> list[np.ndarray]:
    """What it says of the first two notes of two streams."""
    contexts = predictor.begin(passage, [np.random.default_rng(number) for number in range(2)])
    said = []
    for _ in range(2):
        gaps, intervals, durations = [6, 12], [50, 46], [6, 3]
        said += [
            predictor.gaps(contexts),
            predictor.intervals(contexts, gaps),
            predictor.durations(contexts, gaps, intervals),
            predictor.velocities(contexts, gaps, intervals, durations),
        ]
        for context, gap, interval, duration in zip(contexts, gaps, intervals, durations, strict=True):
            context.append(context.onset[-1] + gap, context.pitch[-1] + interval - 48, duration, 80)
        predictor.advance(contexts)
    return said


def test_reading_ends_at_once_and_goes_on_where_it_was() -> None:
    contexts, seed, rows = SeedContexts(), tune(3, notes=600), []
    looks = iter([False] * 10)
    with pytest.raises(ReadingCancelled):
        contexts.read(seed, PLACE, on_note=lambda row, _: rows.append(row), is_cancelled=lambda: next(looks, True))
    assert len(rows) == 80
    contexts.read(seed, PLACE, on_note=lambda row, _: rows.append(row))
    assert len(rows) == 600
