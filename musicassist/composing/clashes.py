"""Rules of a wish that cannot hold together, found pair by pair before anything is composed, and told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.composing.span import Span
from musicassist.errors import QT_TRANSLATE_NOOP, ConstraintError
from musicassist.harmony.song_chords import song_chords
from musicassist.score.chord_track import ChordSpan, clipped, written_chords, written_spans
from musicassist.score.song import Notes
from musicassist.score.theory import Chord, pitch_name
from musicassist.score.timing import TimeMap
from musicassist.tokens.demands import within_reach
from musicassist.tokens.rhythm import bars_played

WHOLE_RANGE = (0, 127)
_ALL = np.arange(128)
_THIRDS = 3


class RuleClash(ConstraintError):
    """Two rules cannot hold together, or one cannot hold in this song.

    Attributes:
        rules: Which, as the fields of ``Constraints`` are called, a range as ``range``; the first is to be mended.
    """

    def __init__(self, template: str, rules: tuple[str, ...], **values: object) -> None:
        self.rules = rules
        super().__init__(template, **values)


@dataclass(frozen=True, eq=False)
class Rules:
    """What is asked for, and what of the song that touches.

    Attributes:
        constraints: What is asked for.
        chords: Those whose tones some new notes must be.
        bars: Of the song.
        phrase: The notes whose rhythm may be kept.
        cut_tick: Where the phrase is cut.
    """

    constraints: Constraints
    chords: Sequence[Chord]
    bars: TimeMap
    phrase: Notes
    cut_tick: int

    @property
    def range(self) -> tuple[int, int] | None:
        """Lowest and highest pitch; None where none was asked for."""
        asked = max(0, self.constraints.lowest_pitch), min(127, self.constraints.highest_pitch)
        return None if asked == WHOLE_RANGE else asked

    @property
    def range_words(self) -> str:
        """As it is written."""
        return ":".join(pitch_name(min(pitch, 127)) for pitch in self.range or WHOLE_RANGE)

    @property
    def in_range(self) -> np.ndarray:
        """(128,), the pitches of the range."""
        low, high = self.range or WHOLE_RANGE
        return np.asarray((low <= _ALL) & (high >= _ALL))

    @property
    def in_scale(self) -> np.ndarray:
        """(128,), the pitches of the scale that is kept."""
        return _of_classes(self.constraints.kept_key.pitch_classes if self.constraints.kept_key else range(12))


Check = Callable[[Rules], RuleClash | None]


def known_rules(request: GenerationRequest, span: Span, proposed: Sequence[ChordSpan] = ()) -> Rules:
    """The rules of a request with the chords that bind its notes, also those that are only heard."""
    constraints, song = request.constraints, request.song
    chords: Sequence[Chord] = constraints.chords
    if not chords and constraints.binds_chords:
        spans = song_chords(song, span.from_tick, span.to_tick, but_track=request.track_index)
        chords = [own.chord for own in (*spans, *proposed)]
    return _rules(request, span, chords)


def written_rules(request: GenerationRequest, span: Span) -> Rules:
    """The same with the chords that are written in the song alone, which costs next to nothing."""
    constraints, song = request.constraints, request.song
    chords: Sequence[Chord] = constraints.chords
    if not chords and constraints.binds_chords:
        spans = written_spans(written_chords(song), max(span.to_tick, song.end_tick))
        chords = [own.chord for own in clipped(spans, span.from_tick, span.to_tick)]
    return _rules(request, span, chords)


def _rules(request: GenerationRequest, span: Span, chords: Sequence[Chord]) -> Rules:
    heard = {str(chord): chord for chord in chords if chord.pitch_classes}
    phrase = span.phrase if len(span.phrase) else span.seed
    cut_tick = span.to_tick if len(span.phrase) else span.from_tick
    return Rules(request.constraints, tuple(heard.values()), request.song.time_map, phrase, cut_tick)


def check_rules(rules: Rules) -> None:
    """Says which pair of rules cannot hold together.

    Raises:
        RuleClash: The first pair that is found.
    """
    for check in _CHECKS:
        clash = check(rules)
        if clash is not None:
            raise clash


def _range(rules: Rules) -> RuleClash | None:
    if rules.in_range.any():
        return None
    return RuleClash(
        QT_TRANSLATE_NOOP("Errors", "Range {range} holds no pitch: its lower note comes first."),
        ("range",),
        range=rules.range_words,
    )


def _range_and_scale(rules: Rules) -> RuleClash | None:
    key = rules.constraints.kept_key
    if rules.range is None or key is None or (rules.in_range & rules.in_scale).any():
        return None
    return RuleClash(
        QT_TRANSLATE_NOOP("Errors", "Range {range} holds no tone of {key}: widen the range or set the scale to tend."),
        ("range", "scale_strength"),
        range=rules.range_words,
        key=key,
    )


def _range_and_chords(rules: Rules) -> RuleClash | None:
    for chord in rules.chords if rules.range is not None else ():
        if not (rules.in_range & _of_classes(chord.pitch_classes)).any():
            return RuleClash(
                QT_TRANSLATE_NOOP(
                    "Errors",
                    "Range {range} holds no tone of the chord {chord}: widen the range or set chords to heard.",
                ),
                ("range", "chord_strength"),
                range=rules.range_words,
                chord=chord,
            )
    return None


def _scale_and_chords(rules: Rules) -> RuleClash | None:
    key = rules.constraints.kept_key
    for chord in rules.chords if key is not None else ():
        tones = _of_classes(chord.pitch_classes)
        if not (rules.in_scale & tones).any():
            return RuleClash(
                QT_TRANSLATE_NOOP(
                    "Errors", "{key} holds no tone of the chord {chord}: set the scale to tend or chords to heard."
                ),
                ("scale_strength", "chord_strength"),
                key=key,
                chord=chord,
            )
        if not (rules.in_range & rules.in_scale & tones).any():
            return RuleClash(
                QT_TRANSLATE_NOOP(
                    "Errors",
                    "Range {range} in {key} holds no tone of the chord {chord}: widen the range or set chords to "
                    "heard.",
                ),
                ("range", "chord_strength"),
                range=rules.range_words,
                key=key,
                chord=chord,
            )
    return None


def _leap_and_chords(rules: Rules) -> RuleClash | None:
    leap = rules.constraints.largest_leap
    if leap is None or not rules.chords:
        return None
    masks = [chord.mask for chord in rules.chords]
    if within_reach(rules.in_range & rules.in_scale, masks, leap).any():
        return None
    return leap_clash(leap)


def leap_clash(leap: int) -> RuleClash:
    """No line gets from chord to chord so narrowly."""
    one, more = (
        QT_TRANSLATE_NOOP(
            "Errors",
            "No leap of {leap} semitone leads from each chord to the next: allow wider leaps or set chords to heard.",
        ),
        QT_TRANSLATE_NOOP(
            "Errors",
            "No leap of {leap} semitones leads from each chord to the next: allow wider leaps or set chords to heard.",
        ),
    )
    return RuleClash(
        one if leap == 1 else more,
        ("largest_leap", "chord_strength"),
        leap=leap,
    )


def _leap_and_scale(rules: Rules) -> RuleClash | None:
    leap, key = rules.constraints.largest_leap, rules.constraints.kept_key
    pitches = np.flatnonzero(rules.in_range & rules.in_scale)
    if leap is None or key is None or len(pitches) < 2 or int(np.diff(pitches).min()) <= leap:
        return None
    one, more = (
        QT_TRANSLATE_NOOP(
            "Errors", "{key} has no step of {leap} semitone in that range: allow wider leaps or set the scale to tend."
        ),
        QT_TRANSLATE_NOOP(
            "Errors", "{key} has no step of {leap} semitones in that range: allow wider leaps or set the scale to tend."
        ),
    )
    return RuleClash(
        one if leap == 1 else more,
        ("largest_leap", "scale_strength"),
        key=key,
        leap=leap,
    )


def _new_and_range(rules: Rules) -> RuleClash | None:
    if not rules.constraints.only_new or (rules.in_range & rules.in_scale).sum() > 1:
        return None
    return RuleClash(
        QT_TRANSLATE_NOOP(
            "Errors",
            "Range {range} has one tone alone, so nothing new can be played: widen it or let the phrase come again.",
        ),
        ("range", "only_new"),
        range=rules.range_words,
    )


def _density_and_rhythm(rules: Rules) -> RuleClash | None:
    density, bars = rules.constraints.density, rules.bars
    if density is None or rules.constraints.rhythm != "kept":
        return None
    played = [own for own in bars_played(bars, np.unique(rules.phrase.start_tick), rules.cut_tick) if own[1]]
    if not played or any(
        len(places) <= max(1, round(density * ticks / bars.ticks_per_beat)) for ticks, places in played
    ):
        return None
    fewest = f"{min(bars.ticks_per_beat * len(places) / ticks for ticks, places in played):.2g}"
    one, more = (
        QT_TRANSLATE_NOOP(
            "Errors",
            "Density {density} cannot keep the phrase's rhythm of {fewest} note a beat and more: allow more notes or "
            "set the rhythm to free.",
        ),
        QT_TRANSLATE_NOOP(
            "Errors",
            "Density {density} cannot keep the phrase's rhythm of {fewest} notes a beat and more: allow more notes or "
            "set the rhythm to free.",
        ),
    )
    return RuleClash(one if fewest == "1" else more, ("density", "rhythm"), density=f"{density:g}", fewest=fewest)


def _triplets_and_grid(rules: Rules) -> RuleClash | None:
    ticks = rules.bars.ticks_per_beat
    if rules.constraints.rhythm != "triplets" or ticks % _THIRDS == 0:
        return None
    one, more = (
        QT_TRANSLATE_NOOP(
            "Errors", "A file with {ticks} tick a beat has no place for triplets: set the rhythm to free."
        ),
        QT_TRANSLATE_NOOP(
            "Errors", "A file with {ticks} ticks a beat has no place for triplets: set the rhythm to free."
        ),
    )
    return RuleClash(
        one if ticks == 1 else more,
        ("rhythm",),
        ticks=ticks,
    )


_CHECKS: tuple[Check, ...] = (
    _range,
    _range_and_scale,
    _range_and_chords,
    _scale_and_chords,
    _leap_and_chords,
    _leap_and_scale,
    _new_and_range,
    _density_and_rhythm,
    _triplets_and_grid,
)


def _of_classes(classes: Iterable[int]) -> np.ndarray:
    return np.isin(_ALL % 12, list(classes))
