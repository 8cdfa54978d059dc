"""The story of kept bars: what was asked, what composed it, how it was chosen. A page of the document for each stretch.

An ``Origin`` of the track says which bars a story belongs to, and goes where they go.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import numpy as np
from msgspec import Meta

from musicassist.composing.composed import Composed, Stretch, WeightsFile, between
from musicassist.composing.originality import Evidence
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.take_plan import TakePlan
from musicassist.document.document import Document
from musicassist.document.pages import Page, Pages, held_bytes
from musicassist.score.origins import Origin, with_origins
from musicassist.score.song import Notes, Song
from musicassist.session.request_pages import MAX_TICK, plain_request, request_from
from musicassist.session.take_parts import place_now, song_with, step_name
from musicassist.values import plain_of, value_of

FOLDER = "made"
MAX_STORIES = 2000  # LIMIT: of one project; the oldest that no bar comes from any more are forgotten
MAX_HELD_BYTES = 48 * 2**20  # LIMIT: of what they hold and the song does not; then others are forgotten, too
_ID_BYTES = 6
_Tick = Annotated[int, Meta(ge=0, le=MAX_TICK)]
_Text = Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True)
class Facts:
    """What is known of a stretch beside the request and the notes.

    Attributes:
        at_unix_seconds: When it was kept.
        program: Version of the program that composed it.
        from_tick, to_tick: Where the stretch lay when it was composed.
        part: The track that it was written into, by its index in the request's song; below 0 a new one, -1 the first.
        number: Of the take among those of its request, the first is the best where a critic chose.
        offered: How many takes lay beside each other when it was kept.
        chosen_from: How many were composed for them; 0 where none was chosen.
        ranked_by: What put them in order, see ``Take``.
        pieces: How many stretches the take that was kept was put together of; 1 for a whole one.
        model: What composed; empty where no model did.
        weights: The files that had a say.
        is_whole: Whether all notes of the take were kept there, and not some that were picked.
        title: Of an accompaniment, in English.
        plan: What its bars took up.
        evidence: What it had in common with the training music.
    """

    at_unix_seconds: Annotated[float, Meta(ge=0, lt=1e11)]
    program: _Text
    from_tick: _Tick
    to_tick: _Tick
    part: int
    number: Annotated[int, Meta(ge=0, le=10_000)]
    offered: Annotated[int, Meta(ge=0, le=10_000)] = 1
    chosen_from: Annotated[int, Meta(ge=0, le=10_000)] = 0
    ranked_by: _Text = ""
    pieces: Annotated[int, Meta(ge=1, le=10_000)] = 1
    model: _Text = ""
    weights: Annotated[tuple[WeightsFile, ...], Meta(max_length=100)] = ()
    is_whole: bool = True
    title: _Text = ""
    plan: TakePlan | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, eq=False)
class Story:
    """Where some bars come from.

    Attributes:
        facts: How.
        request: What was asked.
        composed: Their notes as they were composed.
        written: The same as they stood in the song when they were kept, by the origin's shift back where they were
            composed; they may end earlier where others begin.
    """

    facts: Facts
    request: GenerationRequest
    composed: Notes
    written: Notes

    def page(self) -> Page:
        """It as a page; see ``story_of``."""
        plain, songs = plain_request(self.request)
        return Page.of({"facts": plain_of(self.facts), "asked": plain}, (self.composed, self.written), songs)


def story_of(page: Page) -> Story:
    """What a page tells.

    Raises:
        ValueError: It is damaged or made up.
    """
    try:
        plain = page.plain
        facts: Facts = value_of(Facts, plain["facts"], is_exact=False)
        composed, written = page.notes
        request = request_from(plain["asked"], page.songs)
    except (TypeError, KeyError) as error:
        raise ValueError("no story") from error
    if facts.from_tick >= facts.to_tick or facts.part >= len(request.song.tracks):
        raise ValueError("a story of nothing")
    return Story(facts, request, composed, written)


def story_at(pages: Pages, origin: Origin) -> Story | None:
    """The story of an origin; None where it is missing or cannot be read."""
    page = pages.get(f"{FOLDER}/{origin.story}")
    try:
        return story_of(page) if page is not None else None
    except ValueError:
        return None


def composed_of(story: Story) -> Composed:
    """How the bars of a story came into being, for a take that they are in again."""
    facts, request = story.facts, story.request
    take = Take(
        story.composed,
        facts.from_tick,
        facts.to_tick,
        facts.model,
        request.seed,
        facts.number,
        1.0,
        1.0,
        request.constraints,
        chosen_from=facts.chosen_from,
        ranked_by=facts.ranked_by,
        title=facts.title,
        plan=facts.plan,
        evidence=facts.evidence,
    )
    return Composed(request, take, facts.weights, facts.part)


# Writing.


def write_take(
    document: Document, take: Take, request: GenerationRequest, song: Song, own_index: int, *, offered: int
) -> None:
    """Puts a take into a song as one step of a document, and keeps the stories of its bars.

    Args:
        document: Gets it.
        take: What is kept.
        request: What it was offered for.
        song: The document's, with the track of the request.
        own_index: Where that is.
        offered: How many takes lay beside each other.
    """
    kept, selected = song_with(take, request, song, own_index)
    kept, pages = told(take, request, song, own_index, kept, offered=offered)
    for name, page in pages.items():
        document.keep_page(name, page)  # first, so that no journal has bars without their story
    document.apply(step_name(take, request), kept, selected_track=selected)
    for name in forgotten(document.pages, document.song):
        document.keep_page(name, None)


def program_version() -> str:
    """Of this program."""
    try:
        return version("musicassist")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "(from source)"


def told(
    take: Take, request: GenerationRequest, before: Song, own_index: int, song: Song, *, offered: int
) -> tuple[Song, dict[str, Page]]:
    """The song with where the bars of a take come from, and the stories of them as pages to be kept.

    Args:
        take: What was written.
        request: What it was offered for.
        before: The song before.
        own_index: Where the track of the request is in it.
        song: With the take in it; its new tracks are the last ones.
        offered: How many takes lay beside each other.
    """
    pages: dict[str, Page] = {}
    now = time.time()
    places, own_place = _places(take, request, before), None if take.is_part_alone else own_index
    new = tuple(range(len(song.tracks) - len(take.new_tracks), len(song.tracks)))
    for stretch in between(take.composed, take.from_tick, take.to_tick):
        for place, part, notes in _parts_of(stretch, own_place, places, new):
            track = song.tracks[place]
            own = track.notes.starting_between(stretch.from_tick, stretch.to_tick)
            count, notes = len(notes), _standing(notes, track.notes.where(own), stretch.shift_ticks)
            if not len(notes):
                continue
            story = Story(
                replace(_facts(stretch, part, now, offered, len(take.composed)), is_whole=len(notes) == count),
                stretch.composed.request,
                notes,
                earlier(track.notes.where(own), stretch.shift_ticks),
            )
            name = secrets.token_hex(_ID_BYTES)
            origin = Origin(stretch.from_tick, stretch.to_tick, name, stretch.shift_ticks)
            pages[f"{FOLDER}/{name}"] = story.page()
            song = song.with_track(place, replace(track, origins=with_origins(track.origins, (origin,))))
    return song, pages


def _places(take: Take, request: GenerationRequest, before: Song) -> dict[int, int]:
    """Where further tracks of a request are that a take writes into, by their index in its song."""
    places = ((part.track_index, place_now(request, part.track_index, before)) for part in take.parts)
    return {index: place for index, place in places if place is not None}


def _parts_of(
    stretch: Stretch, own_place: int | None, places: Mapping[int, int], new: tuple[int, ...]
) -> Iterator[tuple[int, int, Notes]]:
    """Where a stretch was written, which part of its take that is, and the part's notes in it.

    What mends a mix or ends a take otherwise was asked for in the song with it, whose tracks are in the same order.
    """
    take, part = stretch.composed.take, stretch.composed.part
    if part is not None:
        if own_place is not None:
            yield own_place, part, _inside(take.notes, stretch)
        return
    if own_place is not None and not take.is_part_alone:
        yield own_place, stretch.composed.request.track_index, _inside(take.notes, stretch)
    for own in take.parts:
        if own.track_index in places:
            yield places[own.track_index], own.track_index, _inside(own.notes, stretch)
    if len(new) == len(take.new_tracks):
        for number, (place, track) in enumerate(zip(new, take.new_tracks, strict=True)):
            yield place, -1 - number, _inside(track.notes, stretch)


def earlier(notes: Notes, ticks: int) -> Notes:
    """Notes as many ticks earlier; those that would lie before the beginning are left out."""
    kept = notes.where(notes.start_tick >= ticks)
    return Notes.from_columns(kept.start_tick - ticks, kept.pitch, kept.duration_ticks, kept.velocity)


def _standing(notes: Notes, written: Notes, shift_ticks: int) -> Notes:
    """Those of some composed notes that stand in the song; there they may end earlier."""
    there = set(zip((written.start_tick - shift_ticks).tolist(), written.pitch.tolist(), strict=True))
    places = zip(notes.start_tick.tolist(), notes.pitch.tolist(), strict=True)
    return notes.where(np.array([place in there for place in places], dtype=np.bool_))


def _inside(notes: Notes, stretch: Stretch) -> Notes:
    shift = stretch.shift_ticks
    return notes.where(notes.starting_between(stretch.from_tick - shift, stretch.to_tick - shift))


def _facts(stretch: Stretch, part: int, now: float, offered: int, pieces: int) -> Facts:
    take = stretch.composed.take
    return Facts(
        at_unix_seconds=now,
        program=program_version(),
        from_tick=stretch.from_tick - stretch.shift_ticks,
        to_tick=stretch.to_tick - stretch.shift_ticks,
        part=part,
        number=take.number,
        offered=offered,
        chosen_from=take.chosen_from,
        ranked_by=take.ranked_by,
        pieces=pieces,
        model=take.model,
        weights=stretch.composed.weights,
        title=take.title,
        plan=take.plan,
        evidence=take.evidence,
    )


def forgotten(pages: Pages, song: Song) -> tuple[str, ...]:
    """The oldest stories, first those that no bar comes from, where there are too many or they hold too much."""
    own = {name: page for name, page in pages.items() if name.startswith(f"{FOLDER}/")}
    used = {f"{FOLDER}/{origin.story}" for track in song.tracks for origin in track.origins}
    loose = [name for name in own if name not in used]
    gone = loose[: max(0, len(own) - MAX_STORIES)]
    staying = {name: page for name, page in own.items() if name not in gone}
    for name in (*loose[len(gone) :], *(name for name in own if name in used)):
        if held_bytes(staying.values(), song) <= MAX_HELD_BYTES or len(staying) == 1:
            break
        gone.append(name)
        del staying[name]
    return tuple(gone)
