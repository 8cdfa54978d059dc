"""Keys as people labelled them, and how an answer is judged."""

from __future__ import annotations

from builders import phrase
from lab.evaluation.labelled_keys import LabelledKey, contradicts
from musicassist.score.theory import Key, parse_key


def test_what_is_right_and_what_relative() -> None:
    stretch = LabelledKey("pop909", "test", 4, Key(9, "minor"), True, ())
    names = ("A minor", "A dorian", "A phrygian", "C major", "D dorian", "A major", "D minor")
    assert [stretch.is_right(parse_key(name)) for name in names] == [True, True, True, False, False, False, False]
    near = [stretch.is_right_or_relative(parse_key(name)) for name in names]
    assert near == [True, True, True, True, True, False, False]
    assert not stretch.is_right_or_relative(None)
    signature = LabelledKey("lieder", "test", 4, Key(0), False, ())
    assert [signature.is_right_or_relative(parse_key(n)) for n in ("A minor", "C mixolydian")] == [True, False]


def test_a_scale_contradicts_notes_that_have_the_other_form_of_its_degree() -> None:
    def of(*pitches: int) -> bool:
        evidence = phrase(*pitches).key_evidence
        assert evidence is not None
        return contradicts(parse_key(name), evidence)

    name = "D major"
    assert of(62, 64, 65, 69)
    assert not of(62, 64, 66, 65, 69)
    name = "A minor"
    assert not of(69, 71, 72, 68, 69)
    assert of(69, 71, 73, 68, 69)
