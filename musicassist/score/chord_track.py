"""The chords that somebody wrote into a song: texts on its track CHORDS, with markers that other programs show.

They are events of the song like any other, so undo, recovery and files hold them without knowing of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from musicassist.score.keys import key_at
from musicassist.score.song import Event, Song, Track
from musicassist.score.theory import NO_CHORD, Chord, Key, parse_chord

CHORD_TRACK = "CHORDS"
MARKER_PREFIX = "chord:"  # how other programs mark a chord among other markers
HEARD = "(heard)"  # on the track CHORDS: from here on nothing is written
MAX_SYMBOL_CHARS = 40  # LIMIT: longer than any chord symbol; what is longer is a text
_TEXT, _MARKER = b"\xff\x01", b"\xff\x06"


@dataclass(frozen=True, slots=True)
class ChordMark:
    """Something that is written about the chords from a place on, up to the next mark.

    Attributes:
        tick: Where it begins.
        chord: What sounds from there on, ``N.C.`` for nothing; None where it is again what is heard in the notes.
    """

    tick: int
    chord: Chord | None

    def __str__(self) -> str:
        return HEARD if self.chord is None else str(self.chord)


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord with its end.

    Attributes:
        from_tick, to_tick: Where it begins, and where another chord or none begins.
        chord: What sounds.
        is_written: Whether somebody wrote it; else it was heard in the notes, or proposed.
    """

    from_tick: int
    to_tick: int
    chord: Chord
    is_written: bool = True


def chord_name(chord: Chord, key: Key | None) -> str:
    """The symbol of a chord, spelled by the key: ``F#m7`` in D major, ``Gbm7`` where no key is known."""
    if key is None or chord.quality == NO_CHORD:
        return str(chord)
    names = key.note_names
    bass = f"/{names[chord.bass]}" if chord.bass is not None else ""
    return f"{names[chord.root]}{chord.quality}{bass}"


def is_chord_track(track: Track) -> bool:
    """Whether a track is there for the chords' names."""
    return track.name.strip().upper() == CHORD_TRACK


def is_only_of_chords(track: Track) -> bool:
    """Whether a track holds chords' names and nothing that sounds: people see them in the lane, not as a part.

    One called CHORDS that holds neither is somebody's part that is still empty.
    """
    if not is_chord_track(track) or len(track.notes):
        return False
    return any(event.data[:2] == _TEXT and _mark(event, "") is not None for event in track.events)


def playable_track(song: Song, index: int) -> int:
    """A track, or the nearest one that is more than the chords' names; itself where there is no other."""
    others = (i for i, track in enumerate(song.tracks) if not is_only_of_chords(track))
    return (
        index if not is_only_of_chords(song.tracks[index]) else min(others, key=lambda i: abs(i - index), default=index)
    )


def written_chords(song: Song) -> tuple[ChordMark, ...]:
    """The chords that stand in a song, in tick order, at most one at a tick.

    Texts on a track CHORDS count; where there is none, markers and texts anywhere that say ``chord:Em7``.
    """
    return tuple(sorted(_stood(song), key=lambda mark: mark.tick))


def _stood(song: Song) -> dict[ChordMark, bytes]:
    """The chords that stand in a song, at most one at a tick, each with the words in which it is written."""
    texts = [event for track in song.tracks if is_chord_track(track) for event in track.events]
    marks = _marks((event for event in texts if event.data[:2] == _TEXT), "")
    if not marks:
        every = (event for events in (song.events, *(t.events for t in song.tracks)) for event in events)
        marks = _marks((event for event in every if event.data[:2] in (_TEXT, _MARKER)), MARKER_PREFIX)
    return marks


def say_the_same(old: Song, new: Song) -> bool:
    """Whether an edit between two songs left all texts alone; looks at edited tracks alone, so it costs little."""
    if old is new:
        return True
    if old.events is not new.events or len(old.tracks) != len(new.tracks):
        return False
    edited = (pair for pair in zip(old.tracks, new.tracks, strict=True) if pair[0] is not pair[1])
    return all(before.events is after.events and before.name == after.name for before, after in edited)


