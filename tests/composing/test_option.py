"""Each thing that may be asked for is said once on the command line."""

from __future__ import annotations

from collections import Counter

from musicassist.composing.option import Option, said
from musicassist.composing.request import VERBS, options


def test_what_is_said_of_a_field_is_its_option() -> None:
    assert said("--bars", "how many", "N", (1, 8)) == {"option": Option("--bars", "how many", "N", (1, 8))}


def test_no_flag_is_used_twice_and_all_words_are_known() -> None:
    rows = [option for option, _ in options().values()]
    assert max(Counter(option.flag for option in rows).values()) == 1
    assert {word for option in rows for word in option.words} <= set(VERBS)
    assert all(option.flag.startswith("--") and option.help for option in rows)
