"""Picking ghost notes: some notes of the take that is heard are kept alone, and all takes stay on offer around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from musicassist.composing.request import Take
from musicassist.composing.span import request_amends
from musicassist.document.document import Document, DocumentChange
from musicassist.score.song import Mask, Notes, Song
from musicassist.session.offers import Offer
from musicassist.session.take_counts import TakeCounts
from musicassist.session.takes import Takes

MAX_STEPS = 100  # LIMIT: of the undo list that the takes on offer go back and forth with


@dataclass(frozen=True, eq=False)
class _Step:
    """What was kept in one step: the songs and the offers before and after it."""

    before: Song
    after: Song
    offer_before: Offer
    offer_after: Offer


class Picking:
    """The ghost notes that are selected, of the take that is heard. Main thread only."""

    def __init__(self, document: Document, takes: Takes, counts: TakeCounts, *, on_change: Callable[[], None]) -> None:
        """Nothing is picked.

        Args:
            document: Gets what is kept.
            takes: Those on offer.
            counts: Counts what is kept.
            on_change: Called when other notes are picked.
        """
        self._document = document
        self._takes = takes
        self._counts = counts
        self._on_change = on_change
        self._of = Notes.of()
        self._mask: Mask = np.zeros(0, dtype=np.bool_)
        self._steps: list[_Step] = []
        document.subscribe(self._on_document_changed)

    @property
    def is_possible(self) -> bool:
        """Whether the take that is heard has notes of its own for the track that is edited."""
        heard = self._takes.heard
        is_own = self._takes.track_index == self._document.selected_track
        return self._takes.phase == "offered" and heard is not None and not heard.is_part_alone and is_own

    @property
    def notes(self) -> Notes:
        """The picked ghosts; none as soon as another take is heard."""
        heard = self._takes.heard
        if not self.is_possible or heard is None or heard.notes is not self._of:
            return Notes.of()
        return self._of.where(self._mask)

    def pick_box(
        self, from_tick: float, to_tick: float, low_pitch: int, high_pitch: int, *, is_adding: bool = False
    ) -> None:
        """Picks what a rectangle touches, or changes its mind about what is picked there where it adds.

        Args:
            from_tick: Where it begins.
            to_tick: Where it ends; the same place for a click.
            low_pitch: The lowest pitch in it.
            high_pitch: The highest one.
            is_adding: Whether what was picked stays, and a place that is picked is let go.
        """
        heard = self._takes.heard
        if heard is None or not self.is_possible:
            return
        own = heard.notes
        mask = (own.start_tick <= to_tick) & (own.end_tick > from_tick)
        mask &= (own.pitch >= low_pitch) & (own.pitch <= high_pitch)
        before = self._mask if own is self._of else np.zeros(len(own), dtype=np.bool_)
        if is_adding:
            mask = before & ~mask if mask.any() and bool(before[mask].all()) else before | mask
        if own is not self._of or not np.array_equal(mask, before):
            self._of, self._mask = own, mask
            self._on_change()

    def pick_bars(self, from_tick: int, to_tick: int) -> None:
        """Picks the ghosts that start in some bars besides those that are picked, or lets them go."""
        self.pick_box(from_tick, to_tick - 1, 0, 127, is_adding=True)

    def clear(self) -> None:
        """Picks nothing."""
        if len(self.notes):
            self._mask = np.zeros(len(self._of), dtype=np.bool_)
            self._on_change()

    def keep(self) -> int:
        """Writes what is picked into the song as one step, and how many notes that are; all takes stay on offer.

        Notes of the track stay where no picked one sounds. The other notes of the takes are heard around what is kept.

        Raises:
            MusicAssistError: The song was changed so that the takes no longer fit.
        """
        picked, heard, offer = self.notes, self._takes.heard, self._takes.current
        index, request = self._takes.track_index, offer.request
        if not len(picked) or heard is None or index is None or request is None:
            return 0
        before, own = self._document.song, self._document.song.tracks[index].notes
        stays = beside(own.where(own.starting_between(heard.from_tick, heard.to_tick)), picked)
        some = replace(
            heard,
            notes=stays.plus(picked),
            parts=(),
            chords=(),
            new_tracks=(),
            amends=request_amends(request, picked),
        )
        self._takes.accept(some=some)
        after = self._document.song
        around = around_kept(offer, picked, after, self._document.revision)
        self._steps = [*self._steps, _Step(before, after, offer, around)][-MAX_STEPS:]
        self._takes.put_on_offer(around)
        self._counts.add_kept(heard, picked, index)
        return len(picked)

    def _on_document_changed(self, change: DocumentChange) -> None:
        """The step is taken back, or done again: the takes on offer go with it."""
        if change.kind == "opened":
            self._steps = []
        if change.kind != "song" or self._takes.phase != "offered":
            return
        song, request = self._document.song, self._takes.request
        for step in reversed(self._steps):
            if step.offer_before.request is not request:
                continue
            if song is step.before and self._takes.current.fits is step.offer_after.fits:
                self._takes.put_on_offer(step.offer_before)
                return
            if song is step.after and self._takes.current.fits is step.offer_before.fits:
                self._takes.put_on_offer(step.offer_after)
                return


def around_kept(offer: Offer, kept: Notes, song: Song, revision: int) -> Offer:
    """An offer some notes of which are in the song now: each of its takes has them, and what it has around them.

    Args:
        offer: The takes.
        kept: Notes in the track that was asked for.
        song: With those notes.
        revision: The document's, with them.
    """
    request = offer.request
    assert request is not None

    def with_kept(take: Take) -> Take:
        if take.is_part_alone:
            return replace(take, revision=revision)
        notes = beside(take.notes, kept).plus(kept)
        return replace(take, notes=notes, revision=revision, amends=request_amends(request, notes))

    fits = replace(offer.asked_last or request, song=song, selection=None)
    made = replace(offer, takes=tuple(map(with_kept, offer.takes)), fits=fits)
    return replace(made.mixed(offer.comp), auditioned=offer.auditioned) if offer.comp is not None else made


def beside(notes: Notes, kept: Notes) -> Notes:
    """The notes that sound at no time when kept ones do; of chords, those that are not the same key either.

    Notes are a line where no two of them sound at once.
    """
    if not len(notes) or not len(kept):
        return notes
    is_line = not _overlaps(notes) and not _overlaps(kept)
    meets = (notes.start_tick[:, None] < kept.end_tick) & (notes.end_tick[:, None] > kept.start_tick)
    if not is_line:
        meets &= notes.pitch[:, None] == kept.pitch
    return notes.where(np.asarray(~meets.any(axis=1), dtype=np.bool_))


def _overlaps(notes: Notes) -> bool:
    return bool((np.maximum.accumulate(notes.end_tick)[:-1] > notes.start_tick[1:]).any())
