"""The figures of a latent model, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from corpora import small_corpus
from lab.evaluation.latent import latent_figures, note_f1, notes_of, overlap_areas, rolls_of, spearman
from musicassist.families.latent.vae_learning import measured_windows
from musicassist.tokens.windows import END, MAX_NOTES
from tiny_latent_models import tiny_vae


def windows(*rows: list[tuple[int, int, int]]) -> np.ndarray:
    made = np.full((len(rows), MAX_NOTES, 3), END)
    for row, notes in enumerate(rows):
        made[row, : len(notes)] = np.array(notes).reshape(-1, 3)
    return made


def test_a_note_counts_when_all_its_fields_are_equal() -> None:
    true = windows([(0, 24, 12), (12, 26, 12), (24, 28, 12)], [(0, 24, 12)])
    made = windows([(0, 24, 12), (12, 27, 12), (24, 28, 6)], [(0, 24, 12), (12, 24, 12)])
    assert note_f1(true, made) == pytest.approx(2 * 2 / (4 + 5))
    assert note_f1(true, true) == 1.0


def test_equal_notes_of_different_windows_are_not_the_same() -> None:
    assert note_f1(windows([(0, 24, 12)], []), windows([], [(0, 24, 12)])) == 0.0


def test_overlap_is_the_area_that_two_histograms_share() -> None:
    true = windows([(0, 24, 12), (12, 26, 12), (24, 24, 12), (36, 26, 12)])
    made = windows([(0, 24, 12), (12, 36, 6)])
    areas = overlap_areas(true, made)
    assert areas["pitch class"] == pytest.approx(0.5)  # half of the true notes are the tonic, all of the made ones
    assert areas["interval"] == 0.0
    assert areas["duration"] == pytest.approx(0.5)
    assert areas["onset"] == pytest.approx(0.5)
    assert areas["notes per window"] == 0.0


def test_a_roll_says_what_sounds_and_where_it_begins() -> None:
    roll = rolls_of(windows([(0, 24, 2), (3, 30, 1)]))[0]
    assert roll[:5].tolist() == [24 + 128, 24, -1, 30 + 128, -1]
    assert (roll[5:] == -1).all()


@pytest.mark.parametrize(
    ("second", "expected"), [([1, 2, 3, 4], 1.0), ([9, 7, 5, 1], -1.0), ([1, 3, 2, 4], 0.8), ([0, 5, 5, 6], 0.9487)]
)
def test_rank_correlation(second: list[int], expected: float) -> None:
    assert spearman(np.arange(4), np.array(second)) == pytest.approx(expected, abs=1e-4)


def test_windows_become_notes_that_end() -> None:
    own = measured_windows(small_corpus().sides["valid"])
    notes = notes_of(own)
    assert ((notes[..., 0] < END).sum(1) == own.count).all()


def test_the_table_of_a_model_is_repeatable() -> None:
    pack = small_corpus().sides["valid"]
    rows = latent_figures("tiny", tiny_vae(), pack, "valid", seed=3)
    assert rows == latent_figures("tiny", tiny_vae(), pack, "valid", seed=3)
    values = {row.metric: row.value for row in rows}
    assert 0 <= values["note F1, sampled point, likeliest notes"] < 0.2
    assert 0 < values["overlap area of prior samples, mean"] < 1
    assert 0 <= values["active units"] <= 16
    assert all(row.n > 0 and row.seed == 3 and row.split == "valid" for row in rows)
