"""Fitting the song of a document to a picture: asked first, then one step that can be taken back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import phrase
from musicassist.document.document import Document
from musicassist.errors import ConstraintError
from musicassist.score.hit_points import HitPoints
from musicassist.score.song import Song, Track
from musicassist.session.picture import PictureCommands


def desk() -> tuple[Document, PictureCommands]:
    """Four bars at 120, the last note held far past the fourth."""
    document = Document()
    notes = phrase(60, 62, 64, 65, step_ticks=1920)
    document.replace_song(Song((Track("Tune", notes), Track("Bass", notes))), None)
    return document, PictureCommands(document)


def test_a_fit_is_asked_without_a_change_and_taken_in_one_step() -> None:
    document, picture = desk()
    before = document.song
    assert (picture.own_bars, picture.end_seconds) == (4, 8.0)
    fit = picture.fit(HitPoints(9.0, (4.5,)))
    assert document.song is before
    picture.apply(fit)
    assert document.song.time_map.tick_to_seconds(4 * 1920) == pytest.approx(9.0, abs=1e-4)
    assert document.undo_name == "Fit to picture"
    document.undo()
    assert document.song is before


def test_fewer_bars_cut_every_track_there() -> None:
    document, picture = desk()
    picture.apply(picture.fit(HitPoints(6.0, bars=3)))
    assert [track.end_tick for track in document.song.tracks] == [3 * 1920] * 2
    assert picture.own_bars == 3


def test_what_cannot_be_met_changes_nothing() -> None:
    document, picture = desk()
    before = document.song
    with pytest.raises(ConstraintError):
        picture.fit(HitPoints(9.0, (9.5,)))
    assert document.song is before


def test_pins_stay_where_notes_are_cut() -> None:
    document, picture = desk()
    notes = replace(document.track.notes, is_pinned=np.array([0, 1, 1, 1]))
    document.apply("pin", document.song.with_track(0, document.track.with_notes(notes)))
    picture.apply(picture.fit(HitPoints(6.0, bars=3)))
    assert document.track.notes.is_pinned.tolist() == [0, 1, 1]
