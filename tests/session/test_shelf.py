"""Nothing that was on offer is lost: it lies in the shelf, with what became of it, and comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import phrase
from musicassist.composing.request import PLACED
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.pages import Page
from musicassist.document.song_edits import add_track
from musicassist.errors import MusicAssistError
from musicassist.score.song import Track
from musicassist.session import shelf as shelves
from musicassist.session.comping import Comp
from musicassist.session.shelf import Shelf
from session_desk import Desk

BAR = 1920
SPAN = (BAR, 5 * BAR)


def offered(desk: Desk) -> Desk:
    """Four takes of the bars 2 to 5."""
    desk.session.takes.ask()
    desk.makes()
    return desk


def fates(desk: Desk) -> list[str]:
    return [desk.session.shelf[name].fate for name in desk.session.shelf.names()]


def test_dismissed_superseded_and_kept_offers_stay_with_what_became_of_them() -> None:
    desk = offered(Desk())
    takes = desk.session.takes
    assert fates(desk) == ["offered"]  # already: who ends the program in the middle finds them again
    takes.dismiss()
    offered(desk)
    takes.again()
    desk.makes(2)
    takes.accept()
    assert fates(desk) == ["kept", "superseded", "dismissed"]
    assert [len(desk.session.shelf[name].offer.takes) for name in desk.session.shelf.names()] == [2, 4, 4]


def test_an_offer_comes_back_with_its_mix_and_is_kept_as_ever() -> None:
    desk = offered(Desk())
    takes, shelf = desk.session.takes, desk.session.shelf
    comp = Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 3)
    desk.session.mixing.mix(comp)
    was = takes.current
    takes.dismiss()
    (name,) = shelf.names()
    assert shelf.last() == name
    shelf.bring_back(name)
    assert takes.phase == "offered" and takes.current.comp == comp and takes.heard is not None
    assert was.mix is not None and takes.heard.notes == was.mix.take.notes and desk.sound.heard is takes.heard.notes
    assert shelf.names() == (name,) and shelf.on_desk == name and shelf.last() is None
    takes.accept()
    assert fates(desk) == ["kept"] and desk.document.undo_name == "Continue phrase"
    takes.again()
    assert desk.generator.asked[-1].kind == "continue"


def test_an_offer_that_is_read_from_its_page_alone_comes_back() -> None:
    desk = offered(Desk())
    desk.session.takes.dismiss()
    again = Desk(desk.document.song)
    for name, page in desk.document.pages.items():
        again.document.keep_page(name, Page(page.text, page.notes, page.songs))
    (name,) = again.session.shelf.names()
    again.session.shelf.bring_back(name)
    assert again.session.takes.offer[2].notes == desk.session.shelf[name].offer.takes[2].notes
    again.session.takes.audition(3)
    again.session.takes.accept()
    assert [note.pitch for note in again.notes[4:]] == [70, 71, 72]


def test_undo_of_any_kept_take_puts_its_offer_back_on_the_desk() -> None:
    desk = offered(Desk())
    takes, document = desk.session.takes, desk.document
    takes.accept()
    first, notes = desk.session.shelf.names()[0], len(document.track.notes)
    offered(desk)
    takes.audition(2)
    takes.accept()
    second = desk.session.shelf.names()[0]
    document.undo()
    assert (takes.phase, desk.session.shelf.on_desk, takes.auditioned) == ("offered", second, 2)
    assert len(document.track.notes) == notes
    document.undo()  # an older step
    assert (takes.phase, desk.session.shelf.on_desk) == ("offered", first)
    assert fates(desk) == ["undone", "undone"]
    document.redo()
    assert takes.phase == "idle" and fates(desk) == ["undone", "kept"]
    document.redo()
    assert takes.phase == "idle" and fates(desk) == ["kept", "kept"]


def test_undo_takes_nothing_from_the_desk_that_is_wanted() -> None:
    desk = offered(Desk())
    takes = desk.session.takes
    takes.accept()
    offered(desk)
    wanted = takes.current
    desk.document.undo()
    assert takes.current is wanted and fates(desk) == ["offered", "undone"]
    assert "earlier takes" in desk.changes[-1].template or any("earlier" in c.template for c in desk.changes)


def test_undo_after_a_new_start_finds_the_offer_by_its_page() -> None:
    desk = offered(Desk())
    desk.session.takes.accept()
    document = desk.document
    pages = {name: Page(page.text, page.notes, page.songs) for name, page in document.pages.items()}
    again = Desk()
    again.document.replace_song(document.song, None, pages=pages, undo=document.undo_list)
    assert again.session.takes.phase == "idle"
    again.document.undo()
    assert again.session.takes.phase == "offered" and len(again.session.takes.offer) == 4


def test_where_it_does_not_fit_any_more_it_says_why_and_goes_elsewhere() -> None:
    desk = offered(Desk())
    takes, shelf, document = desk.session.takes, desk.session.shelf, desk.document
    takes.dismiss()
    document.apply("Write", insert_notes(document.song, 0, phrase(40, from_tick=BAR)))
    (name,) = shelf.names()
    with pytest.raises(MusicAssistError, match="new notes"):
        shelf.bring_back(name)
    assert takes.phase == "idle"
    shelf.put_at(name, 9 * BAR + 700)
    assert takes.span == (9 * BAR, 13 * BAR) and takes.request is not None and takes.request.kind == PLACED
    takes.audition(2)
    takes.accept()
    assert [note.start_tick for note in desk.notes[-2:]] == [9 * BAR, 9 * BAR + 480]
    assert document.undo_name == "Keep an earlier take"
    assert [shelf[n].fate for n in shelf.names()] == ["kept", "dismissed"]
    shelf.put_into_new_track(name)
    takes.audition(4)
    takes.accept()
    added = document.song.tracks[1]
    assert (added.name, added.notes.pitch.tolist(), int(added.notes.start_tick[0])) == ("Melody", [70, 71, 72, 73], BAR)


def test_another_take_of_an_offer_that_was_kept_replaces_the_one_in_the_song() -> None:
    desk = offered(Desk())
    takes, shelf = desk.session.takes, desk.session.shelf
    takes.accept()
    (name,) = shelf.names()
    shelf.bring_back(name)
    takes.audition(3)
    takes.accept()
    assert [note.pitch for note in desk.notes[4:]] == [70, 71, 72]
    desk.document.apply("Write", insert_notes(desk.document.song, 0, phrase(40, from_tick=2 * BAR)))
    with pytest.raises(MusicAssistError):
        shelf.bring_back(name)


def test_the_track_is_found_where_it_is_now_and_its_loss_is_said() -> None:
    desk = offered(Desk())
    takes, shelf, document = desk.session.takes, desk.session.shelf, desk.document
    takes.dismiss()
    (name,) = shelf.names()
    song = document.song
    document.apply("Order", replace(song, tracks=(Track("Drone", phrase(30)), *song.tracks)))
    shelf.bring_back(name)
    assert takes.track_index == 1
    takes.dismiss()
    document.apply("Tracks", replace(song, tracks=(Track("A", phrase(30)), Track("B", phrase(31)))))
    with pytest.raises(MusicAssistError, match="gone"):
        shelf.bring_back(name)


def test_another_song_has_another_shelf() -> None:
    desk = offered(Desk())
    pages = desk.document.pages
    desk.document.replace_song(add_track(desk.document.song, Track("Bass")), None)
    assert desk.session.takes.phase == "idle" and desk.session.shelf.names() == () and not desk.document.pages
    assert len(pages) == 1  # that of the song before is as it was
    offered(desk)
    assert fates(desk) == ["offered"]


def test_the_oldest_go_where_the_shelf_is_full_but_those_that_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "MAX_OFFERS", 3)
    desk = offered(Desk())
    shelf = desk.session.shelf
    shelf.pin("0001", is_pinned=True)
    for _ in range(5):
        offered(desk)
    assert shelf.names() == ("0006", "0005", "0004", "0001")
    monkeypatch.setattr(shelves, "MAX_BYTES", 1)
    offered(desk)
    assert shelf.names() == ("0007", "0001")
    monkeypatch.setattr(shelves, "MAX_PINNED", 1)
    with pytest.raises(MusicAssistError, match="starred"):
        shelf.pin("0007", is_pinned=True)
    shelf.pin("0001", is_pinned=False)
    assert not shelf["0001"].is_pinned


def test_what_is_thrown_away_can_be_taken_back() -> None:
    desk = offered(Desk())
    shelf = desk.session.shelf
    for _ in range(2):
        offered(desk)
    shelf.pin("0002", is_pinned=True)
    shelf.throw_away("0001")
    assert shelf.names() == ("0003", "0002") and shelf.thrown_count == 1
    shelf.take_back()
    assert shelf.names() == ("0003", "0002", "0001") and shelf.thrown_count == 0
    shelf.throw_all_away()
    assert shelf.names() == ("0003", "0002")  # what is on the desk stays there, what is starred too
    offered(desk)
    assert shelf.names()[0] == "0004"


def test_a_damaged_page_is_left_out_with_a_word() -> None:
    desk = offered(Desk())
    good = desk.document.pages["shelf/0001"]
    pages = {"shelf/0001": good, "shelf/x": Page("{"), "shelf/0003": Page.of({"facts": 1})}
    again = Desk()
    again.document.replace_song(desk.document.song, None, pages=pages)
    assert set(again.session.shelf.unread()) == {"0001", "x", "0003"}  # nothing is read before it is wanted
    assert again.session.shelf.names() == ("0001",) and again.session.shelf.damaged_count == 2
    assert again.session.shelf.unread() == {} and again.session.shelf.last() == "0001"


def test_takes_that_are_too_large_are_said() -> None:
    desk = offered(Desk())
    document = Document(desk.document.song)
    said: list[str] = []
    shelf = Shelf(document, desk.session.takes, say=lambda words, **_: said.append(words))
    offer = desk.session.takes.current
    many = tuple(replace(offer.takes[0], number=n, notes=phrase(n % 100)) for n in range(1, 1002))
    assert shelf.add(replace(offer, takes=many)) is None and shelf.names() == ()
    assert said == ["These takes are too large for the earlier takes."]
    assert shelf.add(offer) == "0001" and shelf["0001"].fate == "heard"
