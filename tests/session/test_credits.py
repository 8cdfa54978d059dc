"""The credits page says what was asked, offered, kept and edited, and runs nothing that a name may hold."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from builders import phrase
from musicassist.composing.composed import with_composed
from musicassist.composing.request import Constraints, Take
from musicassist.document.document import Document
from musicassist.document.edits import move_notes
from musicassist.errors import SaveError
from musicassist.models.cards import ModelCard
from musicassist.score.song import Song, Track
from musicassist.session.credits import Credits, as_html, as_text, credits_of, write_credits
from musicassist.session.stories import write_take
from session_desk import Desk
from take_laws import request_of

BAR = 1920
HOSTILE = "<script>alert(1)</script>"
CARD = ModelCard("lstm", "lstm", ("continue",), 1, 1, "v", {}, licences=("OpenScore Lieder (CC0)",))


def kept(name: str = "Melody", *, model: str = "lstm") -> Document:
    """Four quarters were kept in bar 2, and one of them was edited."""
    song = Song((Track(name, phrase(60, 62, 64, 65, step_ticks=480)),))
    request = replace(request_of(model=model), song=song, seed=7)
    notes = phrase(67, 69, 71, 72, step_ticks=480, from_tick=BAR)
    take = Take(notes, BAR, 2 * BAR, model, 7, 2, 1.0, 1.0, Constraints(), chosen_from=8)
    document = Document(song)
    write_take(document, with_composed(take, request), request, song, 0, offered=4)
    document.apply("Move", move_notes(document.song, 0, document.track.notes.start_tick == BAR, 0, 1))
    return document


def page_of(document: Document, *cards: ModelCard) -> Credits:
    return credits_of("My song", document.song, document.pages, cards)


def test_the_text_lists_the_bars_and_the_licences() -> None:
    text = as_text(page_of(kept(), CARD))
    assert "1 stretch of bars comes from takes." in text and "1 of their 4 notes edited" in text
    assert "bar 2 of Melody" in text and "take 2 of 4; chosen among 8; random number 7; 1 of 4 notes edited" in text
    assert "lstm\n  OpenScore Lieder (CC0)" in text
    assert "This model is not installed here" in as_text(page_of(kept(model="gone"), CARD))


def test_what_was_offered_and_not_kept_is_counted() -> None:
    desk = Desk()
    desk.session.takes.ask()
    desk.makes(3)
    desk.session.takes.dismiss()
    page = credits_of("x", desk.document.song, desk.document.pages, ())
    assert page.summary[0] == "Asked 1 time, 3 takes were offered."


def test_bars_whose_story_is_lost_are_listed_as_such() -> None:
    document = kept()
    page = credits_of("x", document.song, {}, ())
    assert page.bars[0].words == "Who composed these bars is not known any more." and page.licences == ()
    assert "<svg" in as_html(page)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == "rect" or self.open.pop() == tag


def test_the_page_has_a_picture_of_each_stretch_and_runs_and_fetches_nothing() -> None:
    document = kept(f'{HOSTILE}" onload="x')
    page = as_html(credits_of(HOSTILE, document.song, document.pages, (CARD,)))
    tags = Tags(page)
    assert tags.open == [] and {tag for tag, _ in tags.found} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "svg", "rect", "ul", "li")
    }
    assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in tags.found for name in attrs)
    rows = [attrs["class"] for tag, attrs in tags.found if tag == "rect"]
    assert sorted(map(str, rows)) == ["gone", "kept", "kept", "kept", "other"]


def test_it_is_written_by_the_name_of_its_file(tmp_path: Path) -> None:
    page = page_of(kept(), CARD)
    write_credits(page, tmp_path / "a.txt")
    write_credits(page, tmp_path / "a.html")
    assert (tmp_path / "a.txt").read_text() == as_text(page)
    assert (tmp_path / "a.html").read_text() == as_html(page)
    with pytest.raises(SaveError, match="could not be saved"):
        write_credits(page, tmp_path / "none" / "a.html")
