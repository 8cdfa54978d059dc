"""How like its phrase a take is measured to be, and what a slider does, of takes made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.evaluation.sliders import POSITIONS, Course, course, similarity
from musicassist.composing.engine import Engine
from musicassist.composing.request import Constraints, Take
from musicassist.evaluation.phrases import Phrase
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes, Song, Track

BAR, BEAT = 1920, 480
TUNE = Notes.of(Note(n * BEAT, 60 + n % 4 * 2, BEAT) for n in range(8))
SONG = Song((Track("MELODY", TUNE),))


def take_of(notes: Notes) -> Take:
    return Take(notes, 2 * BAR, 3 * BAR, "made", 1, 1, 1.0, 1.0, Constraints())


def test_a_bar_that_comes_again_is_all_alike_and_one_at_other_places_is_not() -> None:
    again = Notes.of(Note(2 * BAR + n * BEAT, 60 + n * 2, BEAT) for n in range(4))
    assert similarity(SONG, TUNE, take_of(again)) == 1
    other = Notes.of(Note(2 * BAR + n * BEAT + 60, 60 + n * 2, BEAT) for n in range(3))
    assert similarity(SONG, TUNE, take_of(other)) == 0
    half = Notes.of([Note(2 * BAR, 60, BEAT), Note(2 * BAR + BEAT, 62, BEAT)])
    assert similarity(SONG, TUNE, take_of(half)) == pytest.approx(2 * 2 / 6)


def test_what_a_slider_did_is_told_of_means_and_of_phrases() -> None:
    rising = np.array(POSITIONS)
    own = Course("surprise", np.stack([rising, rising, -rising]))
    assert (own.of_means, own.of_phrases) == pytest.approx((1, 1 / 3))


def test_the_sliders_of_the_smallest_model_point_the_right_way() -> None:
    phrase = Phrase("toy", replace(SONG), "", Notes.of(), 2 * BAR, 6 * BAR)
    found = course(Engine(checkpoints_folder(), FAMILIES), "surprise", [phrase], model="markov", seed=1)
    assert found.values.shape == (1, len(POSITIONS))
    assert found.of_means > 0.5
