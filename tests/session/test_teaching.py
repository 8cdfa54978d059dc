"""A bar is asked about, heard without what makes it strong, and left as it was."""

from __future__ import annotations

import pytest

from builders import phrase
from musicassist.document.edits import delete_notes
from musicassist.errors import SeedError
from musicassist.harmony.lessons import Feature
from musicassist.score.chord_track import ChordSpan
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Song, Track
from musicassist.score.theory import parse_chord
from session_desk import Desk

BAR = 1920
SPANS = [ChordSpan(0, BAR, parse_chord("G7")), ChordSpan(BAR, 2 * BAR, parse_chord("C"))]


def desk() -> Desk:
    line = phrase(67, 71, 74, 71, 72, 76, 79, 72, step_ticks=480)
    return Desk(Song(tracks=(Track("Melody", line), Track("Kit", phrase(36), channel=DRUM_CHANNEL))))


def test_a_bar_is_heard_without_its_cadence_with_the_bar_before_it() -> None:
    stage = desk()
    teaching = stage.session.teaching
    teaching.look(1, SPANS)
    features = [lesson.feature for lesson in teaching.lessons]
    row = features.index(Feature.CADENCE)
    teaching.hear_without(row)
    assert stage.sound.heard == teaching.lessons[row].without
    assert (stage.sound.heard_place, stage.sound.loop, stage.sound.is_playing) == (
        (0, BAR, 2 * BAR),
        (0, 2 * BAR),
        True,
    )
    teaching.hear_without(row)
    assert (stage.sound.heard, stage.sound.loop, teaching.without) == (None, None, None)
    assert "lessons" in stage.kinds()


def test_an_edit_or_another_track_ends_it() -> None:
    stage = desk()
    teaching = stage.session.teaching
    teaching.look(1, SPANS)
    teaching.hear_without(0)
    stage.select(0)
    assert teaching.bar == 1
    stage.document.apply("Delete", delete_notes(stage.document.song, 0, stage.document.selection))
    assert (teaching.bar, teaching.lessons, stage.sound.heard) == (None, (), None)
    teaching.look(1, SPANS)
    stage.document.select_track(1)
    assert teaching.bar is None


def test_where_there_is_nothing_to_say_it_is_said() -> None:
    stage = desk()
    with pytest.raises(SeedError, match="No note"):
        stage.session.teaching.look(5, SPANS)
    stage.document.select_track(1)
    with pytest.raises(SeedError, match="No note"):
        stage.session.teaching.look(0, SPANS)


def test_while_takes_are_on_offer_they_alone_sound() -> None:
    stage = desk()
    stage.session.teaching.look(1, SPANS)
    stage.session.takes.ask()
    made = stage.makes()
    stage.session.teaching.hear_without(0)
    assert stage.sound.heard is made[0].notes and stage.session.teaching.without is None
