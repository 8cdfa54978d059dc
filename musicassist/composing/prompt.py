"""What a continuation goes on from, and where: told from what the user did, and said in so many words beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from musicassist.composing.span import continuation_place
from musicassist.score.meant_times import MeantTimes, is_surely_before, meant_between, meant_span
from musicassist.score.song import Mask, Notes, Song
from musicassist.score.timing import TimeMap

Source = Literal["end", "selection", "playhead"]
SOURCES: tuple[Source, ...] = ("end", "selection", "playhead")
_MIN_NOTES = 2  # LIMIT: one selected note is a correction or a place, not a phrase
_NEAR_BEAT_SHARE = 1 / 8  # of a beat: a playhead as near as this to a beat was put on it


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
