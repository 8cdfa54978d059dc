"""Bits of the notes."""

from __future__ import annotations

import numpy as np
import pytest

from musicassist.learning.batches import HIDE_ALL_CONDITIONS, HIDE_FUTURE, mean_bits_per_note, melody_bits
from short_trainings import CORPUS
from tiny_models import tiny_model


def test_bits_count_every_note_of_every_melody_once() -> None:
    model, pack = tiny_model(), CORPUS.sides["valid"]
    bits = melody_bits(model, pack, HIDE_ALL_CONDITIONS)
    assert [own.shape for own in bits] == [(39, 4)] * 3
    assert all((own > 0).all() for own in bits)
    assert mean_bits_per_note(bits) == pytest.approx(float(np.mean([own[:, :3].sum(1).mean() for own in bits])))
    one_by_one = melody_bits(model, pack, HIDE_ALL_CONDITIONS, batch_notes=1)
    for one, other in zip(bits, one_by_one, strict=True):
        assert np.allclose(one, other, atol=1e-4)


def test_what_is_known_changes_the_bits() -> None:
    model, pack = tiny_model(), CORPUS.sides["valid"]
    plain, known = (mean_bits_per_note(melody_bits(model, pack, own)) for own in (HIDE_ALL_CONDITIONS, HIDE_FUTURE))
    assert plain != known
