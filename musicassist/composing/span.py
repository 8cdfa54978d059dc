"""Where takes begin and end, and what they go on from and replace: told from what the user did, and said beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.parts import seam_tick, written_by
from musicassist.composing.request import ACCOMPANY, GIVEN, GenerationRequest
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.meant_times import (
    BARS_AROUND,
    MeantTimes,
    is_surely_before,
    meant_between,
    meant_span,
    next_onset_tick,
)
from musicassist.score.melody_part import melody_track
from musicassist.score.seam import NO_AMENDS, Amends, amends_for
from musicassist.score.song import Mask, Notes, Song, Track
from musicassist.score.timing import TimeMap

_NO_DRUMS = {
    "continue": QT_TRANSLATE_NOOP("Errors", "Drums cannot be continued. Choose a melodic track."),
    "generate": QT_TRANSLATE_NOOP("Errors", "Drums cannot be composed. Choose a melodic track."),
    "infill": QT_TRANSLATE_NOOP("Errors", "Drums cannot be filled in. Choose a melodic track."),
    "vary": QT_TRANSLATE_NOOP("Errors", "Drums cannot be varied. Choose a melodic track."),
    "interpolate": QT_TRANSLATE_NOOP("Errors", "Drums cannot be varied. Choose a melodic track."),
}
Source = Literal["end", "selection", "playhead"]
SOURCES: tuple[Source, ...] = ("end", "selection", "playhead")
_MIN_NOTES = 2  # LIMIT: one selected note is a correction or a place, not a phrase
_NEAR_BEAT_SHARE = 1 / 8  # of a beat: a playhead as near as this to a beat was put on it


@dataclass(frozen=True)
class Span:
    """The place of the takes.

    Attributes:
        seed: The notes before it that are gone on from, as they are meant; may be empty.
        from_tick: No new note starts before it.
        to_tick: The bar line on which the takes end.
        phrase: The notes in it, as they are meant.
        following: The notes of the track behind it, for an infill.
    """

    seed: Notes
    from_tick: int
    to_tick: int
    phrase: Notes = field(default_factory=Notes.of)
    following: Notes = field(default_factory=Notes.of)


def span_of(request: GenerationRequest) -> Span:
    """The span that a request fills.

    Raises:
        SeedError: There is nothing to continue or vary, the span is empty, or the track is for drums.
    """
    if request.kind in (ACCOMPANY, *GIVEN):
        return Span(Notes.of(), request.from_tick, request.to_tick)
    if request.has_parts:
        return _span_of_parts(request)
    if request.kind == "continue":
        return continuation_span(
            request.song, request.track_index, request.selection, request.bars, at_tick=request.at_tick
        )
    if request.kind == "generate":
        _pitched_track(request.song, request.track_index, "generate")
        bars, first_bar = request.song.time_map, request.song.time_map.bar_at(request.from_tick)
        return Span(Notes.of(), bars.bar_start_tick(first_bar), bars.bar_start_tick(first_bar + request.bars))
    return _span_inside(request, needs_notes=not request.is_reroll)


def _span_of_parts(request: GenerationRequest) -> Span:
    """The same for several tracks: each is gone on from where the last of them ends."""
    if request.kind not in ("continue", "infill"):
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "Several tracks can be continued or filled in, not varied."))
    written = written_by(request)
    song, bars = request.song, request.song.time_map
    if request.kind == "continue":
        span = continuation_span(song, request.track_index, request.selection, request.bars, at_tick=request.at_tick)
        from_tick = seam_tick(request, written.tracks, span.from_tick)
        first_bar = bars.bar_at(bars.bar_line_at_or_after(from_tick))
        return replace(span, from_tick=from_tick, to_tick=bars.bar_start_tick(first_bar + request.bars))
    if not any(len(track.notes) for i, track in enumerate(song.tracks) if not song.is_drum_track(i)):
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors", "There are no notes around these bars. Write some before or after them, or generate a phrase."
            )
        )
    return _span_inside(request, needs_notes=False)


def _span_inside(request: GenerationRequest, *, needs_notes: bool = True) -> Span:
    """The bars of an infill, a variation or an interpolation."""
    notes = _pitched_track(request.song, request.track_index, request.kind).notes
    start, stop = request.from_tick, request.to_tick
    if not 0 <= start < stop:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no bars to fill. Choose some first."))
    notes = MeantTimes.of_track(notes, request.song.time_map).notes
    phrase = notes.where(notes.starting_between(start, stop))
    before, behind = notes.where(notes.start_tick < start), notes.where(notes.start_tick >= stop)
    if request.is_reroll and not len(phrase):
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no notes to compose anew. Choose bars that have some."))
    if needs_notes and request.kind == "infill" and not len(before) and not len(behind):
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors", "There are no notes around these bars. Write some before or after them, or generate a phrase."
            )
        )
    if request.kind in ("vary", "interpolate") and not len(phrase):
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no notes to vary. Choose bars that have some."))
    return Span(before, start, stop, phrase, behind)


def request_amends(request: GenerationRequest, new: Notes, span: Span | None = None) -> Amends:
    """What puts volume, bend, pedals and tempo right for new notes that fill the span of a request.

    Args:
        request: What was asked.
        new: The notes.
        span: Where it is known, what :func:`span_of` says: that reads the whole track.
    """
    if request.kind in GIVEN or request.is_reroll:  # of those that are composed anew nothing but the notes is touched
        return NO_AMENDS
    span = span or span_of(request)
    return amends_for(request.song, request.track_index, span.seed, new, span.from_tick, span.to_tick)


def default_track_index(song: Song) -> int:
    """The track to continue when nobody chose one: the one called melody or the like, else the most melodic by notes.

    Raises:
        SeedError: No pitched track has notes.
    """
    index = melody_track(song)
    if index is None and song.note_count:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "Drums cannot be continued. Choose a melodic track."))
    if index is None:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no notes to continue. Write or open a phrase first."))
    return index


def continuation_span(
    song: Song,
    track_index: int,
    selection: NDArray[np.bool_] | None = None,
    bars: int = 4,
    *,
    at_tick: int | None = None,
) -> Span:
    """The seed (the selected notes, else the track's) with the bar begun and ``bars`` whole bars after it.

    Args:
        song: The song.
        track_index: The track that is continued.
        selection: Mask over its notes; None or all False means all of them.
        bars: Whole bars wanted.
        at_tick: Where to go on; what starts before it is the seed, and held notes count up to there. None: where the
            seed ends.

    Raises:
        SeedError: There are no notes, or the track is for drums.
    """
    track = _pitched_track(song, track_index)
    if len(track.notes) == 0:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no notes to continue. Write or open a phrase first."))
    meant = MeantTimes.of_track(track.notes, song.time_map)
    seed = meant.notes if selection is None or not selection.any() else meant.notes_of(selection)
    if at_tick is not None:
        seed = _notes_before(seed, at_tick)
    from_tick = next_onset_tick(seed, song.time_map) if at_tick is None else at_tick
    first_bar = song.time_map.bar_at(song.time_map.bar_line_at_or_after(from_tick))
    return Span(seed, from_tick, song.time_map.bar_start_tick(first_bar + bars))


def continuation_place(
    song: Song, track_index: int, selection: NDArray[np.bool_] | None, bars: int, at_tick: int | None
) -> tuple[int, int]:
    """From where to where :func:`continuation_span` goes, looked for only around there: a track may be long.

    Raises:
        SeedError: As there.
    """
    notes = _pitched_track(song, track_index).notes
    if len(notes) == 0 or (at_tick is not None and int(notes.start_tick[0]) >= at_tick):
        continuation_span(song, track_index, selection, bars, at_tick=at_tick)  # says why not
    time_map, from_tick = song.time_map, at_tick
    if from_tick is None:
        chosen = selection if selection is not None and selection.any() else np.ones(len(notes), dtype=np.bool_)
        last_bar = time_map.bar_at(int(notes.end_tick[chosen].max()))
        near = notes.end_tick >= time_map.bar_start_tick(max(0, last_bar - BARS_AROUND))
        meant = MeantTimes.of(notes.where(near), time_map)
        from_tick = next_onset_tick(meant.notes_of(chosen[near]), time_map)
    first_bar = time_map.bar_at(time_map.bar_line_at_or_after(from_tick))
    return from_tick, time_map.bar_start_tick(first_bar + bars)


def _notes_before(notes: Notes, tick: int) -> Notes:
    if int(notes.start_tick[0]) >= tick:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no notes before that place. Choose a later one."))
    return notes.where(notes.start_tick < tick).without_span(tick, tick + 1)


def _pitched_track(song: Song, track_index: int, kind: str = "continue") -> Track:
    track = song.tracks[track_index] if 0 <= track_index < len(song.tracks) else Track()
    if 0 <= track_index < len(song.tracks) and song.is_drum_track(track_index):
        raise SeedError(_NO_DRUMS[kind])
    return track


@dataclass(frozen=True)
class Prompt:
    """What a press would continue.

    Attributes:
        source: ``end`` (the whole track, at its end), ``selection`` (the selected notes, at their end) or ``playhead``
            (what stands before the playhead, there).
        seed_count: How many notes are gone on from.
        replaced_count: How many a take would take the place of.
        seed_bars: Numbers of the first and last bar of the seed.
        take_bars: Numbers of the first and last bar that a take covers.
    """

    source: Source
    seed_count: int = 0
    replaced_count: int = 0
    seed_bars: tuple[int, int] = (0, 0)
    take_bars: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Situation:
    """What shows where a user means to go on.

    Attributes:
        song: The song as it is.
        track_index: The selected track.
        selection: Mask over its notes.
        is_selection_chosen: Whether somebody selected them; False for what an edit left selected.
        playhead_tick: Where the user put the playhead; None where it merely stopped.
        wish: What the user said to be continued; None leaves it to the rest.
    """

    song: Song
    track_index: int
    selection: Mask
    is_selection_chosen: bool = False
    playhead_tick: int | None = None
    wish: Source | None = None

    @property
    def source(self) -> Source:
        """What is meant: what was said, else notes that were selected as a phrase, else a playhead inside the song."""
        if self.wish is not None and self.wish in self.sources:
            return self.wish
        if self._is_phrase_chosen:
            return "selection"
        return "playhead" if "playhead" in self.sources else "end"

    @property
    def sources(self) -> tuple[Source, ...]:
        """What might be meant."""
        is_possible = {"end": True, "selection": bool(self.selection.any()), "playhead": self._is_playhead_inside}
        return tuple(source for source in SOURCES if is_possible[source])

    @property
    def _notes(self) -> Notes:
        return self.song.tracks[self.track_index].notes

    @property
    def _is_phrase_chosen(self) -> bool:
        if not self.is_selection_chosen or np.count_nonzero(self.selection) < _MIN_NOTES:
            return False
        span = meant_span(self._notes, self.selection, self.song.time_map)
        return span is not None and span[1] - span[0] > self.song.ticks_per_beat

    @property
    def _is_playhead_inside(self) -> bool:
        """Whether there is music before and behind it; at the end of its track it says nothing new."""
        tick = self.start_tick
        if tick is None or not len(self._notes):
            return False
        time_map = self.song.time_map
        own_end = int(MeantTimes.around(self._notes, time_map, int(self._notes.end_tick.max())).end_tick.max())
        if not int(self._notes.start_tick[0]) < tick != own_end:
            return False
        # Not by the meant end of the song: each edit would look at all its tracks.
        return own_end > tick or is_surely_before(time_map, tick, self.song.end_tick)

    @property
    def start_tick(self) -> int | None:
        """The playhead, on the beat if it is near one."""
        if self.playhead_tick is None:
            return None
        place_tick, time_map = self.playhead_tick, self.song.time_map
        bar, offset_ticks = time_map.bar_and_offset_ticks(place_tick)
        beat_ticks = time_map.beat_ticks_at(place_tick)
        beat_tick = time_map.bar_start_tick(bar) + round(round(offset_ticks / beat_ticks) * beat_ticks)
        line_tick = time_map.bar_start_tick(bar + 1)
        near_tick = min(beat_tick, line_tick, key=lambda tick: abs(tick - place_tick))
        is_near = abs(near_tick - place_tick) <= beat_ticks * _NEAR_BEAT_SHARE
        return near_tick if is_near else place_tick


def prompt_of(song: Song, track_index: int, source: Source, selection: Mask, bars: int, at_tick: int | None) -> Prompt:
    """What a press takes and replaces; cheap, since it is said after each edit.

    Args:
        song: The song as it is.
        track_index: The track that is continued.
        source: What is meant.
        selection: Mask over its notes; counts for the source ``selection``.
        bars: Whole bars wanted.
        at_tick: Where to go on; None: where the notes end.

    Raises:
        SeedError: There is nothing to continue.
    """
    chosen = selection if source == "selection" else np.ones_like(selection)
    from_tick, to_tick = continuation_place(song, track_index, chosen, bars, at_tick)
    notes, time_map = song.tracks[track_index].notes, song.time_map
    if at_tick is not None:
        chosen = notes.start_tick < at_tick
    first, last = int(notes.start_tick[chosen].min()), min(int(notes.end_tick[chosen].max()), from_tick)
    meant = MeantTimes.around(notes, time_map, first, from_tick)
    first_meant = int(meant.start_tick[chosen].min())
    return Prompt(
        source,
        int(np.count_nonzero(chosen)),
        int(np.count_nonzero(meant_between(notes, time_map, from_tick, to_tick))),
        (_number_at(time_map, first_meant), _number_at(time_map, max(first_meant, last - 1))),
        (_number_at(time_map, from_tick), _number_at(time_map, to_tick - 1)),
    )


def _number_at(time_map: TimeMap, tick: int) -> int:
    return time_map.bar_number(time_map.bar_at(tick))
