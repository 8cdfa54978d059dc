"""The net with a plan on NumPy foretells what torch foretells, for streams with plans of their own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from form_music import BAR, PLACE, full_form, small_net, tune
from lab.form.net import FormModel
from musicassist.composing.melody_takes import Sampler, compose
from musicassist.composing.plan import BarPlan, Ending, Relation
from musicassist.composing.predictor import Passage
from musicassist.composing.seed_reading import ReadingCancelled, never
from musicassist.families.recurrent.decoding import RecurrentStep
from musicassist.families.recurrent.form_context import Form, FormContext
from musicassist.families.recurrent.form_predictor import FormPredictor, forms_of
from musicassist.families.recurrent.form_reading import FormReader, form_rows
from musicassist.families.recurrent.form_vocabulary import FORM_STATE_COLUMNS
from musicassist.models.checkpoints import weights_of
from musicassist.tokens.codec import Melody
from musicassist.tokens.context import MelodyContext, interval_class
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import PROFILE_SIZE, STATE_COLUMNS

SEED_NOTES = 8  # to the middle of bar 2
OTHER_PLAN = replace(full_form(), plan=full_form().plan.followed_by((BarPlan(Relation.SAME, 2, Ending.NONE),) * 4, 3))
RANDOMS = [np.random.default_rng(number) for number in range(3)]
Fields = tuple[list[int], list[int], list[int], list[int]]


def passage(seed_notes: int) -> Passage:
    demands = Demands(PLACE.bars, 3 * BAR, 7 * BAR, np.ones(128, dtype=bool))
    return Passage(tune().rows(0, seed_notes), PLACE, demands)


def fields_of(context: MelodyContext, note: tuple[int, int, int, int]) -> tuple[int, int, Fields]:
    gap, interval = note[0] - context.onset[-1], interval_class(note[1] - context.pitch[-1])
    rows = (
        context.gap_row(),
        context.pitch_row(gap),
        context.duration_row(gap, interval),
        context.velocity_row(gap, interval, note[2]),
    )
    return gap, interval, rows


@torch.no_grad()
def foretold(net: FormModel, melody: Melody, form: Form) -> list[np.ndarray]:
    """For each field what torch says of each note but the first, (T, V)."""
    context = FormContext(PLACE, form)
    states, heads, numbers, at_note = [], [], [], []
    for note in melody:
        if len(context):
            gap, _, rows = fields_of(context, note)
            states.append(context.state_row())
            heads.append(rows)
            numbers.append(context.numbers(0))
            at_note.append(context.numbers(gap))
        context.append(*note)
    columns = [torch.tensor([rows[head] for rows in heads])[None] for head in range(4)]
    logits = net(torch.tensor(states)[None], columns, torch.tensor(numbers)[None], torch.tensor(at_note)[None])
    return [own[0].numpy() for own in logits]


@pytest.mark.parametrize("seed_notes", [1, SEED_NOTES])
@pytest.mark.parametrize("forms", [(full_form(),), (full_form(), OTHER_PLAN, Form()), (full_form(), OTHER_PLAN)])
def test_numpy_foretells_what_torch_foretells(forms: tuple[Form, ...], seed_notes: int) -> None:
    net = small_net()
    expected = [foretold(net, tune(), form) for form in forms]
    predictor = FormPredictor(FormReader(RecurrentStep(net.config, weights_of(net))), forms)
    contexts = predictor.begin(passage(seed_notes), RANDOMS[: len(forms)])
    for row, note in enumerate(list(tune())[seed_notes:], seed_notes - 1):
        chosen = [fields_of(context, note) for context in contexts]
        gaps, intervals = [own[0] for own in chosen], [own[1] for own in chosen]
        made = (
            predictor.gaps(contexts),
            predictor.intervals(contexts, gaps),
            predictor.durations(contexts, gaps, intervals),
            predictor.velocities(contexts, gaps, intervals, [note[2]] * len(forms)),
        )
        for head, logits in enumerate(made):
            np.testing.assert_allclose(logits, np.stack([own[head][row] for own in expected]), atol=1e-4)
        for context in contexts:
            context.append(*note)
        predictor.advance(contexts)


def test_streams_that_are_kept_go_on_with_their_own_plan() -> None:
    net = FormReader(RecurrentStep(small_net().config, weights_of(small_net())))
    both, alone = FormPredictor(net, [full_form(), OTHER_PLAN]), FormPredictor(net, [OTHER_PLAN])
    contexts = both.begin(passage(SEED_NOTES), RANDOMS[:2])
    both.keep([1])
    expected = alone.begin(passage(SEED_NOTES), RANDOMS[:1])
    np.testing.assert_allclose(both.gaps(contexts[1:]), alone.gaps(expected), atol=1e-6)


def test_a_take_does_not_depend_on_the_plans_of_the_others() -> None:
    net = FormReader(RecurrentStep(small_net().config, weights_of(small_net())))
    whole = passage(SEED_NOTES)

    def takes(*forms: Form) -> list[tuple[tuple[int, int, int, int], ...]]:
        predictor = FormPredictor(net, forms)
        made = compose(predictor, whole, len(forms), Sampler(), on_note=lambda _n, _row: None, is_cancelled=never)
        assert made is not None
        return [take.rows for take in made]

    one, other = takes(full_form(), full_form()), takes(full_form(), OTHER_PLAN)
    assert one[0] == other[0]
    assert all(6 * BAR < rows[-1][0] + rows[-1][2] <= 7 * BAR for rows in (*one, *other))


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_reading_stops_when_it_is_cancelled(asked: int) -> None:
    net = FormReader(RecurrentStep(small_net().config, weights_of(small_net())))
    answers = iter([False] * (asked - 1) + [True])
    with pytest.raises(ReadingCancelled):
        FormPredictor(net, [full_form(), OTHER_PLAN]).begin(passage(20), RANDOMS[:2], lambda: next(answers))


@pytest.mark.parametrize("form", [full_form(), Form(), replace(full_form(), harmony=Form().harmony)])
def test_what_is_computed_at_once_is_what_a_context_says_note_by_note(form: Form) -> None:
    context, states, numbers = FormContext(PLACE, form), [], []
    for note in tune():
        context.append(*note)
        states.append(context.state_row())
        numbers.append(context.numbers(0))
    at_once, beneath = form_rows(context, form)
    columns = [name for name, _ in FORM_STATE_COLUMNS]
    expected = np.array(states)[:, [columns.index("countdown"), *range(len(STATE_COLUMNS), len(columns))]]
    assert np.array_equal(at_once, expected)
    np.testing.assert_allclose(beneath, np.array(numbers)[:, PROFILE_SIZE:])


def test_a_passage_tells_its_chords_its_plans_and_that_it_ends() -> None:
    place = replace(PLACE, chord_starts=(144,), chord_masks=(0b10010001,), chord_basses=(4,), last_bar=6)
    whole = replace(passage(SEED_NOTES), place=place, plans=(full_form().plan, OTHER_PLAN.plan))
    forms = forms_of(whole, 2)
    assert [form.plan for form in forms] == [full_form().plan, OTHER_PLAN.plan]
    assert forms_of(replace(whole, place=replace(place, last_bar=None)), 2)[0].wishes == (1,)
    assert forms_of(replace(whole, following=tune()), 2)[0].ends == ()
