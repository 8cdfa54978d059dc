"""What a story says in words, and what became of its notes since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import phrase
from musicassist.composing.composed import with_composed
from musicassist.composing.request import Constraints, Take
from musicassist.document.document import Document
from musicassist.score.origins import Origin
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.stories import Story, story_at, write_take
from musicassist.session.story_words import Edits, bar_words, edits_since, in_english, regions, story_words
from take_laws import request_of

BAR = 1920


@pytest.fixture
def kept() -> tuple[Document, Origin, Story]:
    """Four quarters in bar 2."""
    song = Song((Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),))
    request = replace(request_of(model="lstm"), song=song, seed=7)
    notes = phrase(67, 69, 71, 72, step_ticks=480, from_tick=BAR)
    take = Take(notes, BAR, 2 * BAR, "lstm", 7, 2, 1.0, 1.0, Constraints(), chosen_from=8)
    document = Document(song)
    write_take(document, with_composed(take, request), request, song, 0, offered=4)
    ((_, origin),) = regions(document.song)
    story = story_at(document.pages, origin)
    assert story is not None
    return document, origin, story


def test_it_says_how_bars_were_composed_and_chosen(kept: tuple[Document, Origin, Story]) -> None:
    document, origin, story = kept
    words = in_english(story_words(story))
    assert words == "asked to go on; composed by lstm; take 2 of 4; chosen among 8; random number 7"
    assert in_english([bar_words(document.song.time_map, origin.from_tick, origin.to_tick)]) == "bar 2"
    assert in_english([bar_words(document.song.time_map, 0, 3 * BAR)]) == "bars 1-3"
    mixed = replace(story, facts=replace(story.facts, pieces=3, model=""))
    assert "composed by rules from the chords; a piece of a mix" in in_english(story_words(mixed))


def with_notes(notes: Notes, change: str) -> Notes:
    rows = list(notes)
    if change == "edited":
        rows[5] = replace(rows[5], pitch=50)
    if change == "removed":
        del rows[5:7]
    if change == "added":
        rows.append(Note(BAR + 100, 40, 10))
    if change == "pinned":
        rows[5] = replace(rows[5], is_pinned=1)
    if change == "elsewhere":
        rows[0] = replace(rows[0], pitch=50)
    return Notes.of(rows)


@pytest.mark.parametrize(
    ("change", "edits", "words"),
    [
        ("none", Edits(4, 0, 0, 0), "as it was composed"),
        ("edited", Edits(4, 1, 0, 0), "1 of 4 notes edited since"),
        ("removed", Edits(4, 0, 2, 0), "2 of 4 notes removed since"),
        ("added", Edits(4, 0, 0, 1), "1 added"),
        ("pinned", Edits(4, 0, 0, 0), "as it was composed"),
        ("elsewhere", Edits(4, 0, 0, 0), "as it was composed"),
    ],
)
def test_edits_are_counted_by_the_notes(
    kept: tuple[Document, Origin, Story], change: str, edits: Edits, words: str
) -> None:
    document, origin, story = kept
    found = edits_since(story, origin, with_notes(document.track.notes, change))
    assert found == edits and in_english(found.words) == words


def test_bars_that_moved_are_compared_where_they_lie(kept: tuple[Document, Origin, Story]) -> None:
    document, origin, story = kept
    notes = document.track.notes
    moved = Notes.from_columns(notes.start_tick + BAR, notes.pitch, notes.duration_ticks, notes.velocity)
    there = Origin(origin.from_tick + BAR, origin.to_tick + BAR, origin.story, BAR)
    assert edits_since(story, there, moved) == Edits(4, 0, 0, 0)
    half = replace(there, from_tick=there.from_tick + 960)
    assert edits_since(story, half, moved) == Edits(2, 0, 0, 0)
