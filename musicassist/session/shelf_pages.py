"""Offers as pages of a project, and back: what was asked, all takes, the mix, and what became of it.

A page is read as one reads a stranger's file: what is no offer is refused by a ``ValueError``. Fields that came into
the program later take their defaults, so a new field of a wish or a take is written nowhere but there.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from musicassist.composing.request import ACCOMPANY, GIVEN, MAX_BARS, VERBS, GenerationRequest, Part, Place, Take, Wish
from musicassist.document.pages import Page
from musicassist.errors import MusicAssistError
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import SCALES, chord_steps
from musicassist.session.comping import MIX, Comp
from musicassist.session.offers import Fate, Offer
from musicassist.values import field_values, plain_fields, plain_of, value_of

MAX_REFERENCES = 1000  # LIMIT: notes that one page refers to, as a project file has it
_MAX_TICK = 2**31 - 1  # LIMIT: as in an opened file
_MAX_NUMBER = 10_000  # LIMIT: of a take; each mended join makes one more
_NOTE_FIELDS = ("notes", "parts", "new_tracks", "composed")  # of a take: they lie beside the words
_Number = Annotated[int, Meta(ge=0, le=_MAX_TICK)]


@dataclass(frozen=True, eq=False)
class Shelved:
    """An offer in the shelf.

    Attributes:
        offer: As it was when it went; always in the phase ``offered``.
        at_unix_seconds: When its takes came.
        fate: What became of it.
        is_pinned: Whether it stays however full the shelf is.
        track_index: Where the track of its request was when it went; None where that was gone.
        kept: The songs before and after the step that kept one of its takes; None where none was.
    """

    offer: Offer
    at_unix_seconds: float
    fate: Fate = "offered"
    is_pinned: bool = False
    track_index: int | None = None
    kept: tuple[Song, Song] | None = None

    @property
    def request(self) -> GenerationRequest:
        """What was asked."""
        assert self.offer.request is not None
        return self.offer.request


@dataclass(frozen=True)
class _Facts:
    """The words of a page that are no values of other rooms."""

    at: Annotated[float, Meta(ge=0, lt=1e11)]
    fate: Fate
    pinned: bool
    track: _Number | None
    kept: bool
    other: bool
    asked_track: _Number
    rows: _Number  # of the selection; 0 where nothing was selected
    selected: str  # a bit for each of them
    revision: _Number
    auditioned: _Number | None
    comp: Comp | None


class _References:
    """Notes and songs, each once; what the words call them is their number."""

    def __init__(self) -> None:
        self.notes: list[Notes] = []
        self.songs: list[Song] = []

    def number(self, notes: Notes) -> int:
        known = next((row for row, own in enumerate(self.notes) if own is notes), None)
        if known is not None:
            return known
        if len(self.notes) >= MAX_REFERENCES:
            raise ValueError("more notes than a page refers to")
        self.notes.append(notes)
        return len(self.notes) - 1

    def number_of_song(self, song: Song) -> int:
        self.songs.append(song)
        return len(self.songs) - 1


def page_of(shelved: Shelved) -> Page:
    """An offer as a page. Its mix is made again from its comp, and what streamed in is left out.

    Raises:
        ValueError: It holds more than a page does.
    """
    offer, request, found = shelved.offer, shelved.request, _References()
    found.number_of_song(request.song)
    for song in (*filter(None, (request.other,)), *(shelved.kept or ())):
        found.number_of_song(song)
    mask = request.selection
    facts = _Facts(
        at=shelved.at_unix_seconds,
        fate=shelved.fate,
        pinned=shelved.is_pinned,
        track=shelved.track_index,
        kept=shelved.kept is not None,
        other=request.other is not None,
        asked_track=request.track_index,
        rows=len(mask) if mask is not None else 0,
        selected=b64encode(np.packbits(mask).tobytes()).decode() if mask is not None else "",
        revision=request.revision,
        auditioned=offer.auditioned,
        comp=offer.comp,
    )
    wish = {name: getattr(request, name) for name in Wish.__dataclass_fields__}
    place = {name: getattr(request, name) for name in Place.__dataclass_fields__}
    plain = {
        "facts": plain_of(facts),
        "wish": plain_fields(Wish(**wish)),
        "place": plain_fields(Place(**place), without=("other",)),
        "takes": [_plain_take(take, found) for take in offer.takes],
    }
    return Page.of(plain, tuple(found.notes), tuple(found.songs))


def _plain_take(take: Take, found: _References) -> dict[str, Any]:
    plain = plain_fields(take, without=_NOTE_FIELDS)
    plain["notes"] = found.number(take.notes)
    plain["parts"] = [plain_fields(p, without=("notes",)) | {"notes": found.number(p.notes)} for p in take.parts]
    plain["new_tracks"] = found.number_of_song(Song(tracks=take.new_tracks)) if take.new_tracks else None
    return plain


def shelved_of(page: Page) -> Shelved:
    """The reverse of ``page_of``.

    Raises:
        ValueError: The page is damaged or made up.
    """
    try:
        plain = page.plain
        facts: _Facts = value_of(_Facts, plain["facts"], is_exact=False)
        songs = iter(page.songs)
        song = next(songs)
        other = next(songs) if facts.other else None
        kept = (next(songs), next(songs)) if facts.kept else None
        offer = _offer_of(plain, facts, page, song, other)
        shelved = Shelved(offer, facts.at, facts.fate, facts.pinned, facts.track, kept)
        if facts.comp is None:
            return shelved
        return replace(shelved, offer=replace(offer.mixed(facts.comp), auditioned=offer.auditioned))
    except (MusicAssistError, TypeError, KeyError, IndexError, OverflowError, RecursionError, StopIteration) as error:
        raise ValueError("no offer") from error


def _offer_of(plain: Mapping[str, Any], facts: _Facts, page: Page, song: Song, other: Song | None) -> Offer:
    """Without its mix."""
    selection = None
    if facts.rows:
        bits = np.frombuffer(b64decode(facts.selected, validate=True), dtype=np.uint8)
        selection = np.unpackbits(bits, count=facts.rows).astype(np.bool_)
    wish, place = field_values(Wish, plain["wish"]), field_values(Place, plain["place"], without=("other",))
    own = {"track_index": facts.asked_track, "selection": selection, "revision": facts.revision}
    request = GenerationRequest(**{**wish, **place, **own, "song": song, "other": other})
    takes = tuple(_take_of(take, page) for take in plain["takes"])
    _check(request, takes)
    numbers = [take.number for take in takes]
    if facts.comp is not None:
        _check_comp(facts.comp, takes)
    is_there = facts.auditioned in numbers or (facts.auditioned == MIX and facts.comp is not None)
    return Offer("offered", request, takes=takes, auditioned=facts.auditioned if is_there else numbers[0])


def _take_of(plain: Mapping[str, Any], page: Page) -> Take:
    parts = tuple(
        Part(**{**field_values(Part, part, without=("notes",)), "notes": page.notes[_row(part["notes"])]})
        for part in plain["parts"]
    )
    added: tuple[Track, ...] = ()
    if plain["new_tracks"] is not None:
        added = page.songs[_row(plain["new_tracks"])].tracks
    values = field_values(Take, plain, without=_NOTE_FIELDS)
    return Take(**{**values, "notes": page.notes[_row(plain["notes"])], "parts": parts, "new_tracks": added})


def _row(number: object) -> int:
    if type(number) is not int or number < 0:
        raise ValueError("no number of notes")
    return number


# What a stranger could have written that types do not tell.


def _check(request: GenerationRequest, takes: tuple[Take, ...]) -> None:
    tracks = request.song.tracks
    _demand(request.kind in (*VERBS, ACCOMPANY, *GIVEN) and 0 < request.bars <= MAX_BARS)
    _demand(request.track_index < len(tracks))
    rows = tracks[request.track_index].note_count
    _demand(request.selection is None or len(request.selection) == rows)
    _demand(request.other is None or 0 <= request.other_track < len(request.other.tracks))
    _demand(all(0 <= part < len(tracks) for part in request.parts))
    _demand(0 <= request.from_tick <= request.to_tick <= _MAX_TICK and 0 <= (request.at_tick or 0) <= _MAX_TICK)
    _demand(bool(takes) and len({take.number for take in takes}) == len(takes))
    for take in takes:
        _demand(0 <= take.from_tick < take.to_tick <= _MAX_TICK and 0 < take.number <= _MAX_NUMBER)
        _demand(all(0 <= part.track_index < len(tracks) for part in take.parts))
        _demand(0 <= take.in_scale_share <= 1 and 0 <= take.originality <= 1)
        _demand(take.constraints.key is None or take.constraints.key.scale in SCALES)
        for amends in (take.amends, *(part.amends for part in take.parts)):
            _demand(all(0 <= event.tick <= _MAX_TICK and event.data for event in amends.events))
            _demand(all(c.tick >= 0 and c.microseconds_per_beat > 0 for c in amends.tempo_changes))
    for span in (*request.chords, *(span for take in takes for span in take.chords)):
        _demand(0 <= span.from_tick < span.to_tick <= _MAX_TICK and 0 <= span.chord.root < 12)
        chord_steps(span.chord.quality)  # says what it does not know
    _demand(request.constraints.key is None or request.constraints.key.scale in SCALES)


def _check_comp(comp: Comp, takes: tuple[Take, ...]) -> None:
    pieces, span = comp.pieces, (takes[0].from_tick, takes[0].to_tick)
    _demand(bool(pieces) and (pieces[0].from_tick, pieces[-1].to_tick) == span)
    _demand(all(piece.from_tick < piece.to_tick for piece in pieces))
    _demand(all(left.to_tick == right.from_tick for left, right in pairwise(pieces)))
    _demand({piece.take for piece in pieces} <= {take.number for take in takes})
    _demand(all((take.from_tick, take.to_tick) == span for take in takes))
    _demand(not any(take.new_tracks for take in takes))


def _demand(holds: bool) -> None:  # noqa: FBT001  # as an assertion
    if not holds:
        raise ValueError("an offer that nobody made")
