"""A problem in words keeps its sentence and its values apart."""

from __future__ import annotations

from musicassist.errors import SaveError


def test_a_problem_is_a_sentence_and_what_fills_it() -> None:
    problem = SaveError("{file} could not be written: {reason}.", file="a{b}.mid", reason="the disk is full")
    assert str(problem) == "a{b}.mid could not be written: the disk is full."
    assert problem.template.format(**problem.values) == str(problem)
