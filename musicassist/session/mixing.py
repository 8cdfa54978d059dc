"""Mixing takes: pieces of several are heard as one, and a rough join is mended by composing its notes anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from musicassist.composing.composed import between, laid_over
from musicassist.composing.request import GenerationRequest, Kin, Take
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.song import Notes
from musicassist.score.timing import TimeMap
from musicassist.session.comping import MIX, Comp, Join
from musicassist.session.further_takes import Further, FurtherTakes, inside, joined
from musicassist.session.offers import Offer
from musicassist.session.take_parts import song_with
from musicassist.session.takes import Takes


class Mixing:
    """The mix of the takes on offer. Main thread only; nothing here waits."""

    def __init__(self, takes: Takes, further: FurtherTakes, *, new_seed: Callable[[], int]) -> None:
        """Mixes what somebody else keeps or lets go.

        Args:
            takes: Those on offer.
            further: Composes what mends a join.
            new_seed: A random number.
        """
        self._takes = takes
        self._further = further
        self._new_seed = new_seed

    @property
    def comp(self) -> Comp | None:
        """Which take each place of the mix comes from; None before anything was mixed."""
        return self._takes.current.comp

    @property
    def is_possible(self) -> bool:
        """Whether several takes are on offer that fill the same tracks; accompaniments bring tracks of their own."""
        offer = self._takes.current
        return offer.phase == "offered" and len(offer.takes) > 1 and not any(t.new_tracks for t in offer.takes)

    @property
    def joins(self) -> tuple[Join, ...]:
        """Where its pieces meet."""
        mix = self._takes.current.mix
        return mix.joins if mix is not None else ()

    @property
    def rough_joins(self) -> tuple[Join, ...]:
        """Those that one would like to have mended."""
        return tuple(join for join in self.joins if join.is_rough)

    def mix(self, comp: Comp) -> None:
        """Lets pieces of several takes sound as one; ignored without takes on offer."""
        offer = self._takes.current
        if self.is_possible and (comp != offer.comp or offer.auditioned != MIX):
            self._takes.put_on_offer(offer.mixed(comp))

    def take_from(self, from_tick: int, to_tick: int, step: int) -> None:
        """Some bars of the mix come from the next take (1) or the one before (-1), round and round.

        Raises:
            SeedError: They lie outside the takes.
        """
        offer = self._takes.current
        heard = self._takes.heard
        if heard is None or not self.is_possible:
            return
        if to_tick <= heard.from_tick or from_tick >= heard.to_tick:
            raise SeedError(QT_TRANSLATE_NOOP("Errors", "The playhead is not in the bars of the takes."))
        comp = offer.comp if offer.auditioned == MIX else Comp.of(heard.from_tick, heard.to_tick, heard.number)
        assert comp is not None
        now = next(p.take for p in comp.pieces if p.to_tick > max(from_tick, heard.from_tick))
        numbers = [take.number for take in offer.takes]
        self.mix(comp.swiped(from_tick, to_tick, numbers[(numbers.index(now) + step) % len(numbers)]))

    # Mending.

    def mend(self, tick: int | None = None) -> None:
        """Composes the notes around a join anew, with all others as they are; the mix gets them when they come.

        Args:
            tick: Of the join; None for the first rough one.
        """
        offer, request = self._takes.current, self._takes.request
        join = next((own for own in self.joins if own.tick == tick), None) if tick is not None else None
        join = join or next(iter(self.rough_joins), None)
        mix, index = offer.mix, self._takes.track_index
        if join is None or mix is None or request is None or index is None:
            return
        from_tick, to_tick = around(join.tick, mix.take, request.song.time_map)
        song, _ = song_with(mix.take, request, request.song, request.track_index)
        asked = replace(
            inside(request, "infill", song, from_tick, to_tick),
            takes=1,
            model=self._takes.controls.model_for("infill"),
            seed=self._new_seed(),
        )
        self._further.ask([Further(asked, lambda now, made: _mended(now, offer.comp, asked, made))])


def _mended(offer: Offer, comp: Comp | None, request: GenerationRequest, made: tuple[Take, ...]) -> Offer:
    """The offer with a take that mends a join of its mix; as it is where the mix is another one by now."""
    if comp is None or comp != offer.comp or offer.mix is None:
        return offer
    mix = offer.mix.take
    stays = mix.notes.where(~mix.notes.starting_between(request.from_tick, request.to_tick))
    whole = joined(
        offer,
        mix,
        stays.plus(made[0].notes),
        seed=request.seed,
        model=made[0].model,
        plan=None,
        kin=Kin("mend"),
        composed=laid_over(mix.composed, between(made[0].composed, request.from_tick, request.to_tick)),
    )
    return whole.mixed(comp.swiped(request.from_tick, request.to_tick, whole.takes[-1].number))


def around(tick: int, take: Take, time_map: TimeMap) -> tuple[int, int]:
    """The notes that are composed anew to mend a join: from one some beat before it to one some beat behind it.

    Both ends are starts of notes, or the ends of the take, so that no note is cut.
    """
    beat = time_map.beat_ticks_at(tick)
    starts = _free_starts(take.notes)
    before, behind = starts[starts <= tick - beat], starts[starts >= tick + beat]
    from_tick = int(before.max()) if len(before) else take.from_tick
    return from_tick, int(behind.min()) if len(behind) else take.to_tick


def _free_starts(notes: Notes) -> np.ndarray:
    """Starts of notes across which none is held."""
    reached = np.concatenate([[0], np.maximum.accumulate(notes.end_tick)])  # by the notes up to each
    return notes.start_tick[reached[np.searchsorted(notes.start_tick, notes.start_tick)] <= notes.start_tick]
