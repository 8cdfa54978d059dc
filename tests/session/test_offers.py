"""What a press means for the song as it is."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.melody_task import melody_task
from musicassist.composing.request import Constraints, GenerationRequest, Place, Wish, request_of
from musicassist.composing.span import span_of
from musicassist.errors import SeedError
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange
from musicassist.session.offers import CONTINUE, Ask, Controls, ask_for, request_for

BAR = 1920
# four bars of quarter notes in C, three beats a bar from the third bar on
SONG = Song(
    tracks=(Track("Melody", phrase(*(60, 62, 64, 65) * 4, step_ticks=480)), Track("Bass", phrase(43), channel=1)),
    meter_changes=(MeterChange(0, 4, 4), MeterChange(2 * BAR, 3, 4)),
)


def ask(
    kind: str, *, selected: tuple[int, int] | None = None, loop: tuple[int, int] | None = None, playhead: int = 0
) -> Ask:
    return ask_for(kind, SONG, selected=selected, loop=loop, playhead_tick=playhead)


def request(asked: Ask, song: Song = SONG, track: int = 0, controls: Controls | None = None) -> GenerationRequest:
    return request_for(asked, song, track, controls or Controls(), seed=3, revision=9)


def in_key(song: Song, *changes: KeyChange) -> Song:
    return replace(song, key_changes=changes)


def scale(tonic: int, strength: str = "keep") -> Controls:
    return Controls(constraints=Constraints(key=Key(tonic), scale_strength=strength))


def test_the_bars_are_those_that_the_selection_touches() -> None:
    assert ask("infill", selected=(BAR + 480, BAR + 960), loop=(0, 480)) == Ask("infill", BAR, 2 * BAR)
    assert ask("vary", selected=(0, BAR)) == Ask("vary", 0, BAR)
    assert ask("infill", selected=(BAR, 2 * BAR + 1)) == Ask("infill", BAR, 2 * BAR + 1440)


def test_without_a_selection_the_loop_says_which_bars_but_not_what_to_vary() -> None:
    assert ask("infill", loop=(BAR, BAR + 480)) == Ask("infill", BAR, 2 * BAR)
    for kind, loop in (("vary", (0, BAR)), ("infill", None)):
        with pytest.raises(SeedError, match="Select some notes"):
            ask(kind, loop=loop)


def test_something_new_begins_with_the_bar_of_the_playhead() -> None:
    assert ask("generate", playhead=BAR + 700).from_tick == BAR
    assert ask("generate", playhead=2 * BAR).from_tick == 2 * BAR


def test_to_continue_needs_no_bars() -> None:
    assert ask("continue") is CONTINUE
    assert request(CONTINUE).kind == "continue"


def test_a_request_says_all_that_the_panel_is_set_to() -> None:
    controls = Controls(
        bars=2, takes=3, temperature=0.7, top_p=0.8, style="jazz", amount=0.2, model="lstm", models={"vary": "vae"}
    )
    asked = request(Ask("vary", 0, BAR), controls=controls)
    assert (asked.kind, asked.from_tick, asked.to_tick, asked.amount) == ("vary", 0, BAR, 0.2)
    assert (asked.bars, asked.takes, asked.temperature, asked.top_p, asked.style) == (2, 3, 0.7, 0.8, "jazz")
    assert (asked.model, asked.seed, asked.revision, asked.song) == ("vae", 3, 9, SONG)
    assert request(Ask("infill", 0, BAR), controls=controls).model == "lstm"


def test_whatever_a_wish_or_a_place_holds_is_in_the_request() -> None:
    """So a new field of either is written once, where it is defined."""
    wish, place = Wish(bars=7, style="folk"), Place(kind="vary", to_tick=BAR)
    asked = request_of(wish, place, SONG, seed=5)
    for part in (wish, place):
        for row in fields(part):
            if row.name != "seed":
                assert getattr(asked, row.name) == getattr(part, row.name)
    assert {row.name for row in fields(Wish)} < {row.name for row in fields(Controls)}


def test_the_second_phrase_goes_along() -> None:
    other = Song(tracks=(Track("", phrase(72)),))
    asked = request(Ask("interpolate", 0, BAR, other=other))
    assert asked.other is other


def test_the_scale_is_the_chosen_one_else_the_songs_else_that_of_the_notes_around() -> None:
    bars = Ask("infill", BAR, 2 * BAR)
    in_g = in_key(SONG, KeyChange(0, 0), KeyChange(BAR, 7))
    for asked, song in ((bars, in_g), (CONTINUE, in_g)):
        assert request(asked, song, controls=scale(4)).constraints.key == Key(4)
        assert request(asked, song).constraints.key == Key(7)
        assert request(asked).constraints.key == Key(0)
        assert request(asked, song, controls=scale(4, "off")).constraints.key is None


def test_the_scale_is_that_of_the_place_where_the_new_notes_begin_as_the_engine_sees_it() -> None:
    song = in_key(SONG, KeyChange(0, 5), KeyChange(SONG.end_tick, 2))
    asked = request(CONTINUE, song)
    assert asked.constraints.key == Key(2) == melody_task(replace(asked, constraints=Constraints())).key


def test_something_new_in_an_empty_track_is_in_the_key_of_the_others_and_free_beside_drums_alone() -> None:
    drums = Track("Drums", phrase(36, 38, 42), channel=DRUM_CHANNEL)
    bass = Track("Bass", phrase(43, 50, 47, 43), channel=1)
    assert request(Ask("generate"), Song(tracks=(Track(), drums, bass))).constraints.key == Key(7)
    assert request(Ask("generate"), Song(tracks=(Track(), drums))).constraints.key is None


@pytest.mark.parametrize(
    ("asked", "song", "words"),
    [
        (Ask("infill", 0, 5 * BAR), SONG, "no notes around"),
        (Ask("vary", 10 * BAR, 11 * BAR), SONG, "no notes to vary"),
        (Ask("interpolate", 10 * BAR, 11 * BAR), SONG, "no notes to vary"),
        (Ask("infill", 0, BAR), Song(tracks=(Track("", phrase(36), DRUM_CHANNEL),)), "Drums cannot be filled in"),
        (Ask("generate"), Song(tracks=(Track("", phrase(36), DRUM_CHANNEL),)), "Drums cannot be composed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: Ask, song: Song, words: str) -> None:
    with pytest.raises(SeedError, match=words):
        request(asked, song)


def test_the_selected_phrase_is_continued_from_its_end_to_a_bar_line() -> None:
    notes = SONG.tracks[0].notes
    phrase_of_two = Ask(source="selection", phrase=notes.where(np.arange(len(notes)) < 2))
    asked = request(phrase_of_two, controls=Controls(bars=2))
    assert asked.selection is not None and asked.selection.sum() == 2
    span = span_of(asked)
    assert (span.from_tick, span.to_tick) == (960, 2 * BAR + 1440)
    assert request(CONTINUE).selection is None


def test_nothing_to_continue_is_refused_in_words() -> None:
    with pytest.raises(SeedError, match="no notes"):
        request(CONTINUE, Song(tracks=(Track(),)))
    with pytest.raises(SeedError, match="Drums"):
        request(CONTINUE, Song(tracks=(Track(channel=DRUM_CHANNEL, notes=phrase(36)),)))
