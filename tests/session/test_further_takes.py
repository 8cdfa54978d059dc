"""Further takes join those on offer, one request after the other, and end with them."""

from __future__ import annotations

import pytest

from builders import phrase
from musicassist.composing.request import Take
from musicassist.errors import CheckpointError
from musicassist.score.song import Notes
from musicassist.session.take_kin import of_models
from session_desk import BAR, SPAN, Desk, desk_with, made


def numbers(desk: Desk) -> list[int]:
    return [take.number for take in desk.session.takes.offer]


def test_takes_of_other_models_join_one_model_after_the_other() -> None:
    desk = desk_with(60, 64)
    takes, further = desk.session.takes, desk.session.further
    takes.audition(2)
    further.ask(of_models(takes.current, ["gru", "markov"]))
    first = desk.generator.asked[-1]
    assert (first.model, first.takes, first.seed, first.kind) == ("gru", 2, takes.current.takes[0].seed, "continue")
    further.on_progress(first, 0.5)
    assert (further.is_running, further.share, takes.phase) == (True, 0.25, "offered")
    made(desk, phrase(70, from_tick=BAR), phrase(71, from_tick=BAR))
    assert numbers(desk) == [1, 2, 3, 4] and takes.auditioned == 2 and further.is_running
    assert desk.generator.asked[-1].model == "markov"
    made(desk, phrase(72, from_tick=BAR))
    assert numbers(desk) == [1, 2, 3, 4, 5] and not further.is_running
    assert [take.model for take in takes.offer[2:]] == ["gru", "gru", "markov"]
    takes.audition(5)
    takes.accept()
    assert desk.notes[-1].pitch == 72


def test_who_cannot_is_said_and_the_next_one_is_asked() -> None:
    desk = desk_with(60)
    further = desk.session.further
    desk.session.further.ask(of_models(desk.session.takes.current, ["gru", "markov"]))
    further.on_failure(desk.generator.asked[-1], CheckpointError("The model gru is damaged."))
    assert "The model gru is damaged." in [change.template for change in desk.changes]
    made(desk, phrase(72, from_tick=BAR))
    assert [take.model for take in desk.session.takes.offer] == [desk.session.takes.controls.model, "markov"]


def test_to_cancel_ends_only_what_runs() -> None:
    desk = desk_with(60, 64)
    desk.session.further.ask(of_models(desk.session.takes.current, ["gru", "markov"]))
    late = desk.generator.asked[-1]
    desk.session.further.cancel()
    desk.session.further.on_takes(late, desk.session.takes.offer)
    assert numbers(desk) == [1, 2] and desk.generator.cancelled == 1 and desk.session.takes.phase == "offered"


@pytest.mark.parametrize("end", ["accept", "dismiss", "again"])
def test_without_its_offer_nothing_joins(end: str) -> None:
    desk = desk_with(60, 64)
    desk.session.further.ask(of_models(desk.session.takes.current, ["gru"]))
    late, cancelled = desk.generator.asked[-1], desk.generator.cancelled
    getattr(desk.session.takes, end)()
    assert not desk.session.further.is_running and desk.generator.cancelled == cancelled + 1
    desk.session.further.on_takes(late, (Take(Notes.of(), *SPAN, "gru", 1, 1, 1.0, 1.0, late.constraints),))
    assert numbers(desk) == []
