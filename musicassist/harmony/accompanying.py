"""Accompaniments of a melody from its chords: block, broken, bass and chords, or as the song's own parts play."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.harmony.song_chords import song_chords
from musicassist.harmony.voicing import MAX_PITCH, Voices, voiced
from musicassist.score.chord_track import ChordSpan, chord_at, with_written_chords
from musicassist.score.song import Note, Notes, Song
from musicassist.score.theory import Chord, chord_steps
from musicassist.score.timing import TimeMap

LIKE = "like"  # the song's own parts
ACCOMPANIMENTS = ("block", "broken", "bass", LIKE)
TITLES = {
    "block": QT_TRANSLATE_NOOP("Accompaniments", "Held chords"),
    "broken": QT_TRANSLATE_NOOP("Accompaniments", "Broken chords"),
    "bass": QT_TRANSLATE_NOOP("Accompaniments", "Bass and chords"),
    LIKE: QT_TRANSLATE_NOOP("Accompaniments", "As the song has played"),
}
PIANO, BASS = 0, 32  # General MIDI: grand piano, acoustic bass
CHORDS_NAME = QT_TRANSLATE_NOOP("Tracks", "Chords")
BASS_NAME = QT_TRANSLATE_NOOP("Tracks", "Bass")
BASS_RANGE = 28, 50  # E1 to D3
SOFTER = 0.8  # than the melody
VELOCITY = 64  # where there is none
BASS_GAIN = 1.1
PATTERN_BARS = 4  # LIMIT: what the song's own parts played is looked for in so many bars of each
LOW_MELODY = 62  # D4; what goes down so far has its chords an octave lower
_OCTAVE = 12
_BASS_MEDIAN = 52  # E3; a part that lies lower is a bass
_ROOM = 5  # semitones that a part may leave what it has played in
Bar = tuple[int, int]  # from tick, to tick


@dataclass(frozen=True, eq=False)
class AccompanyingPart:
    """What one track gets.

    Attributes:
        track_index: The track, where the song has it; None for a new one.
        name: Of a new track.
        program: Of a new track, General MIDI.
        notes: Its notes between ``from_tick`` and ``to_tick``; what stood there goes.
        from_tick, to_tick: The stretch.
    """

    track_index: int | None
    name: str
    program: int
    notes: Notes
    from_tick: int
    to_tick: int


def accompany(song: Song, melody_track: int, spans: Sequence[ChordSpan], style: str) -> tuple[AccompanyingPart, ...]:
    """Parts that play chords under a melody, none of them beyond its end.

    Args:
        song: The song, with its melody.
        melody_track: Where that stands; without notes, and on drums, the chords are played as far as they go.
        spans: The chords, in order.
        style: One of ``ACCOMPANIMENTS``; ``like`` is ``block`` where no other part plays.
    """
    melody = Notes.of() if song.is_drum_track(melody_track) else song.tracks[melody_track].notes
    cut = _below(spans, melody)
    if not cut:
        return ()
    if style == LIKE:
        parts = _like(song, melody_track, cut)
        if parts:
            return parts
    velocity = max(1, round(SOFTER * float(melody.velocity.mean()))) if len(melody) else VELOCITY
    voices = _voices(cut, melody)
    if style == "bass":
        low = Notes.of(_bass(song.time_map, cut, min(127, round(BASS_GAIN * velocity))))
        high = Notes.of(_after_beats(song.time_map, cut, voices, velocity))
        return (_new(CHORDS_NAME, PIANO, high, cut), _new(BASS_NAME, BASS, low, cut))
    play: Callable[[TimeMap, Sequence[ChordSpan], Sequence[Voices], int], Iterator[Note]]
    play = _broken if style == "broken" else _block
    return (_new(CHORDS_NAME, PIANO, Notes.of(play(song.time_map, cut, voices, velocity)), cut),)


def _new(name: str, program: int, notes: Notes, spans: Sequence[ChordSpan]) -> AccompanyingPart:
    return AccompanyingPart(None, name, program, notes, spans[0].from_tick, spans[-1].to_tick)


def _below(spans: Sequence[ChordSpan], melody: Notes) -> list[ChordSpan]:
    """Chords with tones, as far as the melody goes, if there is one."""
    end = int(melody.end_tick.max()) if len(melody) else max((span.to_tick for span in spans), default=0)
    cut = (replace(span, to_tick=min(span.to_tick, end)) for span in spans if span.chord.pitch_classes)
    return [span for span in cut if span.to_tick > span.from_tick]


def _voices(spans: Sequence[ChordSpan], melody: Notes) -> list[Voices]:
    found: list[Voices] = []
    lower = _OCTAVE if len(melody) and int(melody.pitch.min()) <= LOW_MELODY else 0
    for span in spans:
        over = melody.pitch[(melody.start_tick < span.to_tick) & (melody.end_tick > span.from_tick)]
        floor = int(over.min()) if len(over) else MAX_PITCH + 1
        found.append(voiced(span.chord, found[-1] if found else None, floor, lower))
    return found


def _laps(time_map: TimeMap, span: ChordSpan, ticks: int | None = None) -> Iterator[Bar]:
    """The parts of a chord between bar lines, or of so many ticks from its bar line on."""
    tick = span.from_tick
    while tick < span.to_tick:
        line = time_map.bar_start_tick(time_map.bar_at(tick))
        after = time_map.bar_start_tick(time_map.bar_at(tick) + 1)
        if ticks is not None:
            after = min(after, line + ((tick - line) // ticks + 1) * ticks)
        yield tick, min(after, span.to_tick)
        tick = after


def _block(time_map: TimeMap, spans: Sequence[ChordSpan], voices: Sequence[Voices], velocity: int) -> Iterator[Note]:
    """Held chords, struck again in each bar."""
    for span, chord in zip(spans, voices, strict=True):
        for start, end in _laps(time_map, span):
            yield from (Note(start, pitch, end - start, velocity) for pitch in chord)


def _broken(time_map: TimeMap, spans: Sequence[ChordSpan], voices: Sequence[Voices], velocity: int) -> Iterator[Note]:
    """Eighths: the bass where a chord begins and on each bar line, then its voices up and down."""
    step = max(1, time_map.ticks_per_beat // 2)
    for span, (bass, low, middle, high) in zip(spans, voices, strict=True):
        turn = (low, middle, high, middle)
        place = 0
        for start, end in _laps(time_map, span, step):
            is_first = start == span.from_tick or time_map.bar_line_at_or_after(start) == start
            place = 0 if is_first else place + 1
            yield Note(start, bass if is_first else turn[(place - 1) % 4], end - start, velocity)


def _bass(time_map: TimeMap, spans: Sequence[ChordSpan], velocity: int) -> Iterator[Note]:
    """The bass where a chord or a bar begins, and its fifth in the middle of a bar of an even number of beats."""
    before: int | None = None
    for span in spans:
        chord = span.chord
        low = _near(chord.root if chord.bass is None else chord.bass, before, BASS_RANGE)
        fifth = next((pc for pc in (7, 6, 8) if (chord.root + pc) % 12 in chord.pitch_classes), 0)
        for start, end in _laps(time_map, span):
            middle = start + _half(time_map, start)
            is_split = start < middle < end
            yield Note(start, low, (middle if is_split else end) - start, velocity)
            if is_split:
                other = _near((chord.root + fifth) % 12 if chord.bass is None else chord.root, low, BASS_RANGE)
                yield Note(middle, other, end - middle, velocity)
        before = low


def _half(time_map: TimeMap, tick: int) -> int:
    """Half a bar where that is whole beats, else 0."""
    meter, ticks = time_map.meter_at(tick), time_map.bar_ticks_at(tick)
    return ticks // 2 if meter.numerator % 2 == 0 else 0


def _after_beats(
    time_map: TimeMap, spans: Sequence[ChordSpan], voices: Sequence[Voices], velocity: int
) -> Iterator[Note]:
    """The upper voices on the beats on which the bass is silent."""
    for span, chord in zip(spans, voices, strict=True):
        beat = max(1, round(time_map.beat_ticks_at(span.from_tick)))
        for start, end in _laps(time_map, span, beat):
            offset = time_map.bar_and_offset_ticks(start)[1]
            half = _half(time_map, start)
            is_of_bass = start == span.from_tick or offset == 0 or (half > 0 and offset == half)
            if not is_of_bass or span.to_tick - span.from_tick <= beat:
                yield from (Note(start, pitch, end - start, velocity) for pitch in chord[1:])


def _near(pitch_class: int, pitch: int | None, limits: tuple[int, int]) -> int:
    """The pitch of a class within limits that is nearest to another, or to their middle."""
    aim = sum(limits) / 2 if pitch is None else pitch
    fitting = [p for p in range(limits[0], limits[1] + 1) if p % 12 == pitch_class]
    return min(fitting, key=lambda p: abs(p - aim))


# as the song's own parts play


def _like(song: Song, melody_track: int, spans: Sequence[ChordSpan]) -> tuple[AccompanyingPart, ...]:
    """The song's other parts with these chords: what each plays in a bar itself, else in the bars before."""
    bars = song.time_map
    from_tick, to_tick = spans[0].from_tick, spans[-1].to_tick
    targets = [bars.bar_start_tick(bar) for bar in range(bars.bar_at(from_tick), bars.bar_at(to_tick - 1) + 1)]
    own = song_chords(with_written_chords(song, ()), 0, song.end_tick, but_track=melody_track)  # what they do play
    parts = []
    for index, track in enumerate(song.tracks):
        if index == melody_track or not len(track.notes) or track.muted or song.is_drum_track(index):
            continue
        played = np.unique([bars.bar_at(int(tick)) for tick in track.notes.start_tick])
        notes: list[Note] = []
        for line in targets:
            source = _source(bars, played, line)
            if source is not None:
                notes += _moved(track.notes, bars, source, line, own, spans)
        kept = [n for n in notes if from_tick <= n.start_tick < to_tick]
        kept = [replace(n, duration_ticks=min(n.duration_ticks, to_tick - n.start_tick)) for n in kept]
        if kept:
            parts.append(AccompanyingPart(index, track.name, track.program, Notes.of(kept), from_tick, to_tick))
    return tuple(parts)


