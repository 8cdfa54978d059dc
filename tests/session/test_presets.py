"""Presets of rules live with the song, by name; damaged ones are passed over."""

from __future__ import annotations

import json

import pytest

from musicassist.composing.request import Constraints
from musicassist.document.document import Document
from musicassist.document.pages import Page
from musicassist.errors import UsageError
from musicassist.score.theory import Key, parse_chords
from musicassist.session.offers import Controls
from musicassist.session.presets import MAX_PRESETS, PAGE, Presets

RULES = Constraints(key=Key(2), scale_strength="tend", chords=parse_chords("C Am"), largest_leap=5, rhythm="kept")
WISHED = Controls(bars=8, ending="loop", closeness=0.5, constraints=RULES, style="folk", seed=7, temperature=0.5)


def test_what_was_kept_is_applied_and_all_that_is_no_rule_stays() -> None:
    document = Document()
    presets = Presets(document)
    presets.keep("  Quiet  verse ", WISHED)
    assert list(Presets(document).all()) == ["Quiet verse"]
    applied = presets.applied("Quiet verse", Controls(seed=3, model="gru"))
    assert applied == Controls(
        bars=8, ending="loop", closeness=0.5, constraints=RULES, style="folk", seed=3, model="gru"
    )
    assert presets.applied("none", WISHED) is WISHED


def test_a_name_is_overwritten_and_thrown_away() -> None:
    document = Document()
    presets = Presets(document)
    presets.keep("a", WISHED)
    presets.keep("B", Controls(bars=2))
    presets.keep("a", Controls(bars=3))
    assert {name: wish.bars for name, wish in presets.all().items()} == {"a": 3, "B": 2}
    presets.drop("a")
    presets.drop("a")
    assert list(presets.all()) == ["B"]
    presets.drop("B")
    assert PAGE not in document.pages


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_no_name_is_refused_in_words(name: str) -> None:
    with pytest.raises(UsageError):
        Presets(Document()).keep(name, WISHED)


def test_there_are_no_more_than_a_menu_shows() -> None:
    presets = Presets(Document())
    for number in range(MAX_PRESETS):
        presets.keep(str(number), Controls())
    with pytest.raises(UsageError):
        presets.keep("one more", Controls())
    presets.keep("3", WISHED)  # in place of one is no more


@pytest.mark.parametrize(
    "damage",
    [{"bars": 0}, {"bars": "many"}, {"surprise": 9.0}, {"ending": "never"}, {"style": "polka"}, {"constraints": 3}],
)
def test_a_damaged_preset_is_passed_over(damage: dict[str, object]) -> None:
    document = Document()
    presets = Presets(document)
    presets.keep("good", WISHED)
    presets.keep("bad", WISHED)
    plain = json.loads(document.pages[PAGE].text)
    plain["bad"] |= damage
    document.keep_page(PAGE, Page.of(plain))
    assert list(presets.all()) == ["good"]


@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"a": null}'])
def test_a_damaged_page_holds_none(text: str) -> None:
    document = Document()
    document.keep_page(PAGE, Page(text))
    assert Presets(document).all() == {}