def with_written_chords(song: Song, marks: Iterable[ChordMark]) -> Song:
    """The song with these chords and no others, each a text on the track CHORDS and a marker in the conductor's chunk.

    The track is made where there is none; markers that are no chord of ours stay. A chord that stands there already
    keeps the words in which somebody wrote it, any other is spelled by the key at its place.
    """
    stood = _stood(song)
    rows = sorted(marks, key=lambda mark: mark.tick)
    words = {mark: stood.get(mark) or _words(mark, song) for mark in rows}
    own = [Event(mark.tick, _TEXT + words[mark]) for mark in rows]
    shown = [Event(mark.tick, _MARKER + words[mark]) for mark in rows if mark.chord is not None]
    tracks = [_without_chords(track) for track in song.tracks]
    index = next((i for i, track in enumerate(tracks) if is_chord_track(track)), None)
    if index is None and own:
        tracks.append(Track(CHORD_TRACK, channel=_free_channel(song)))
        index = len(tracks) - 1
    if index is not None:
        tracks[index] = replace(tracks[index], events=_merged(tracks[index].events, own))
    kept = _without(song.events)
    for mark in stood:  # one of each: a rehearsal letter A may stand where the chord is A
        of_it = (row for row, event in enumerate(kept) if event.data[:2] == _MARKER and _mark(event, "") == mark)
        last = max(of_it, default=None)
        kept = kept if last is None else (*kept[:last], *kept[last + 1 :])
    return replace(song, tracks=tuple(tracks), events=_merged(kept, shown))


def _words(mark: ChordMark, song: Song) -> bytes:
    """What stands in the song for a mark."""
    return (HEARD if mark.chord is None else chord_name(mark.chord, key_at(song, mark.tick).key)).encode()


def _without_chords(track: Track) -> Track:
    """The track without our chords; itself where it has none, since undo and record tell tracks by identity."""
    kept = _without(track.events, is_of_chords=is_chord_track(track))
    return track if len(kept) == len(track.events) else replace(track, events=kept)


def written_spans(marks: Sequence[ChordMark], end_tick: int) -> tuple[ChordSpan, ...]:
    """Written chords with their ends, ``N.C.`` as well; the last one holds up to ``end_tick``."""
    ends = [*(mark.tick for mark in marks[1:]), end_tick] if marks else []
    return tuple(
        ChordSpan(mark.tick, min(end, end_tick), mark.chord)
        for mark, end in zip(marks, ends, strict=True)
        if mark.chord is not None and min(end, end_tick) > mark.tick
    )


def with_chord(marks: Sequence[ChordMark], from_tick: int, to_tick: int, chord: Chord | None) -> tuple[ChordMark, ...]:
    """Marks after a chord was written over a stretch; what held behind it goes on there. None: as it is heard."""
    before = [mark for mark in marks if mark.tick <= to_tick]
    behind = ChordMark(to_tick, before[-1].chord if before else None)
    kept = [mark for mark in marks if not from_tick <= mark.tick <= to_tick]
    return _tidy(sorted([*kept, ChordMark(from_tick, chord), behind], key=lambda mark: mark.tick))


def with_bound_moved(marks: Sequence[ChordMark], tick: int, to_tick: int) -> tuple[ChordMark, ...]:
    """Marks after a place where a chord begins or ends was moved; what it passes over goes.

    Args:
        marks: As they are.
        tick: The place; where no mark stands, the last chord ends.
        to_tick: Where it goes.
    """
    low, high = sorted((tick, to_tick))
    there = next((mark for mark in marks if mark.tick == tick), ChordMark(tick, None))
    passed = [mark for mark in marks if low <= mark.tick <= high] or [there]
    last = passed[-1] if to_tick > tick else there
    kept = [mark for mark in marks if not low <= mark.tick <= high]
    return _tidy(sorted([*kept, ChordMark(to_tick, last.chord)], key=lambda mark: mark.tick))


