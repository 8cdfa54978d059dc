"""Nets that read our columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from musicassist.composing.predictor import of_melodies
from musicassist.families.recurrent.learning import melody_config


def test_a_net_of_any_size_that_reads_our_columns_fits() -> None:
    config = melody_config("gru", 20, layers=1, head_hidden=10)
    assert of_melodies(config) == config
    with pytest.raises(ValueError, match="something else"):
        of_melodies(replace(config, numbers=3))
