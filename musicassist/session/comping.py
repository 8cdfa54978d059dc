"""Comping: one take made of pieces of several. Which piece comes from which take, the mix of them, and its joins.

A bound between two pieces is where somebody swiped; where a note of the left piece is held across it, the join lies at
the nearest place where none is. So no note is cut, none sounds twice, and every note of a piece is in the mix whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from musicassist.composing.composed import Stretches, between
from musicassist.composing.request import Part, Take
from musicassist.composing.take_plan import TakePlan
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import NOTE_COLUMNS, Mask, Notes, Song
from musicassist.score.timing import TimeMap

MIX = 0  # the number of the mix among takes, which are counted from 1
MAX_LEAP_SEMITONES = 7  # LIMIT: over a fifth is a leap that one notices
_SEMITONE_APART = (1, 11)  # of two pitch classes that rub against each other


@dataclass(frozen=True)
class Piece:
    """A stretch of the span, and the number of the take that it comes from."""

    from_tick: int
    to_tick: int
    take: int


@dataclass(frozen=True)
class Comp:
    """Which take each place of a span comes from.

    Attributes:
        pieces: In order; they cover the span, and neighbours come from different takes.
    """

    pieces: tuple[Piece, ...]

    @staticmethod
    def of(from_tick: int, to_tick: int, take: int) -> Comp:
        """All of it from one take."""
        return Comp((Piece(from_tick, to_tick, take),))

    @property
    def takes(self) -> tuple[int, ...]:
        """Numbers of the takes that it comes from, each once, in order of their first pieces."""
        return tuple(dict.fromkeys(piece.take for piece in self.pieces))

    def swiped(self, from_tick: int, to_tick: int, take: int) -> Comp:
        """With [from_tick, to_tick), as far as it lies in the span, from another take."""
        start, stop = self.pieces[0].from_tick, self.pieces[-1].to_tick
        first, last = max(start, from_tick), min(stop, to_tick)
        if first >= last:
            return self
        before = (replace(p, to_tick=min(p.to_tick, first)) for p in self.pieces if p.from_tick < first)
        behind = (replace(p, from_tick=max(p.from_tick, last)) for p in self.pieces if p.to_tick > last)
        return Comp(_joined([*before, Piece(first, last, take), *behind]))

    def without(self, take: int, other: int) -> Comp:
        """With what comes from one take from another one instead."""
        return Comp(_joined([replace(p, take=other) if p.take == take else p for p in self.pieces]))


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Neighbours of one take as one piece."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].take == piece.take:
            joined[-1] = replace(joined[-1], to_tick=piece.to_tick)
        else:
            joined.append(piece)
    return tuple(joined)


@dataclass(frozen=True)
class Join:
    """Where two pieces meet in the edited track.

    Attributes:
        tick: Where they do.
        asked_tick: Where the bound was drawn; another place where a note was held across it.
        leap_semitones: From the last pitch before it to the first one behind it, signed; 0 where there is none.
        rest_ticks: How long nothing sounds there.
        clashes: Whether the first note behind it rubs against what sounds in another track at its start.
    """

    tick: int
    asked_tick: int
    leap_semitones: int = 0
    rest_ticks: int = 0
    clashes: bool = False

    @property
    def is_rough(self) -> bool:
        """Whether one would like to have it mended."""
        return self.clashes or abs(self.leap_semitones) > MAX_LEAP_SEMITONES


@dataclass(frozen=True, eq=False)
class Mix:
    """What a comp sounds like.

    Attributes:
        take: As a take of its own, number ``MIX``. Its amends are those of its first take: who writes it makes them
            anew.
        joins: Of the edited track, in order.
    """

    take: Take
    joins: tuple[Join, ...]


def mix_of(comp: Comp, takes: Mapping[int, Take], song: Song) -> Mix:
    """The takes mixed. Takes some milliseconds; any thread.

    Args:
        comp: Whose numbers are all among the takes.
        takes: By number; they fill one span of the song.
        song: What they were asked for in.
    """
    first = takes[comp.pieces[0].take]
    own, joins = _mixed({number: takes[number].notes for number in comp.takes}, comp, song.time_map)
    indexes = sorted({part.track_index for number in comp.takes for part in takes[number].parts})
    parts = tuple(_mixed_part(index, comp, takes, song.time_map) for index in indexes)
    beside = [track.notes for index, track in enumerate(song.tracks) if index not in indexes and not track.is_drums]
    sounding = Beside.of((*(part.notes for part in parts), *beside), first.from_tick, first.to_tick)
    models = {takes[number].model for number in comp.takes}
    made = replace(
        first,
        notes=own,
        parts=parts,
        number=MIX,
        model=first.model if len(models) == 1 else "",
        in_scale_share=_share(comp, takes, "in_scale_share"),
        originality=_share(comp, takes, "originality"),
        plan=_plan(comp, takes, song.time_map),
        evidence=None,
        composed=_composed(comp, takes, [join.tick for join in joins]),
    )
    return Mix(made, tuple(_judged(join, own, sounding) for join in joins))


def _composed(comp: Comp, takes: Mapping[int, Take], joins: Sequence[int]) -> Stretches:
    """Who composed which bars of a mix whose pieces meet at these joins."""
    bounds = (comp.pieces[0].from_tick, *joins, comp.pieces[-1].to_tick)
    pieces = zip(comp.pieces, pairwise(bounds), strict=True)
    return tuple(own for piece, span in pieces for own in between(takes[piece.take].composed, *span))


def _mixed_part(index: int, comp: Comp, takes: Mapping[int, Take], time_map: TimeMap) -> Part:
    has = {number: next((p for p in takes[number].parts if p.track_index == index), None) for number in comp.takes}
    notes, _ = _mixed({number: part.notes if part else Notes.of() for number, part in has.items()}, comp, time_map)
    model = next(part for part in has.values() if part is not None)
    return replace(model, notes=notes)


def _mixed(notes: Mapping[int, Notes], comp: Comp, time_map: TimeMap) -> tuple[Notes, list[Join]]:
    """The notes of one track from each piece's take, and where the pieces meet."""
    meant = {number: MeantTimes.of(own, time_map) for number, own in notes.items()}
    bounds = [comp.pieces[0].from_tick]
    for left, right in pairwise(comp.pieces):
        bounds.append(_free_place(meant[left.take], right.from_tick, bounds[-1], right.to_tick))
    bounds.append(comp.pieces[-1].to_tick)
    chosen = [
        meant[piece.take].played.where(meant[piece.take].starting_between(start, stop))
        for piece, (start, stop) in zip(comp.pieces, pairwise(bounds), strict=True)
    ]
    joins = [Join(tick, piece.from_tick) for tick, piece in zip(bounds[1:-1], comp.pieces[1:], strict=True)]
    return _parted(chosen), joins


