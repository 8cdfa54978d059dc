"""What is said of takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from musicassist.composing.request import Kin, Take
from musicassist.session.comping import MIX
from musicassist.session.offers import Offer
from musicassist.ui.take_words import take_title
from session_desk import desk_with

pytestmark = pytest.mark.usefixtures("qapp")


def offer_of(*models: str) -> Offer:
    desk = desk_with(*range(60, 60 + len(models)))
    takes = zip(desk.session.takes.offer, models, strict=True)
    return replace(desk.session.takes.current, takes=tuple(replace(take, model=model) for take, model in takes))


def titles(*takes: Take, beside: Offer) -> list[str]:
    return [take_title(take, beside) for take in takes]


def test_the_model_is_named_where_there_are_several() -> None:
    one, two = offer_of("lstm", "lstm"), offer_of("lstm", "my-own")
    assert titles(*one.takes, beside=one) == ["answers bar 1"] * 2
    assert titles(*two.takes, beside=two) == ["answers bar 1 · Melody, balanced", "answers bar 1 · my-own"]


def test_what_a_take_has_of_another_one_comes_first() -> None:
    offer = offer_of("lstm")
    ways = [Kin("plan", 2), Kin("vary", 2), Kin("ending", 2), Kin("ending", MIX), Kin("mend")]
    assert titles(*(replace(offer.takes[0], kin=kin) for kin in ways), beside=offer) == [
        "the plan of take 2, answers bar 1",
        "a variation of take 2",
        "take 2 with another ending, answers bar 1",
        "the mix with another ending, answers bar 1",
        "the mix with a join mended",
    ]
