"""The plan of a take: its idea, what each of its bars takes up, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from musicassist.composing.plan import POINTING, UNKNOWN_BAR, BarPlan, Ending, Relation
from musicassist.errors import QT_TRANSLATE_NOOP


class Intent(StrEnum):
    """The idea of a take."""

    ANSWER = "answer"  # begins as the phrase began, goes on in another way
    REPEAT_AND_CLOSE = "repeat"
    GO_ON = "go-on"
    CONTRAST = "contrast"  # a new idea, which may return in itself
    SEQUENCE_UP = "sequence"


INTENTS = tuple(str(intent) for intent in Intent)
_IDEAS = {  # in the words of takes: "answers bars 1-4, ends open"
    Intent.ANSWER: QT_TRANSLATE_NOOP("Plans", "answers bars {first}-{last}"),
    Intent.REPEAT_AND_CLOSE: QT_TRANSLATE_NOOP("Plans", "repeats bars {first}-{last}"),
    Intent.GO_ON: QT_TRANSLATE_NOOP("Plans", "goes on"),
    Intent.CONTRAST: QT_TRANSLATE_NOOP("Plans", "new idea"),
    Intent.SEQUENCE_UP: QT_TRANSLATE_NOOP("Plans", "takes bar {first} higher"),
    None: QT_TRANSLATE_NOOP("Plans", "your plan"),
}
_IDEAS_OF_ONE_BAR: dict[Intent | None, str] = {
    Intent.ANSWER: QT_TRANSLATE_NOOP("Plans", "answers bar {first}"),
    Intent.REPEAT_AND_CLOSE: QT_TRANSLATE_NOOP("Plans", "repeats bar {first}"),
}
_ENDS = {
    Ending.OPEN: QT_TRANSLATE_NOOP("Plans", "ends open"),
    Ending.CLOSED: QT_TRANSLATE_NOOP("Plans", "closes"),
}
_BARS = {  # of one bar of a plan
    Relation.NEW: QT_TRANSLATE_NOOP("Plans", "new"),
    Relation.RHYTHM: QT_TRANSLATE_NOOP("Plans", "rhythm of bar {first}"),
    Relation.SAME: QT_TRANSLATE_NOOP("Plans", "as bar {first}"),
    Relation.SEQUENCE_UP: QT_TRANSLATE_NOOP("Plans", "bar {first}, higher"),
    Relation.SEQUENCE_DOWN: QT_TRANSLATE_NOOP("Plans", "bar {first}, lower"),
    Relation.HELD: QT_TRANSLATE_NOOP("Plans", "nothing new"),
    Relation.UNKNOWN: QT_TRANSLATE_NOOP("Plans", "free"),
}
_CYCLE = (Relation.NEW, Relation.SAME, Relation.RHYTHM, Relation.SEQUENCE_UP, Relation.SEQUENCE_DOWN)
Words = tuple[str, Mapping[str, int]]  # a template, and what fills it


@dataclass(frozen=True)
class TakePlan:
    """The plan of a take.

    Attributes:
        intent: Its idea; None where somebody said what each bar is to be.
        first_bar: Its first bar, counted from 0.
        bars: One for each bar of the take.
        phrase_bars: Of the phrase before it that it answers or repeats; below 0: so many bars behind it stands what it
            repeats.
        first_number: What people call its first bar.
    """

    intent: Intent | None
    first_bar: int
    bars: tuple[BarPlan, ...]
    phrase_bars: int = 0
    first_number: int = 0

    @property
    def words(self) -> tuple[Words, ...]:
        """What it does, for people: templates of the context "Plans" with what fills them."""
        own = self.bars[0] if self.bars else UNKNOWN_BAR
        back = own.back_bars if self.intent == Intent.SEQUENCE_UP else self.phrase_bars
        bars = {
            "first": self.first_number - back,
            "last": self.first_number - back + max(1, min(abs(self.phrase_bars), len(self.bars))) - 1,
        }
        of_one_bar = _IDEAS_OF_ONE_BAR if bars["first"] == bars["last"] else {}
        idea: Words = (of_one_bar.get(self.intent, _IDEAS[self.intent]), bars)
        end = _ENDS.get(self.bars[-1].ending) if self.bars else None
        return (idea,) if end is None else (idea, (end, {}))

    def bar_words(self, row: int) -> Words:
        """What one of its bars is."""
        own = self.bars[row]
        return _BARS[own.relation], {"first": self.first_number + row - own.back_bars}

    def changed(self, row: int) -> TakePlan:
        """With the next possibility for one of its bars: new, as the bar before it took up, its rhythm, a sequence.

        A bar that takes up nothing looks back to the bar of the phrase at its place.
        """
        own = self.bars[row]
        back = own.back_bars or self.phrase_bars or 1
        at = _CYCLE.index(own.relation) + 1 if own.relation in _CYCLE else 0
        relation = _CYCLE[at % len(_CYCLE)]
        made = replace(own, relation=relation, back_bars=back if relation in POINTING else 0)
        return replace(self, intent=None, bars=(*self.bars[:row], made, *self.bars[row + 1 :]))


def in_english(words: Iterable[Words]) -> str:
    """The words of a plan as the command line says them."""
    return ", ".join(template.format(**values) for template, values in words)
