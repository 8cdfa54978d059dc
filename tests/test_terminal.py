"""What a terminal is shown: how long things take, and foreign texts that it does not obey."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.terminal import BAR_SIGNS, bar, duration, plain, width


@pytest.mark.parametrize(("share", "filled"), [(0.0, 0), (0.5, BAR_SIGNS // 2), (1.0, BAR_SIGNS), (7.0, BAR_SIGNS)])
def test_a_bar_is_filled_to_its_share(share: float, filled: int) -> None:
    assert bar(share) == f"[{'=' * filled}{' ' * (BAR_SIGNS - filled)}]"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (7500, "2 h 5 min")]
)
def test_how_long_is_told_in_words(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Lead\x1b[2J\x1b[31mred", r"Lead\x1b[2J\x1b[31mred"),
        ("one\ntwo\rthree\tfour", r"one\ntwo\rthree\tfour"),
        ("bell\x07 delete\x7f csi\x9b2J", r"bell\x07 delete\x7f csi\x9b2J"),
        ("right\u202eto left\u2066", r"right\u202eto left\u2066"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("half a sign \ud83d", r"half a sign \ud83d"),
        ("Flöte ピアノ Гитара بيانو 🎻 n\u0303", "Flöte ピアノ Гитара بيانو 🎻 n\u0303"),
    ],
)
def test_control_codes_are_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text())
def test_any_text_is_one_line_that_moves_nothing(text: str) -> None:
    shown = plain(text)
    assert shown.splitlines() in ([], [shown])
    assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in shown)


def test_signs_of_east_asia_take_two_columns_and_marks_none() -> None:
    assert [width(text) for text in ("abc", "ピアノ", "n\u0303", "ｷﾞﾀｰ")] == [3, 6, 1, 4]
