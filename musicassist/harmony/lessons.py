"""Why a bar is strong: what can be shown in its notes, in words of three levels, and how it would sound without.

Each finding names the notes that prove it. ``Source:`` of the terms is any primer of tonal harmony; what counts here
stands at each function and nothing else is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.harmony.numerals import roman_numeral
from musicassist.score.chord_track import ChordSpan, chord_name
from musicassist.score.scale_steps import scale_steps
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Chord, Key, pitch_name
from musicassist.score.timing import TimeMap

MIN_SEQUENCE_NOTES = 3  # fewer are no figure
MIN_BEAT_NOTES, MIN_CHORD_SHARE = 2, 0.75  # on beats, and how many of them belong to the chord
_BACK_BARS = (1, 2, 4)  # how far back the model of a sequence may stand
_BAR, _MIDDLE, _BEAT, _HALF = 4, 3, 2, 1  # how strong a place of a bar is; 0 for all others
_DOMINANT, _SUBDOMINANT, _SUBMEDIANTS = 7, 5, (8, 9)  # semitones above the tonic
Words = tuple[str, Mapping[str, object]]  # a template, and what fills it


class Feature(StrEnum):
    """What makes a bar strong."""

    CADENCE = "cadence"
    SEQUENCE = "sequence"
    CHORD_TONES = "chord-tones"
    SUSPENSION = "suspension"
    SYNCOPATION = "syncopation"


TITLES = {
    Feature.CADENCE: QT_TRANSLATE_NOOP("Lessons", "Cadence"),
    Feature.SEQUENCE: QT_TRANSLATE_NOOP("Lessons", "Sequence"),
    Feature.CHORD_TONES: QT_TRANSLATE_NOOP("Lessons", "Chord tones"),
    Feature.SUSPENSION: QT_TRANSLATE_NOOP("Lessons", "Suspension"),
    Feature.SYNCOPATION: QT_TRANSLATE_NOOP("Lessons", "Syncopation"),
}
_CLOSES = {  # by the chord before and the one it comes to: plain words, terms
    "full": (
        QT_TRANSLATE_NOOP("Lessons", "The music comes home here: {before} leads to {chord}."),
        QT_TRANSLATE_NOOP("Lessons", "A full close: the dominant {before} resolves to the tonic {chord} of {key}."),
        QT_TRANSLATE_NOOP("Lessons", "Authentic cadence {numerals} in {key}, {note} in the melody."),
    ),
    "plagal": (
        QT_TRANSLATE_NOOP("Lessons", "The music comes home softly: {before} leads to {chord}."),
        QT_TRANSLATE_NOOP("Lessons", "A plagal close: the subdominant {before} goes to the tonic {chord} of {key}."),
        QT_TRANSLATE_NOOP("Lessons", "Plagal cadence {numerals} in {key}, {note} in the melody."),
    ),
    "half": (
        QT_TRANSLATE_NOOP("Lessons", "The music stops at a question: {chord} wants to go on."),
        QT_TRANSLATE_NOOP("Lessons", "A half close: the phrase rests on the dominant {chord} of {key}."),
        QT_TRANSLATE_NOOP("Lessons", "Half cadence {numerals} in {key}, {note} in the melody."),
    ),
    "deceptive": (
        QT_TRANSLATE_NOOP("Lessons", "One expects the end, and {chord} comes instead."),
        QT_TRANSLATE_NOOP("Lessons", "A deceptive close: the dominant {before} goes to {chord}, not home, in {key}."),
        QT_TRANSLATE_NOOP("Lessons", "Deceptive cadence {numerals} in {key}, {note} in the melody."),
    ),
}
_LOWER = (
    QT_TRANSLATE_NOOP("Lessons", "The figure of bar {bar} comes again, lower."),
    QT_TRANSLATE_NOOP("Lessons", "A sequence: the rhythm of bar {bar}, each note {steps} steps of the scale lower."),
    QT_TRANSLATE_NOOP("Lessons", "Sequence of bar {bar}, {count} notes, {steps} steps downwards."),
)
_LOWER_BY_ONE = (
    _LOWER[0],
    QT_TRANSLATE_NOOP("Lessons", "A sequence: the rhythm of bar {bar}, each note {steps} step of the scale lower."),
    QT_TRANSLATE_NOOP("Lessons", "Sequence of bar {bar}, {count} notes, {steps} step downwards."),
)
_HIGHER = (
    QT_TRANSLATE_NOOP("Lessons", "The figure of bar {bar} comes again, higher."),
    QT_TRANSLATE_NOOP("Lessons", "A sequence: the rhythm of bar {bar}, each note {steps} steps of the scale higher."),
    QT_TRANSLATE_NOOP("Lessons", "Sequence of bar {bar}, {count} notes, {steps} steps upwards."),
)
_HIGHER_BY_ONE = (
    _HIGHER[0],
    QT_TRANSLATE_NOOP("Lessons", "A sequence: the rhythm of bar {bar}, each note {steps} step of the scale higher."),
    QT_TRANSLATE_NOOP("Lessons", "Sequence of bar {bar}, {count} notes, {steps} step upwards."),
)
_CHORD_TONES = (
    QT_TRANSLATE_NOOP("Lessons", "The notes on the beats fit the harmony: {count} of {all}."),
    QT_TRANSLATE_NOOP("Lessons", "{count} of {all} notes on beats are tones of {chords}."),
    QT_TRANSLATE_NOOP("Lessons", "Chord tones on {count} of {all} metric beats over {chords}: {notes}."),
)
_SUSPENSIONS = (
    QT_TRANSLATE_NOOP("Lessons", "{note} stays while the harmony changes, rubs, and sinks to {goal}."),
    QT_TRANSLATE_NOOP("Lessons", "A suspension: {note} of {before} is held into {chord} and resolves to {goal}."),
    QT_TRANSLATE_NOOP("Lessons", "Suspension {figure} over {chord}, prepared in {before}, resolved by step."),
)
_SYNCOPATIONS = (
    QT_TRANSLATE_NOOP("Lessons", "{note} comes early and is held over the beat: that pushes."),
    QT_TRANSLATE_NOOP("Lessons", "A syncopation: {note} begins off the beat and sounds across beat {beat}."),
    QT_TRANSLATE_NOOP("Lessons", "Syncopation: onset on a weak place, held over the stronger beat {beat}."),
)


@dataclass(frozen=True, eq=False)
class Lesson:
    """One finding about a bar.

    Attributes:
        feature: What it is.
        from_tick, to_tick: The bar.
        rows: Of the notes of the line that prove it.
        words: Three sentences, from plain to the terms of the field.
        without: The notes of the bar as they would be without it.
    """

    feature: Feature
    from_tick: int
    to_tick: int
    rows: tuple[int, ...]
    words: tuple[Words, Words, Words]
    without: Notes


@dataclass(frozen=True, eq=False)
class Bar:
    """A bar of a line, with all that is known around it.

    Attributes:
        line: The notes of the track as they are meant; one at a time counts, the highest where several begin.
        spans: The chords.
        key: Of the bar; None where none is known.
        time_map: Of the song.
        number: The bar, counted from 0.
    """

    line: Notes
    spans: tuple[ChordSpan, ...]
    key: Key | None
    time_map: TimeMap
    number: int

    @staticmethod
    def of(notes: Notes, spans: Sequence[ChordSpan], key: Key | None, time_map: TimeMap, number: int) -> Bar:
        """With the line that the highest notes make."""
        last = np.append(np.diff(notes.start_tick) > 0, True)[: len(notes)]  # of those that begin together
        return Bar(notes.where(last), tuple(spans), key, time_map, number)

    def ticks(self, back: int = 0) -> tuple[int, int]:
        """Where it, or a bar before it, begins and ends."""
        number = self.number - back
        return self.time_map.bar_start_tick(number), self.time_map.bar_start_tick(number + 1)

    def rows(self, back: int = 0) -> list[int]:
        """Rows of the notes that begin in it, or in a bar before it."""
        return [int(row) for row in np.flatnonzero(self.line.starting_between(*self.ticks(back)))]

    def strength(self, tick: int) -> int:
        """How strong a place is in its bar: 4 at the bar line, 3 in the middle, 2 on a beat, 1 between, else 0."""
        bar, offset = self.time_map.bar_and_offset_ticks(tick)
        if offset == 0:
            return _BAR
        start = self.time_map.bar_start_tick(bar)
        pulse, length = self.time_map.pulse_ticks_at(start), self.time_map.bar_start_tick(bar + 1) - start
        if offset % pulse == 0:
            return _MIDDLE if 2 * offset == length and (length / pulse) % 2 == 0 else _BEAT
        return _HALF if 2 * offset % pulse == 0 else 0

    def chord_at(self, tick: int) -> Chord | None:
        """The chord that sounds at a place."""
        found = next((span for span in self.spans if span.from_tick <= tick < span.to_tick), None)
        return found.chord if found is not None and found.chord.pitch_classes else None

    def name(self, chord: Chord) -> str:
        """A chord as it is spelled here."""
        return chord_name(chord, self.key)

    def note_name(self, row: int) -> str:
        """A note of the line as it is spelled here, without its octave."""
        return pitch_name(int(self.line.pitch[row]), self.key).rstrip("-0123456789")

    def with_changed(self, changed: Mapping[int, Note | Sequence[Note]]) -> Notes:
        """The notes of the bar with others in the place of some rows."""
        notes: list[Note] = []
        for row in self.rows():
            made = changed.get(row, self.line[row])
            notes += [made] if isinstance(made, Note) else list(made)
        return Notes.of(notes)

    def lesson(self, feature: Feature, rows: Sequence[int], words: Sequence[str], values: Mapping[str, object],
               without: Notes) -> Lesson:  # fmt: skip
        """A finding in this bar."""
        one, two, three = words
        return Lesson(feature, *self.ticks(), tuple(rows), ((one, values), (two, values), (three, values)), without)


def lessons_of(bar: Bar) -> tuple[Lesson, ...]:
    """What makes a bar strong, as far as its notes prove it; any thread, some milliseconds."""
    return tuple(found for find in _FINDERS for found in find(bar))


def _cadence(bar: Bar) -> Iterator[Lesson]:
    """Two chords of which the second begins on the bar line or in the middle, with a chord tone in the melody there."""
    key = bar.key
    if key is None:
        return
    for before, span in zip(bar.spans, bar.spans[1:], strict=False):
        start, stop = bar.ticks()
        if not start <= span.from_tick < stop or before.to_tick != span.from_tick:
            continue
        row = next((r for r in bar.rows() if bar.line.start_tick[r] == span.from_tick), None)
        kind = _close(before.chord, span.chord, key)
        if row is None or kind is None or bar.strength(span.from_tick) < _MIDDLE:
            continue
        note = bar.line[row]
        if note.pitch % 12 not in span.chord.pitch_classes or (kind == "half" and not _rests(bar, row)):
            continue
        hanging = int(scale_steps(np.array([note.pitch]), 1, key)[0])
        numerals = [roman_numeral(before.chord, key, span.chord), roman_numeral(span.chord, key)]
        values = {
            "before": bar.name(before.chord),
            "chord": bar.name(span.chord),
            "key": str(key),
            "note": bar.note_name(row),
            "numerals": "\N{EN DASH}".join(numerals),
        }
        without = bar.with_changed({row: replace(note, pitch=min(127, hanging))})
        yield bar.lesson(Feature.CADENCE, (row,), _CLOSES[kind], values, without)


def _close(before: Chord, after: Chord, key: Key) -> str | None:
    """Which close two chords make."""
    first, second = (before.root - key.tonic) % 12, (after.root - key.tonic) % 12
    is_dominant = first == _DOMINANT and (before.root + 4) % 12 in before.pitch_classes
    if second == 0 and is_dominant:
        return "full"
    if second == 0 and first == _SUBDOMINANT:
        return "plagal"
    if second in _SUBMEDIANTS and is_dominant:
        return "deceptive"
    return "half" if second == _DOMINANT and (after.root + 4) % 12 in after.pitch_classes and first != second else None


def _rests(bar: Bar, row: int) -> bool:
    """Whether the line waits at a note: two beats at least, or all that is left of its bar."""
    start = int(bar.line.start_tick[row])
    following = int(bar.line.start_tick[row + 1]) if row + 1 < len(bar.line) else bar.ticks()[1]
    return following - start >= 2 * bar.time_map.pulse_ticks_at(start) or following >= bar.ticks()[1]


def _sequence(bar: Bar) -> Iterator[Lesson]:
    """The rhythm of a bar before, with all notes the same number of steps of the scale (else semitones) away."""
    rows = bar.rows()
    if len(rows) < MIN_SEQUENCE_NOTES:
        return
    for back in _BACK_BARS:
        model = bar.rows(back) if bar.number >= back else []
        steps = _shift(bar, model, rows, bar.ticks()[0] - bar.ticks(back)[0]) if len(model) == len(rows) else 0
        if not steps:
            continue
        values = {"bar": bar.time_map.bar_number(bar.number - back), "steps": abs(steps), "count": len(rows)}
        again = {row: replace(bar.line[row], pitch=bar.line[own].pitch) for row, own in zip(rows, model, strict=True)}
        words = {1: _HIGHER_BY_ONE, -1: _LOWER_BY_ONE}.get(steps, _HIGHER if steps > 0 else _LOWER)
        yield bar.lesson(Feature.SEQUENCE, (*model, *rows), words, values, bar.with_changed(again))
        return


def _shift(bar: Bar, model: Sequence[int], rows: Sequence[int], ticks: int) -> int:
    """By how many steps all notes are moved against a bar with the same rhythm; 0 where it is no sequence."""
    line = bar.line
    is_rhythm = np.array_equal(line.start_tick[list(rows)] - ticks, line.start_tick[list(model)])
    same_lengths = np.array_equal(line.duration_ticks[list(rows)], line.duration_ticks[list(model)])
    old, new = line.pitch[list(model)], line.pitch[list(rows)]
    if not (is_rhythm and same_lengths) or len(set(old.tolist())) < 2:
        return 0
    if bar.key is None:
        return int(new[0] - old[0]) if len(set((new - old).tolist())) == 1 else 0
    found = [n for n in range(-7, 8) if n and np.array_equal(scale_steps(old, n, bar.key), new)]
    return found[0] if found else 0


def _chord_tones(bar: Bar) -> Iterator[Lesson]:
    """Of the notes on beats under a known chord most belong to it."""
    on_beats = [row for row in bar.rows() if bar.strength(int(bar.line.start_tick[row])) >= _BEAT]
    chords = {row: bar.chord_at(int(bar.line.start_tick[row])) for row in on_beats}
    known = [row for row in on_beats if chords[row] is not None]
    fits = [row for row in known if int(bar.line.pitch[row]) % 12 in _tones(chords[row])]
    if len(known) < MIN_BEAT_NOTES or len(fits) < MIN_CHORD_SHARE * len(known):
        return
    changed = {
        row: replace(bar.line[row], pitch=_beside(int(bar.line.pitch[row]), chords[row], bar.key)) for row in fits
    }
    values = {
        "count": len(fits),
        "all": len(known),
        "chords": ", ".join(dict.fromkeys(bar.name(c) for c in (chords[row] for row in fits) if c is not None)),
        "notes": " ".join(bar.note_name(row) for row in fits),
    }
    yield bar.lesson(Feature.CHORD_TONES, fits, _CHORD_TONES, values, bar.with_changed(changed))


def _tones(chord: Chord | None) -> frozenset[int]:
    return chord.pitch_classes if chord is not None else frozenset()


def _beside(pitch: int, chord: Chord | None, key: Key | None) -> int:
    """The next higher pitch of the scale, or of all, that is no tone of the chord."""
    allowed = key.pitch_classes if key is not None else frozenset(range(12))
    for higher in range(pitch + 1, min(127, pitch + 12) + 1):
        if higher % 12 in allowed and higher % 12 not in _tones(chord):
            return higher
    return pitch - 1 if pitch else 1


def _suspension(bar: Bar) -> Iterator[Lesson]:
    """A tone of the chord before is held or struck again on a beat where it is none, and goes down a step to one."""
    line = bar.line
    for before, span in zip(bar.spans, bar.spans[1:], strict=False):
        at = span.from_tick
        start, stop = bar.ticks()
        if not start <= at < stop or before.to_tick != at or bar.strength(at) < _BEAT:
            continue
        row = next((r for r in range(len(line) - 1) if line.start_tick[r] <= at < line.end_tick[r]), None)
        if row is None:
            continue
        pitch, goal = int(line.pitch[row]), int(line.pitch[row + 1])
        is_again = line.start_tick[row] == at
        if is_again and (row == 0 or line.pitch[row - 1] != pitch or line.start_tick[row - 1] < before.from_tick):
            continue
        is_prepared = pitch % 12 in before.chord.pitch_classes and pitch % 12 not in span.chord.pitch_classes
        is_resolved = pitch - goal in (1, 2) and goal % 12 in span.chord.pitch_classes
        if not is_prepared or not is_resolved or line.start_tick[row + 1] >= span.to_tick:
            continue
        tones = (row, row + 1) if not is_again else (row - 1, row, row + 1)
        values = {
            "note": bar.note_name(row),
            "goal": bar.note_name(row + 1),
            "before": bar.name(before.chord),
            "chord": bar.name(span.chord),
            "figure": f"{_degree_above(pitch, span.chord)}\N{EN DASH}{_degree_above(goal, span.chord)}",
        }
        yield bar.lesson(Feature.SUSPENSION, tones, _SUSPENSIONS, values, _resolved_at_once(bar, row, at, goal))


def _resolved_at_once(bar: Bar, row: int, at: int, goal: int) -> Notes:
    """The bar with the resolution where the suspension was."""
    note = bar.line[row]
    if note.start_tick < bar.ticks()[0]:  # it is held into the bar
        held = Note(at, goal, note.end_tick - at, note.velocity)
        return Notes.of([held, *bar.with_changed({})])
    head = replace(note, duration_ticks=at - note.start_tick)
    tail = Note(at, goal, note.end_tick - at, note.velocity)
    return bar.with_changed({row: [head, tail] if head.duration_ticks else tail})


def _degree_above(pitch: int, chord: Chord) -> int:
    """How many steps of a scale a pitch stands above the root, counted from 1, as figures count them: 9 for 2."""
    degree = (1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7)[(pitch - chord.root) % 12]
    return degree if degree > 1 else 8


def _syncopation(bar: Bar) -> Iterator[Lesson]:
    """A note begins between beats and sounds across a stronger place, on which nothing begins."""
    line = bar.line
    rows = []
    for row in bar.rows():
        start, stop = int(line.start_tick[row]), int(line.end_tick[row])
        pulse = bar.time_map.pulse_ticks_at(start)
        bar_tick = bar.ticks()[0]
        beat = bar_tick + round((int((start - bar_tick) // pulse) + 1) * pulse)
        if bar.strength(start) < _BEAT and start < beat < stop:
            rows.append((row, beat))
    for row, beat in rows[:1]:  # one shows it
        changed = {own: _on_the_beat(line[own], at) for own, at in rows}
        number = 1 + round((beat - bar.ticks()[0]) / bar.time_map.pulse_ticks_at(bar.ticks()[0]))
        values = {"note": bar.note_name(row), "beat": number if beat < bar.ticks()[1] else 1}
        shown = [own for own, _ in rows]
        yield bar.lesson(Feature.SYNCOPATION, shown, _SYNCOPATIONS, values, bar.with_changed(changed))


def _on_the_beat(note: Note, beat: int) -> Note:
    return Note(beat, note.pitch, note.end_tick - beat, note.velocity)


_FINDERS: tuple[Callable[[Bar], Iterator[Lesson]], ...] = (_cadence, _sequence, _suspension, _syncopation, _chord_tones)
