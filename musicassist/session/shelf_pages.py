"""Offers as pages of a project, and back: what was asked, all takes, the mix, and what became of it.

A page is read as one reads a stranger's file: what is no offer is refused by a ``ValueError``. Fields that came into
the program later take their defaults, so a new field of a wish or a take is written nowhere but there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Any

from msgspec import Meta

from musicassist.composing.composed import Composed, Stretch, WeightsFile
from musicassist.composing.request import ACCOMPANY, GIVEN, VERBS, GenerationRequest, Part, Take
from musicassist.document.pages import Page
from musicassist.errors import MusicAssistError
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import SCALES, chord_steps
from musicassist.session.comping import MIX, Comp
from musicassist.session.offers import Fate, Offer
from musicassist.session.request_pages import MAX_TICK, plain_request, request_from
from musicassist.values import field_values, plain_fields, plain_of, value_of

MAX_REFERENCES = 1000  # LIMIT: notes that one page refers to, as a project file has it; songs, too
_MAX_NUMBER = 10_000  # LIMIT: of a take; each mended join makes one more
_APART = ("notes", "parts", "new_tracks", "composed")  # fields of a take that are written in another way
_Number = Annotated[int, Meta(ge=0, le=MAX_TICK)]


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
    auditioned: _Number | None
    comp: Comp | None
    blind: bool = False


class _Writing:
    """Notes, songs, requests and how takes came into being, each once; the words say their numbers."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self.notes: list[Notes] = []
        self.songs: list[Song] = []
        self.requests: list[dict[str, Any]] = []
        self.made: list[dict[str, Any]] = []
        self.weights: list[list[dict[str, Any]]] = []
        self._numbers: dict[int, int] = {}  # by identity
        self._kept: list[object] = []  # so that no identity is used again

    def _number(self, value: object, things: list[Any], of: Any) -> int:
        known = self._numbers.get(id(value))
        if known is not None:
            return known
        if len(things) >= MAX_REFERENCES:
            raise ValueError("more than a page refers to")
        things.append(of)
        self._kept.append(value)
        return self._numbers.setdefault(id(value), len(things) - 1)

    def of_notes(self, notes: Notes) -> int:
        return self._number(notes, self.notes, notes)

    def of_song(self, song: Song) -> int:
        return self._number(song, self.songs, song)

    def of_request(self, request: GenerationRequest) -> int:
        if id(request) in self._numbers:
            return self._numbers[id(request)]
        plain, songs = plain_request(request)
        return self._number(request, self.requests, plain | {"songs": list(map(self.of_song, songs))})

    def of_composed(self, composed: Composed) -> int:
        """A take that is on offer as it was composed, as most are, is written once."""
        if id(composed) in self._numbers:
            return self._numbers[id(composed)]
        take = composed.take
        itself = next((row for row, own in enumerate(self._offer.takes) if own == take), None)
        plain = {
            "request": self.of_request(composed.request),
            "take": itself if itself is not None else self.of_take(replace(take, composed=())),
            "weights": self._number(composed.weights, self.weights, [plain_of(file) for file in composed.weights]),
            "part": composed.part,
        }
        return self._number(composed, self.made, plain)

    def of_take(self, take: Take) -> dict[str, Any]:
        parts = [plain_fields(p, without=("notes",)) | {"notes": self.of_notes(p.notes)} for p in take.parts]
        return plain_fields(take, without=_APART) | {
            "notes": self.of_notes(take.notes),
            "parts": parts,
            "new_tracks": self.of_song(Song(tracks=take.new_tracks)) if take.new_tracks else None,
            "composed": [(s.from_tick, s.to_tick, self.of_composed(s.composed), s.shift_ticks) for s in take.composed],
        }


def page_of(shelved: Shelved) -> Page:
    """An offer as a page. Its mix is made again from its comp, and what streamed in is left out.

    Raises:
        ValueError: It holds more than a page does.
    """
    offer, written = shelved.offer, _Writing(shelved.offer)
    known = shelved.at_unix_seconds, shelved.fate, shelved.is_pinned, shelved.track_index
    facts = _Facts(*known, offer.auditioned, offer.comp, offer.is_blind)
    plain = {
        "facts": plain_of(facts),
        "asked": written.of_request(shelved.request),
        "fits": written.of_request(offer.fits) if offer.fits is not None else None,
        "kept": list(map(written.of_song, shelved.kept or ())),
        "takes": [written.of_take(take) for take in offer.takes],
        "requests": written.requests,
        "made": written.made,
        "weights": written.weights,
    }
    return Page.of(plain, tuple(written.notes), tuple(written.songs))


