"""Requests and offers as values."""

from __future__ import annotations

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import span_of
from musicassist.errors import SeedError
from musicassist.score.song import DRUM_CHANNEL, Mask, Note, Song, Track
from musicassist.score.theory import Key
from musicassist.session.offers import Controls, Offer, continuation_request

SONG = Song(tracks=(Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),))


def request(
    song: Song = SONG, *rows: int, controls: Controls | None = None, key: Key | None = None
) -> GenerationRequest:
    selection: Mask = np.isin(np.arange(len(song.tracks[0].notes)), rows)
    return continuation_request(song, 0, selection, controls or Controls(), song_key=key, seed=3, revision=9)


def test_a_request_says_all_that_the_panel_is_set_to() -> None:
    controls = Controls(bars=2, takes=3, temperature=0.7, top_p=0.8, model="markov", style="jazz")
    asked = request(controls=controls)
    assert (asked.bars, asked.takes, asked.temperature, asked.top_p) == (2, 3, 0.7, 0.8)
    assert (asked.model, asked.style, asked.seed, asked.revision) == ("markov", "jazz", 3, 9)
    assert asked.song is SONG
    assert asked.selection is None


def test_the_scale_is_the_chosen_one_else_the_songs_else_the_detected() -> None:
    assert request(controls=Controls(key=Key(4))).constraints.key == Key(4)
    assert request(key=Key(7)).constraints.key == Key(7)
    assert request().constraints.key == Key(0)
    assert request(controls=Controls(is_in_scale=False, key=Key(4)), key=Key(7)).constraints.key is None


def test_the_span_goes_from_the_end_of_the_seed_to_a_bar_line() -> None:
    span = span_of(request(SONG, 0, 1, controls=Controls(bars=2)))
    assert (span.from_tick, span.to_tick) == (960, 3 * 1920)


def test_drums_and_emptiness_are_refused_in_words() -> None:
    with pytest.raises(SeedError, match="no notes"):
        request(Song(tracks=(Track(),)))
    with pytest.raises(SeedError, match="Drums"):
        request(Song(tracks=(Track(channel=DRUM_CHANNEL, notes=phrase(36)),)))


def test_notes_stream_into_their_takes_in_any_order() -> None:
    offer = Offer().with_note(3, Note(0, 60, 10)).with_note(1, Note(5, 61, 10)).with_note(3, Note(10, 62, 10))
    assert [len(offer.notes(number)) for number in range(5)] == [0, 1, 0, 2, 0]
    assert list(offer.notes(3)) == [Note(0, 60, 10), Note(10, 62, 10)]
    assert offer.audition is None
