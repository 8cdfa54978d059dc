"""Places of the chord lane: which chord stands where, what it is called by the key there, and how it is read out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.chord_track import (
    MAX_SYMBOL_CHARS,
    ChordMark,
    ChordSpan,
    chord_name,
    joined_spans,
    say_the_same,
    with_bound_moved,
    with_chord,
    written_chords,
    written_spans,
)
from musicassist.score.song import Song
from musicassist.score.theory import NO_CHORD, Chord, Key, parse_chord
from musicassist.score.timing import TimeMap

GIVEN_BACK = ("", "?")  # typed where it is to be again what is heard
QUALITY_WORDS = {
    "": QT_TRANSLATE_NOOP("Chords", "major"),
    "m": QT_TRANSLATE_NOOP("Chords", "minor"),
    "7": QT_TRANSLATE_NOOP("Chords", "seventh"),
    "maj7": QT_TRANSLATE_NOOP("Chords", "major seventh"),
    "m7": QT_TRANSLATE_NOOP("Chords", "minor seventh"),
    "dim": QT_TRANSLATE_NOOP("Chords", "diminished"),
    "dim7": QT_TRANSLATE_NOOP("Chords", "diminished seventh"),
    "m7b5": QT_TRANSLATE_NOOP("Chords", "half-diminished seventh"),
    "aug": QT_TRANSLATE_NOOP("Chords", "augmented"),
    "sus2": QT_TRANSLATE_NOOP("Chords", "suspended second"),
    "sus4": QT_TRANSLATE_NOOP("Chords", "suspended fourth"),
    "6": QT_TRANSLATE_NOOP("Chords", "sixth"),
    "m6": QT_TRANSLATE_NOOP("Chords", "minor sixth"),
    "9": QT_TRANSLATE_NOOP("Chords", "ninth"),
}


@dataclass(frozen=True, slots=True)
class ChordPlace:
    """A chord of the lane, or a bar, or what is free of one, without any.

    Attributes:
        from_tick, to_tick: From where to where.
        span: The chord; None where there is none.
    """

    from_tick: int
    to_tick: int
    span: ChordSpan | None = None


class ShownChords:
    """The chords of a song as the lane shows them; it reads the song again only where an edit touched its texts.

    Attributes:
        marks: What is written.
        moved: What would be written if a bound were let go now; None while none is dragged.
        heard: What is heard, as if nothing were written.
        proposed: Chords on offer.
        spans: What is written, and elsewhere what is heard.
    """

    def __init__(self) -> None:
        self.marks: tuple[ChordMark, ...] = ()
        self.moved: tuple[ChordMark, ...] | None = None
        self.heard: tuple[ChordSpan, ...] = ()
        self.proposed: tuple[ChordSpan, ...] = ()
        self.spans: tuple[ChordSpan, ...] = ()
        self._read = Song()
        self._look: tuple[object, ...] = ()

    def refresh(self, song: Song, end_tick: int, key: Key | None) -> bool:
        """Looks at a song again; whether there is anything else to see.

        Args:
            song: The song.
            end_tick: Where the last thing ends that is shown.
            key: The key at the playhead.
        """
        if not say_the_same(self._read, song):
            self.marks = written_chords(song)
        self._read = song
        marks = self.marks if self.moved is None else self.moved
        last_tick = _end_tick(song.time_map, marks, end_tick)
        look = marks, self.heard, self.proposed, last_tick, key, song.key_changes
        if look == self._look:
            return False
        self._look = look
        self.spans = joined_spans(written_spans(marks, last_tick), self.heard, 0, last_tick)
        return True

    def standing(self, end_tick: int) -> tuple[ChordSpan, ...]:
        """The chords as they were before a bound was dragged."""
        last_tick = _end_tick(self._read.time_map, self.marks, end_tick)
        return joined_spans(written_spans(self.marks, last_tick), self.heard, 0, last_tick)


def _end_tick(bars: TimeMap, marks: Sequence[ChordMark], end_tick: int) -> int:
    """Where the last chord ends: on the bar line behind the song, but not before it was a bar long."""
    last_tick = bars.bar_start_tick(bars.bar_at(marks[-1].tick) + 1) if marks else 0
    return max(bars.bar_line_at_or_after(end_tick), last_tick)


def place_at(spans: Sequence[ChordSpan], time_map: TimeMap, tick: float) -> ChordPlace:
    """The place that holds a tick, of chords in order that do not overlap."""
    bar = time_map.bar_at(tick)
    low, high = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
    for span in spans:
        if span.from_tick <= tick < span.to_tick:
            return ChordPlace(span.from_tick, span.to_tick, span)
        if span.to_tick <= tick:
            low = max(low, span.to_tick)
        else:
            high = min(high, span.from_tick)
    return ChordPlace(low, high)


def bound_near(spans: Sequence[ChordSpan], tick: float, reach_ticks: float) -> int | None:
    """The nearest place where a chord begins or ends, within reach; the beginning of the song is none."""
    bounds = {bound for span in spans for bound in (span.from_tick, span.to_tick) if bound > 0}
    nearest = min(bounds, key=lambda bound: abs(bound - tick), default=None)
    return nearest if nearest is not None and abs(nearest - tick) <= reach_ticks else None


def limits_of(spans: Sequence[ChordSpan], bound: int, least_ticks: int) -> tuple[int, int | None]:
    """Between which ticks a bound can be moved, so that the chords on both sides stay; None for no end."""
    low = next((span.from_tick + least_ticks for span in spans if span.to_tick == bound), 0)
    high = next((span.to_tick - least_ticks for span in spans if span.from_tick == bound), None)
    return low, high


def moved_marks(
    marks: Sequence[ChordMark], spans: Sequence[ChordSpan], bound: int, to_tick: int
) -> tuple[ChordMark, ...]:
    """What is written after a bound was moved; a heard chord that it makes longer is written there.

    Args:
        marks: What is written.
        spans: The chords as the lane shows them.
        bound: Where one of them begins or ends.
        to_tick: Where it goes.
    """
    before = next((span for span in spans if span.to_tick == bound), None)
    behind = next((span for span in spans if span.from_tick == bound), None)
    if any(span.is_written for span in (before, behind) if span is not None):
        return with_bound_moved(marks, bound, to_tick)
    if to_tick > bound and before is not None:
        return with_chord(marks, before.from_tick, to_tick, before.chord)
    if to_tick < bound and behind is not None:
        return with_chord(marks, to_tick, behind.to_tick, behind.chord)
    return tuple(marks)


def chord_typed(text: str) -> Chord | None:
    """The chord that somebody typed, also in small letters; None for what gives it back to what is heard.

    Raises:
        ValueError: It is no chord symbol that can be written.
    """
    text = text.strip()
    if text in GIVEN_BACK:
        return None
    chord = parse_chord("/".join(part[:1].upper() + part[1:] for part in text.split("/")))
    if len(str(chord)) > MAX_SYMBOL_CHARS:
        raise ValueError(f"{text!r} is longer than a chord symbol")
    return chord


def chord_words(chord: Chord, key: Key | None) -> str:
    """The chord as it is spoken: ``A minor seventh over G``."""
    if chord.quality == NO_CHORD:
        return _said("no chord")
    name = chord_name(Chord(chord.root), key)
    quality = QUALITY_WORDS.get(chord.quality, chord.quality)
    words = f"{_spoken(name)} {_said(quality) if chord.quality in QUALITY_WORDS else quality}"
    if chord.bass is None:
        return words
    over = QCoreApplication.translate("Chords", "{chord} over {bass}")
    return over.format(chord=words, bass=_spoken(chord_name(Chord(chord.bass), key)))


def _spoken(name: str) -> str:
    """A note's name as it is spoken."""
    sharp, flat = QCoreApplication.translate("Chords", "sharp"), QCoreApplication.translate("Chords", "flat")
    return " ".join([name[0], *({"#": sharp, "b": flat}[sign] for sign in name[1:])])