def shelved_of(page: Page) -> Shelved:
    """The reverse of ``page_of``.

    Raises:
        ValueError: The page is damaged or made up.
    """
    try:
        return _Reading(page).shelved()
    except (MusicAssistError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise ValueError("no offer") from error


class _Reading:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._plain = page.plain
        self._weights = value_of(tuple[tuple[WeightsFile, ...], ...], self._plain["weights"])
        self._requests = [self._request(plain) for plain in self._plain["requests"]]

    def shelved(self) -> Shelved:
        plain = self._plain
        facts: _Facts = value_of(_Facts, plain["facts"], is_exact=False)
        request = self._requests[_row(plain["asked"])]
        bare = [self._take(take) for take in plain["takes"]]
        made = [self._composed(row, bare) for row in plain["made"]]
        takes = tuple(
            replace(
                take, composed=tuple(Stretch(*_span(row), made[_row(row[2])], _shift(row)) for row in own["composed"])
            )
            for take, own in zip(bare, plain["takes"], strict=True)
        )
        _check(request, takes)
        numbers = [take.number for take in takes]
        is_there = facts.auditioned in numbers or (facts.auditioned == MIX and facts.comp is not None)
        fits = self._requests[_row(plain["fits"])] if plain.get("fits") is not None else None
        offer = Offer("offered", request, takes=takes, auditioned=numbers[0], is_blind=facts.blind, fits=fits)
        offer = replace(offer, auditioned=facts.auditioned) if is_there else offer
        if facts.comp is not None:
            _check_comp(facts.comp, takes)
            offer = replace(offer.mixed(facts.comp), auditioned=offer.auditioned)
        songs = [self._song(number) for number in plain["kept"]]
        kept = (songs[0], songs[1]) if songs else None
        return Shelved(offer, facts.at, facts.fate, facts.pinned, facts.track, kept)

    def _song(self, number: object) -> Song:
        return self._page.songs[_row(number)]

    def _notes(self, number: object) -> Notes:
        return self._page.notes[_row(number)]

    def _request(self, plain: Mapping[str, Any]) -> GenerationRequest:
        return request_from(plain, tuple(map(self._song, plain["songs"])))

    def _take(self, plain: Mapping[str, Any]) -> Take:
        """Without how it came into being."""
        parts = tuple(
            Part(**{**field_values(Part, part, without=("notes",)), "notes": self._notes(part["notes"])})
            for part in plain["parts"]
        )
        added: tuple[Track, ...] = () if plain["new_tracks"] is None else self._song(plain["new_tracks"]).tracks
        apart = {"notes": self._notes(plain["notes"]), "parts": parts, "new_tracks": added}
        return Take(**{**field_values(Take, plain, without=_APART), **apart})

    def _composed(self, plain: Mapping[str, Any], takes: list[Take]) -> Composed:
        own = plain["take"]
        weights = self._weights[_row(plain["weights"])]
        take = takes[_row(own)] if type(own) is int else self._take(own)
        request = self._requests[_row(plain["request"])]
        _check(request, (take,))
        part = plain.get("part")
        _demand(part is None or (type(part) is int and abs(part) <= MAX_TICK))
        return Composed(request, take, weights, part)


def _row(number: object) -> int:
    if type(number) is not int or number < 0:
        raise ValueError("no number of a row")
    return number


def _span(row: Any) -> tuple[int, int]:
    _demand(_row(row[0]) < _row(row[1]) <= MAX_TICK)
    return row[0], row[1]


def _shift(row: Any) -> int:
    ticks = row[3] if len(row) > 3 else 0
    _demand(type(ticks) is int and abs(ticks) <= MAX_TICK)
    return int(ticks)


# What a stranger could have written that types do not tell.


def _check(request: GenerationRequest, takes: tuple[Take, ...]) -> None:
    tracks = request.song.tracks
    _demand(request.kind in (*VERBS, ACCOMPANY, *GIVEN))
    _demand(bool(takes) and len({take.number for take in takes}) == len(takes))
    for take in takes:
        _demand(0 <= take.from_tick < take.to_tick <= MAX_TICK and 0 < take.number <= _MAX_NUMBER)
        _demand(all(0 <= part.track_index < len(tracks) for part in take.parts))
        _demand(0 <= take.in_scale_share <= 1 and 0 <= take.originality <= 1)
        _demand(take.constraints.key is None or take.constraints.key.scale in SCALES)
        for amends in (take.amends, *(part.amends for part in take.parts)):
            _demand(all(0 <= event.tick <= MAX_TICK and event.data for event in amends.events))
            _demand(all(c.tick >= 0 and c.microseconds_per_beat > 0 for c in amends.tempo_changes))
        for span in take.chords:
            _demand(0 <= span.from_tick < span.to_tick <= MAX_TICK and 0 <= span.chord.root < 12)
            chord_steps(span.chord.quality)  # says what it does not know


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
