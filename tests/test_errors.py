"""A problem in words keeps its sentence and its values apart."""

from __future__ import annotations

from pathlib import Path

from musicassist.errors import SaveError, Words


def test_a_problem_is_a_sentence_and_what_fills_it() -> None:
    problem = SaveError("{file} could not be written: {reason}.", file="a{b}.mid", reason="the disk is full")
    assert str(problem) == "a{b}.mid could not be written: the disk is full."
    assert problem.template.format(**problem.values) == str(problem)


def test_words_are_english_as_a_text_and_keep_their_template() -> None:
    reason = SaveError("{file} is larger than {limit} MB.", file=Path("a.mid"), limit=32).words
    words = Words("Not saved: {reason}", {"reason": reason})
    assert f"{words}" == "Not saved: a.mid is larger than 32 MB."
    assert words.values == {"reason": ("{file} is larger than {limit} MB.", {"file": "a.mid", "limit": 32})}
