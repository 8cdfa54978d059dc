"""What an option takes, and the words for what it does not."""

from __future__ import annotations

import argparse

import pytest

from musicassist.cli.arguments import number, whole_number


@pytest.mark.parametrize("text", ["1", "8"])
def test_the_limits_of_a_whole_number_are_meant(text: str) -> None:
    assert whole_number(1, 8)(text) == int(text)


@pytest.mark.parametrize(
    ("text", "said"), [("0", "0 is not between 1 and 8"), ("9", "9 is not"), ("2.5", "'2.5' is no whole number")]
)
def test_what_is_no_whole_number_between_them_is_said(text: str, said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=said):
        whole_number(1, 8)(text)


def test_the_least_is_taken_only_where_it_is_meant() -> None:
    assert number(0, 1, is_lowest_meant=True)("0") == 0
    with pytest.raises(argparse.ArgumentTypeError, match="0 is not above 0 and at most 1"):
        number(0, 1)("0")


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1.01"])
def test_what_lies_beside_the_limits_is_no_number_of_an_option(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not at least 0 and at most 1"):
        number(0, 1, is_lowest_meant=True)(text)
