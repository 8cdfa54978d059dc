"""How large a shelf of 200 offers is, and how long it takes to read: ``python -m lab.window.shelf_size``.

Ten offers of four takes are composed for the demo song, with ten random numbers from 1 on; each is kept 20 times, with
columns of its own. Sizes are those of a whole record of the song with its pages, less that of the song alone.
"""

from __future__ import annotations

import time
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from musicassist.composing.composed import Composed, Stretch
from musicassist.composing.request import GenerationRequest, Take
from musicassist.document.document import Document
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.pages import NO_PAGES, Page, Pages
from musicassist.families.registry import make_engine
from musicassist.midi import read_song
from musicassist.resources import demo_song
from musicassist.score.song import NOTE_COLUMNS, Notes
from musicassist.session.offers import Offer
from musicassist.session.shelf_pages import Shelved, page_of, shelved_of

OFFERS, COMPOSED = 200, 10


class Composer(Protocol):
    """What makes takes."""

    def generate(self, request: GenerationRequest) -> tuple[Take, ...]:
        """Those that were asked for."""
        ...


def own_columns(take: Take) -> Take:
    """The take with columns that nobody shares, also as it was composed."""
    notes = Notes.from_columns(*(getattr(take.notes, name) for name in NOTE_COLUMNS))
    made = replace(take, notes=notes)
    stretches = tuple(
        Stretch(s.from_tick, s.to_tick, Composed(s.composed.request, replace(made, composed=()), s.composed.weights))
        for s in take.composed
    )
    return replace(made, composed=stretches)


def measured(document: Document, engine: Composer, offers: int = OFFERS, composed: int = COMPOSED) -> dict[str, float]:
    """Bytes and seconds, of so many offers, of which so many are composed."""
    pages: dict[str, Page] = {}
    for seed in range(1, composed + 1):
        request = GenerationRequest("continue", document.song, document.selected_track, seed=seed)
        takes = engine.generate(request)
        for row in range(offers // composed):
            offer = Offer("offered", request, takes=tuple(map(own_columns, takes)), auditioned=1)
            pages[f"shelf/{seed:02}{row:02}"] = page_of(Shelved(offer, 1e9, "dismissed", track_index=0))

    def size(kept: Pages) -> int:
        return len(pack_entry(Entry(document.song, None, document.selected_track, pages=kept), None))

    whole = pack_entry(Entry(document.song, None, document.selected_track, pages=MappingProxyType(pages)), None)
    again = unpack_entry(whole, None).pages
    began = time.perf_counter()
    for page in again.values():
        shelved_of(page)
    return {
        "song bytes": size(NO_PAGES),
        "shelf bytes": len(whole) - size(NO_PAGES),
        "bytes an offer": (len(whole) - size(NO_PAGES)) / len(pages),
        "seconds to read all": time.perf_counter() - began,
    }


def main() -> None:
    """Prints it."""
    for name, value in measured(Document(read_song(demo_song()).song), make_engine()).items():
        print(f"{name}: {value:,.3f}".rstrip("0").rstrip("."))


if __name__ == "__main__":
    main()