def _free_place(meant: MeantTimes, asked_tick: int, least_tick: int, most_tick: int) -> int:
    """The place nearest to a bound across which no note is held; the earlier of two that are as near."""
    own = meant.start_tick >= least_tick
    starts, ends = meant.start_tick[own], meant.end_tick[own]
    order = np.argsort(starts, kind="stable")
    reached = np.concatenate([[least_tick], np.maximum.accumulate(ends[order])])  # by the notes up to each
    places = np.unique(np.concatenate([[asked_tick], starts, ends]))
    places = places[(places >= least_tick) & (places <= most_tick)]
    free = places[reached[np.searchsorted(starts[order], places)] <= places]
    return int(free[np.abs(free - asked_tick).argmin()]) if len(free) else least_tick


def _parted(pieces: Iterable[Notes]) -> Notes:
    """The pieces as one; a key that is struck again, a hair early by somebody's timing, is let go before."""
    whole = Notes.of()
    for piece in pieces:
        whole = whole.plus(piece)
    end = whole.end_tick.copy()
    for pitch in np.unique(whole.pitch).tolist():
        rows = np.flatnonzero(whole.pitch == pitch)
        start = whole.start_tick[rows]
        following = np.append(start[1:], np.iinfo(np.int64).max)
        end[rows] = np.where(following > start, np.minimum(end[rows], following), end[rows])
    return Notes.from_columns(whole.start_tick, whole.pitch, end - whole.start_tick, whole.velocity)


@dataclass(frozen=True, eq=False)
class Beside:
    """What sounds in the other tracks around a span."""

    notes: Notes

    @staticmethod
    def of(tracks: Iterable[Notes], from_tick: int, to_tick: int) -> Beside:
        """Of what reaches into a span."""
        near = [t.where((t.end_tick > from_tick) & (t.start_tick < to_tick)) for t in tracks]
        columns = (np.concatenate([[], *(getattr(n, c) for n in near)]).astype(np.int64) for c in NOTE_COLUMNS)
        return Beside(Notes.from_columns(*columns))

    def rubs_against(self, tick: int, pitch: int) -> bool:
        """Whether a pitch is a semitone, or octaves and a semitone, from one that sounds at a place."""
        is_there: Mask = (self.notes.start_tick <= tick) & (self.notes.end_tick > tick)
        return bool(np.isin((self.notes.pitch[is_there] - pitch) % 12, _SEMITONE_APART).any())


def _judged(join: Join, notes: Notes, beside: Beside) -> Join:
    """A join with what one hears there; a chord counts by its highest note."""
    before, behind = np.flatnonzero(notes.start_tick < join.tick), np.flatnonzero(notes.start_tick >= join.tick)
    if not len(before) or not len(behind):
        return join
    last = before[notes.start_tick[before] == notes.start_tick[before].max()][-1]
    first = behind[notes.start_tick[behind] == notes.start_tick[behind].min()][-1]
    start, pitch = int(notes.start_tick[first]), int(notes.pitch[first])
    return replace(
        join,
        leap_semitones=pitch - int(notes.pitch[last]),
        rest_ticks=max(0, start - int(notes.end_tick[before].max())),
        clashes=beside.rubs_against(start, pitch),
    )


def _share(comp: Comp, takes: Mapping[int, Take], name: str) -> float:
    """A share of the takes, each by how long its pieces are."""
    ticks = np.array([piece.to_tick - piece.from_tick for piece in comp.pieces])
    return float(np.average([getattr(takes[piece.take], name) for piece in comp.pieces], weights=ticks))


def _plan(comp: Comp, takes: Mapping[int, Take], time_map: TimeMap) -> TakePlan | None:
    """What its bars take up: each bar as in the take that has most of it; None where a take has no plan."""
    plans = {number: takes[number].plan for number in comp.takes}
    model = plans[comp.pieces[0].take]
    if model is None or any(plan is None or len(plan.bars) != len(model.bars) for plan in plans.values()):
        return None
    bars = []
    for row in range(len(model.bars)):
        start, stop = time_map.bar_start_tick(model.first_bar + row), time_map.bar_start_tick(model.first_bar + row + 1)
        most = max(comp.pieces, key=lambda piece: min(stop, piece.to_tick) - max(start, piece.from_tick))
        plan = plans[most.take]
        assert plan is not None
        bars.append(plan.bars[row])
    return replace(model, intent=model.intent if len(comp.pieces) == 1 else None, bars=tuple(bars))