def _said(words: str) -> str:
    return QCoreApplication.translate("Chords", words)


def bars_words(place: ChordPlace, time_map: TimeMap) -> str:
    """Where it stands: ``bars 3 to 4``, ``bar 3``, or from beat to beat where it does not fill bars."""
    first, last = time_map.bar_at(place.from_tick), time_map.bar_at(max(place.from_tick, place.to_tick - 1))
    fills = time_map.bar_start_tick(first) == place.from_tick and time_map.bar_start_tick(last + 1) == place.to_tick
    numbers = {"bar": time_map.bar_number(first), "to": time_map.bar_number(last)}
    if not fills:
        template = QCoreApplication.translate("Chords", "bar {bar} beat {beat} to bar {to} beat {to_beat}")
        to_bar, to_beat, _ = time_map.position(place.to_tick)
        return template.format(
            bar=numbers["bar"], beat=time_map.position(place.from_tick)[1], to=to_bar, to_beat=to_beat
        )
    if first == last:
        return QCoreApplication.translate("Chords", "bar {bar}").format(**numbers)
    return QCoreApplication.translate("Chords", "bars {bar} to {to}").format(**numbers)


def place_words(place: ChordPlace, time_map: TimeMap, key: Key | None) -> str:
    """``A minor seventh over G, bars 3 to 4, written``."""
    where = bars_words(place, time_map)
    if place.span is None:
        return QCoreApplication.translate("Chords", "{bars}, no chord written or heard").format(bars=where)
    written, heard = QCoreApplication.translate("Chords", "written"), QCoreApplication.translate("Chords", "heard")
    kind = written if place.span.is_written else heard
    return f"{chord_words(place.span.chord, key)}, {where}, {kind}"
