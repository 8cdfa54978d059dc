"""A parameter's choice and its value, in whichever order a keyboard sends the two halves of the choice."""

from __future__ import annotations

import pytest

from musicassist.score.midi_bytes import ParameterReader


@pytest.mark.parametrize("choice", [(101, 100), (100, 101)])
def test_the_range_of_bend_is_read_with_its_cents_on_each_channel_for_itself(choice: tuple[int, int]) -> None:
    reader = ParameterReader()
    for number in choice:
        reader.read(3, number, 0)
    reader.read(3, 6, 12)
    reader.read(3, 38, 50)
    assert reader.bend_semitones(3) == 12.5
    assert reader.bend_semitones(4) is None


def test_a_choice_of_the_makers_parameter_ends_the_registered_one() -> None:
    reader = ParameterReader()
    for number, value in ((101, 0), (100, 6), (99, 1), (98, 2)):
        reader.read(0, number, value)
    assert not reader.is_zone(0)
    assert reader.is_chosen(0)


def test_a_choice_that_was_forgotten_takes_no_value() -> None:
    reader = ParameterReader()
    reader.read(0, 101, 0)
    reader.read(0, 100, 0)
    reader.forget(0)
    assert reader.read(0, 6, 24) == []
    assert reader.bend_semitones(0) is None