def _source(bars: TimeMap, played: np.ndarray[tuple[int], np.dtype[np.int64]], line: int) -> int | None:
    """The bar whose pattern is taken for a bar: itself, else the one of the same place of the last bars of a part."""
    bar, ticks = bars.bar_at(line), bars.bar_ticks_at(line)
    fitting = [int(b) for b in played if bars.bar_ticks_at(bars.bar_start_tick(int(b))) == ticks]
    if bar in fitting:
        return bar
    before = [b for b in fitting if b < bar][-PATTERN_BARS:] or [b for b in fitting if b > bar][:PATTERN_BARS]
    alike = [b for b in before if (bar - b) % PATTERN_BARS == 0]
    return alike[-1] if alike else before[-1] if before else None


def _moved(
    notes: Notes, bars: TimeMap, source: int, line: int, own: Sequence[ChordSpan], spans: Sequence[ChordSpan]
) -> list[Note]:
    """The notes of a bar at another one, over its chords."""
    start, end = bars.bar_start_tick(source), bars.bar_start_tick(source + 1)
    rows = notes.where((notes.start_tick >= start) & (notes.start_tick < end))
    low, high = int(notes.pitch.min()) - _ROOM, int(notes.pitch.max()) + _ROOM
    is_bass_part = float(np.median(notes.pitch)) < _BASS_MEDIAN
    found: list[Note] = []
    for tick in np.unique(rows.start_tick).tolist():
        struck = sorted(rows.where(rows.start_tick == tick), key=lambda note: note.pitch)
        there = tick - start + line
        target, played = chord_at(spans, there), chord_at(own, tick)
        if target is None:
            continue
        taken: set[int] = set()
        for row, note in enumerate(struck):
            wanted = _wanted(note.pitch, target.chord, played)
            if row == 0 and _is_bass(note, notes, played):
                wanted = {target.chord.root if target.chord.bass is None else target.chord.bass}
            elif is_bass_part and played is not None:
                wanted = _same_degree(note.pitch, target.chord, played.chord) or wanted
            near = sorted(range(max(0, low), min(127, high) + 1), key=lambda p: (abs(p - note.pitch), p))
            pitch = next((p for p in near if p % 12 in wanted and p not in taken), None)
            if pitch is not None:
                taken.add(pitch)
                found.append(replace(note, start_tick=there, pitch=pitch))
    return found


def _is_bass(note: Note, part: Notes, played: ChordSpan | None) -> bool:
    """Whether it is the chord's bass, in the lower half of its part."""
    if played is None:
        return False
    chord = played.chord
    is_low = note.pitch <= float(np.median(part.pitch))
    return is_low and note.pitch % 12 == (chord.root if chord.bass is None else chord.bass)


def _wanted(pitch: int, chord: Chord, played: ChordSpan | None) -> set[int]:
    """The pitch classes that play over a chord the part that a pitch played over its own."""
    tones = set(chord.pitch_classes)
    if played is None or pitch % 12 in played.chord.pitch_classes:
        return tones
    rubs = any((pitch - tone) % 12 == 1 for tone in tones)
    return tones if rubs else {pitch % 12}  # what passes goes on passing


def _same_degree(pitch: int, chord: Chord, played: Chord) -> set[int]:
    """Third for third and fifth for fifth; nothing where it is neither."""
    own, steps = chord_steps(played.quality), chord_steps(chord.quality)
    place = (pitch - played.root) % 12
    return {(chord.root + steps[own.index(place)]) % 12} if place in own and own.index(place) < len(steps) else set()
