"""What the story of some bars says, as templates with what fills them: for the window, the command line, credits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from musicassist.composing.request import ACCOMPANY
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.origins import Origin
from musicassist.score.song import NOTE_COLUMNS, Notes, Song
from musicassist.score.timing import TimeMap
from musicassist.session.stories import Story, earlier

Words = tuple[str, Mapping[str, object]]  # a template of the context "Stories", and what fills it
_BAR, _BARS = QT_TRANSLATE_NOOP("Stories", "bar {first}"), QT_TRANSLATE_NOOP("Stories", "bars {first}-{last}")
_ASKED = {
    "continue": QT_TRANSLATE_NOOP("Stories", "asked to go on"),
    "infill": QT_TRANSLATE_NOOP("Stories", "asked to fill these bars"),
    "vary": QT_TRANSLATE_NOOP("Stories", "asked to vary a phrase"),
    "interpolate": QT_TRANSLATE_NOOP("Stories", "asked for a blend of two phrases"),
    "generate": QT_TRANSLATE_NOOP("Stories", "asked for a new phrase"),
    ACCOMPANY: QT_TRANSLATE_NOOP("Stories", "asked for an accompaniment"),
}
_MODEL = QT_TRANSLATE_NOOP("Stories", "composed by {model}")
_RULES = QT_TRANSLATE_NOOP("Stories", "composed by rules from the chords")
_TAKE = QT_TRANSLATE_NOOP("Stories", "take {number} of {offered}")
_CHOSEN = QT_TRANSLATE_NOOP("Stories", "chosen among {composed}")
_PIECE = QT_TRANSLATE_NOOP("Stories", "a piece of a mix")
_SEED = QT_TRANSLATE_NOOP("Stories", "random number {seed}")
_SAME = QT_TRANSLATE_NOOP("Stories", "as it was composed")
# Of one note that was kept, and of several.
_EDITED = (
    QT_TRANSLATE_NOOP("Stories", "the one note edited since"),
    QT_TRANSLATE_NOOP("Stories", "{edited} of {count} notes edited since"),
)
_REMOVED = (
    QT_TRANSLATE_NOOP("Stories", "the one note removed since"),
    QT_TRANSLATE_NOOP("Stories", "{removed} of {count} notes removed since"),
)
_ADDED = QT_TRANSLATE_NOOP("Stories", "{added} added")
UNTOLD = QT_TRANSLATE_NOOP("Stories", "Who composed these bars is not known any more.")


@dataclass(frozen=True)
class Edits:
    """What became of the notes of some bars since they were kept.

    Attributes:
        count: How many there were.
        edited, removed, added: How many are others now, are gone, or came.
    """

    count: int
    edited: int
    removed: int
    added: int

    @property
    def words(self) -> tuple[Words, ...]:
        """In words."""
        if not (self.edited or self.removed or self.added):
            return ((_SAME, {}),)
        were_several = self.count > 1
        said = ((_EDITED[were_several], self.edited), (_REMOVED[were_several], self.removed), (_ADDED, self.added))
        values = {"count": self.count, "edited": self.edited, "removed": self.removed, "added": self.added}
        return tuple((template, values) for template, number in said if number)


def edits_since(story: Story, origin: Origin, notes: Notes) -> Edits:
    """What became of bars, compared with how they were kept.

    Args:
        story: Of the bars.
        origin: Where they lie; a part of them may have been overwritten.
        notes: Of their track as it is now.
    """
    shift = origin.shift_ticks
    then = story.written.where(story.written.starting_between(origin.from_tick - shift, origin.to_tick - shift))
    now = earlier(notes.where(notes.starting_between(origin.from_tick, origin.to_tick)), shift)
    then, now = _bare(then), _bare(now)
    gone, new = int((~then.among(now)).sum()), int((~now.among(then)).sum())
    edited = min(gone, new)
    return Edits(len(then), edited, gone - edited, new - edited)


def _bare(notes: Notes) -> Notes:
    """Without pins, which are no edits of music."""
    return Notes.from_columns(*(getattr(notes, name) for name in NOTE_COLUMNS[:4]))


def bar_words(time_map: TimeMap, from_tick: int, to_tick: int) -> Words:
    """The bars of a stretch as people count them."""
    first, last = bar_numbers(time_map, from_tick, to_tick)
    return (_BAR if first == last else _BARS), {"first": first, "last": last}


def bar_numbers(time_map: TimeMap, from_tick: int, to_tick: int) -> tuple[int, int]:
    """The first and the last bar of a stretch as people count them."""
    first, last = time_map.bar_at(from_tick), time_map.bar_at(max(from_tick, to_tick - 1))
    return time_map.bar_number(first), time_map.bar_number(last)


def story_words(story: Story) -> tuple[Words, ...]:
    """How bars were composed and chosen, without their plan."""
    facts, request = story.facts, story.request
    said: list[Words] = [(_ASKED[request.kind], {})] if request.kind in _ASKED else []
    said.append((_MODEL, {"model": facts.model}) if facts.model else (_RULES, {}))
    if facts.pieces > 1:
        said.append((_PIECE, {}))
    said.append((_TAKE, {"number": facts.number, "offered": max(facts.offered, facts.number)}))
    if facts.chosen_from:
        said.append((_CHOSEN, {"composed": facts.chosen_from}))
    if facts.model:
        said.append((_SEED, {"seed": request.seed}))
    return tuple(said)


def in_english(words: Iterable[Words]) -> str:
    """In one line, as the command line says it."""
    return "; ".join(template.format(**values) for template, values in words)


def regions(song: Song) -> tuple[tuple[int, Origin], ...]:
    """All bars that come from takes, with their track; in order of tracks and time."""
    return tuple((index, origin) for index, track in enumerate(song.tracks) for origin in track.origins)
