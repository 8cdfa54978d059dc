"""Numbers of a step from the card."""

from __future__ import annotations

import pytest

from musicassist.models.steps import GateConfig, GateField
from musicassist.values import plain_of, value_of

CONFIG = GateConfig((GateField("pitch", 2, 3),), {"net": "lstm"})


def test_its_configuration_survives_the_card() -> None:
    assert value_of(GateConfig, plain_of(CONFIG)) == CONFIG


@pytest.mark.parametrize("sizes", [(0, 3), (2, 0), (1000, 3), (2, 10**9)])
def test_absurd_sizes_are_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="range"):
        GateConfig((GateField("pitch", *sizes),))
