"""Pages: what rooms above the document keep in a project, beside the song and out of undo's way.

The document stores them and understands nothing of them: a name such as ``shelf/17``, words as JSON, and the notes and
songs that these speak of. Who writes a page reads it too, and checks it as one checks a stranger's file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from musicassist.score.song import Notes, Song

MAX_PAGES = 20_000  # LIMIT: of one project
MAX_NAME_LETTERS = 200  # LIMIT
MAX_TEXT_LETTERS = 4 * 2**20  # LIMIT: of one page
NOTE_BYTES = 32  # its four columns
MAX_OF_A_PAGE = 1000  # LIMIT: notes, and songs, that one page refers to


@dataclass(frozen=True, eq=False)
class Page:
    """One page.

    Attributes:
        text: JSON, as ``values.plain_of`` gives it.
        notes, songs: What the text refers to by number. Songs share what they can with the one being worked on.
    """

    text: str = "{}"
    notes: tuple[Notes, ...] = ()
    songs: tuple[Song, ...] = ()

    @staticmethod
    def of(plain: object, notes: tuple[Notes, ...] = (), songs: tuple[Song, ...] = ()) -> Page:
        """A page of plain values, see ``values.plain_of``."""
        return Page(json.dumps(plain, separators=(",", ":"), ensure_ascii=False), notes, songs)

    @property
    def plain(self) -> Any:
        """The text as plain values, which may be anything where a stranger wrote it.

        Raises:
            ValueError: It is no JSON.
        """
        try:
            return json.loads(self.text)
        except RecursionError as error:
            raise ValueError("too deep") from error

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Page):
            return NotImplemented
        return (self.text, self.notes, self.songs) == (other.text, other.notes, other.songs)

    __hash__ = None  # type: ignore[assignment]  # notes are not hashable


Pages = Mapping[str, Page]
NO_PAGES: Pages = MappingProxyType({})


def with_page(pages: Pages, name: str, page: Page | None) -> Pages:
    """The pages with one more or another one; None takes it away.

    Raises:
        ValueError: The name or the page is longer, or there are more of them, than a project holds.
    """
    kept = {known: own for known, own in pages.items() if known != name}
    if page is not None:
        is_fitting = len(page.text) <= MAX_TEXT_LETTERS and max(len(page.notes), len(page.songs)) <= MAX_OF_A_PAGE
        if not 0 < len(name) <= MAX_NAME_LETTERS or not is_fitting or len(kept) >= MAX_PAGES:
            raise ValueError(f"no room for the page {name[:MAX_NAME_LETTERS]}")
        kept[name] = page
    return MappingProxyType(kept)


def under(pages: Pages, folder: str) -> dict[str, Page]:
    """The pages whose names begin with ``folder/``, by the rest of it, in the order in which they were kept."""
    start = folder + "/"
    return {name.removeprefix(start): page for name, page in pages.items() if name.startswith(start)}


def held_bytes(pages: Iterable[Page], song: Song) -> int:
    """Size of what pages hold and the song does not; what several of them share counts once."""
    own = {id(track.notes) for track in song.tracks}
    text_bytes, songs = 0, {id(song): song}
    notes: dict[int, Notes] = {}
    for page in pages:
        text_bytes += len(page.text)
        songs |= {id(other): other for other in page.songs}
        notes |= {id(held): held for held in page.notes}
    notes |= {id(track.notes): track.notes for other in songs.values() for track in other.tracks}
    return text_bytes + NOTE_BYTES * sum(len(held) for key, held in notes.items() if key not in own)
