"""What a terminal is shown while something takes long."""

from __future__ import annotations

import pytest

from musicassist.terminal import BAR_SIGNS, bar, duration


@pytest.mark.parametrize(("share", "filled"), [(0.0, 0), (0.5, BAR_SIGNS // 2), (1.0, BAR_SIGNS), (7.0, BAR_SIGNS)])
def test_a_bar_is_filled_to_its_share(share: float, filled: int) -> None:
    assert bar(share) == f"[{'=' * filled}{' ' * (BAR_SIGNS - filled)}]"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (7500, "2 h 5 min")]
)
def test_how_long_is_told_in_words(seconds: float, told: str) -> None:
    assert duration(seconds) == told
