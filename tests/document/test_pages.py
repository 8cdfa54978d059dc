"""Pages beside the song: kept by name, out of undo's way, within bounds."""

from __future__ import annotations

import pytest

from builders import phrase, song_of
from musicassist.document.document import Document, DocumentChange
from musicassist.document.pages import MAX_TEXT_LETTERS, NO_PAGES, Page, under, with_page
from musicassist.document.song_edits import set_tempo


def test_a_page_gives_its_words_notes_and_songs_back() -> None:
    song = song_of(phrase(60, 62))
    page = Page.of({"at": 1.5, "words": "für Elise"}, (phrase(64),), (song,))
    assert page.plain == {"at": 1.5, "words": "für Elise"}
    assert page == Page(page.text, (phrase(64),), (song,)) != Page(page.text)


def test_pages_are_found_by_folder_in_the_order_in_which_they_came() -> None:
    pages = NO_PAGES
    for name in ("shelf/2", "view", "shelf/1"):
        pages = with_page(pages, name, Page.of(name))
    assert list(under(pages, "shelf")) == ["2", "1"]
    assert list(with_page(pages, "shelf/2", None)) == ["view", "shelf/1"]
    assert list(pages) == ["shelf/2", "view", "shelf/1"]  # the old ones stay as they were


def test_what_is_too_long_for_a_project_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        with_page(NO_PAGES, "x" * 201, Page())
    with pytest.raises(ValueError, match="no room"):
        with_page(NO_PAGES, "x", Page("x" * (MAX_TEXT_LETTERS + 1)))


def test_undo_leaves_pages_alone_and_another_song_brings_its_own() -> None:
    document = Document(song_of(phrase(60)))
    told: list[DocumentChange] = []
    document.subscribe(told.append)
    document.apply("Tempo", set_tempo(document.song, 0, 90))
    document.keep_page("view", Page.of([1, 2]))
    document.undo()
    assert document.pages["view"].plain == [1, 2]
    assert [change.kind for change in told] == ["song", "pages", "song"]
    assert not document.is_modified
    document.replace_song(document.song, None)
    assert not document.pages


def test_damaged_words_of_a_page_are_no_json() -> None:
    for text in ("{", "[" * 100_000):
        with pytest.raises(ValueError):
            Page(text).plain  # noqa: B018