def _tidy(marks: Iterable[ChordMark]) -> tuple[ChordMark, ...]:
    """Without marks that change nothing."""
    found: list[ChordMark] = []
    for mark in marks:
        if mark.chord is not None or (found and found[-1].chord is not None):
            found.append(mark)
    return tuple(found)


def chords_until(spans: Iterable[ChordSpan], to_tick: int) -> tuple[ChordSpan, ...]:
    """Chords of a stretch that ends sooner."""
    return tuple(replace(s, to_tick=min(s.to_tick, to_tick)) for s in spans if s.from_tick < to_tick)


def joined_spans(
    written: Sequence[ChordSpan], heard: Sequence[ChordSpan], from_tick: int, to_tick: int
) -> tuple[ChordSpan, ...]:
    """What is written in a stretch, ``N.C.`` as well, and where nothing is, what is heard; in order, cut to it."""
    own = clipped(written, from_tick, to_tick)
    found = [span for gap in gaps_between(own, from_tick, to_tick) for span in clipped(heard, *gap)]
    return tuple(sorted([*own, *found], key=lambda span: span.from_tick))


def clipped(spans: Iterable[ChordSpan], from_tick: int, to_tick: int) -> list[ChordSpan]:
    """Chords cut to a stretch; those outside it are left out."""
    cut = (ChordSpan(max(s.from_tick, from_tick), min(s.to_tick, to_tick), s.chord, s.is_written) for s in spans)
    return [span for span in cut if span.to_tick > span.from_tick]


def gaps_between(spans: Sequence[ChordSpan], from_tick: int, to_tick: int) -> list[tuple[int, int]]:
    """The places of a stretch that no chord of some in order fills, from and to which tick."""
    begins = [from_tick, *(span.to_tick for span in spans)]
    ends = [*(span.from_tick for span in spans), to_tick]
    return [(begin, end) for begin, end in zip(begins, ends, strict=True) if end > begin]


def chord_at(spans: Sequence[ChordSpan], tick: float) -> ChordSpan | None:
    """The chord that sounds at a tick; of spans in order that do not overlap."""
    row = bisect_right(spans, tick, key=lambda span: span.from_tick) - 1
    return spans[row] if row >= 0 and tick < spans[row].to_tick else None


def _marks(events: Iterable[Event], prefix: str) -> dict[ChordMark, bytes]:
    found: dict[int, tuple[ChordMark, bytes]] = {}
    for event in events:
        mark = _mark(event, prefix)
        if mark is not None:
            found.setdefault(event.tick, (mark, event.data[2:].strip(b"\0 ")[len(prefix) :].strip()))
    return dict(found.values())


def _mark(event: Event, prefix: str) -> ChordMark | None:
    """What a text says of chords, if it says nothing else."""
    said = event.data[2 : 2 + 4 * MAX_SYMBOL_CHARS].decode("utf-8", "replace").strip("\0 ")
    if said == HEARD and not prefix:
        return ChordMark(event.tick, None)
    if not said.lower().startswith(prefix) or len(said) > MAX_SYMBOL_CHARS:
        return None
    try:
        return ChordMark(event.tick, parse_chord(said[len(prefix) :]))
    except ValueError:
        return None


def _without(events: Iterable[Event], *, is_of_chords: bool = False) -> tuple[Event, ...]:
    """Events without those that say a chord."""

    def says_chord(event: Event) -> bool:
        if is_of_chords and event.data[:2] == _TEXT:
            return _mark(event, "") is not None
        return event.data[:2] in (_TEXT, _MARKER) and _mark(event, MARKER_PREFIX) is not None

    return tuple(event for event in events if not says_chord(event))


def _merged(events: Iterable[Event], added: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted((*events, *added), key=lambda event: event.tick))


def _free_channel(song: Song) -> int:
    """A channel that no other track plays on, so that nothing sounds otherwise; 0 where all are taken."""
    taken = {track.channel for track in song.tracks}
    return next((channel for channel in range(16) if channel not in taken and channel != 9), 0)
