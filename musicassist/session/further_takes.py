"""Further takes: what is composed while takes are on offer, and joins them with higher numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from musicassist.composing.request import GenerationRequest, Part, Take
from musicassist.composing.span import request_amends
from musicassist.errors import MusicAssistError
from musicassist.score.song import Notes, Song
from musicassist.session.offers import Generator, Offer
from musicassist.session.takes import Takes

MAX_OFFERED = 48  # LIMIT: more takes beside each other nobody hears
Joining = Callable[[Offer, tuple[Take, ...]], Offer]


@dataclass(frozen=True, eq=False)
class Further:
    """A request, and what the offer becomes with the takes that it brings.

    Attributes:
        request: What is composed.
        join: The offer with its takes; the same offer where they came too late for what they were asked for.
    """

    request: GenerationRequest
    join: Joining


class FurtherTakes:
    """Runs further requests one after the other. Main thread only; nothing here waits.

    The takes stay on offer meanwhile. Once they are kept or gone, what still runs ends.

    Attributes:
        arrange: What becomes of an offer when all takes that were asked for are there.
    """

    def __init__(
        self,
        takes: Takes,
        generator: Generator,
        *,
        on_problem: Callable[[MusicAssistError], None],
        on_change: Callable[[], None],
    ) -> None:
        """Runs nothing yet.

        Args:
            takes: Those on offer.
            generator: Composes what joins them.
            on_problem: Tells the user what went wrong.
            on_change: Called when it begins, when it has come further, and when it ends.
        """
        self._takes = takes
        self._generator = generator
        self._on_problem = on_problem
        self._on_change = on_change
        self._left: list[Further] = []  # the first one runs
        self._count = 0
        self._composed_share = 0.0
        self._first_number = 0
        self._asked_of: GenerationRequest | None = None
        self._is_held = False
        self._held: list[tuple[Further, tuple[Take, ...]]] = []
        self.arrange: Callable[[Offer], Offer] = lambda offer: offer

    @property
    def is_running(self) -> bool:
        """Whether further takes are being composed."""
        return bool(self._left)

    @property
    def share(self) -> float:
        """How much of what was asked for is composed, 0..1."""
        done = self._count - len(self._left) + self._composed_share
        return done / self._count if self._left else 1.0

    @property
    def is_possible(self) -> bool:
        """Whether there are takes that further ones can join; accompaniments bring tracks of their own."""
        offer = self._takes.current
        return offer.phase == "offered" and not any(take.title for take in offer.takes)

    @property
    def is_free(self) -> bool:
        """Whether nothing runs and there is room for more takes."""
        return not self.is_running and len(self._takes.offer) < MAX_OFFERED

    def ask(self, asks: Sequence[Further], *, is_held: bool = False) -> None:
        """Composes further takes; ignored without takes on offer, or while others are composed.

        Args:
            asks: What is composed, in turn.
            is_held: Whether takes join only when all are there, so that nobody sees which came first.
        """
        offer = self._takes.current
        is_possible = offer.phase == "offered" and not any(take.new_tracks for take in offer.takes)
        if not asks or not is_possible or not self.is_free:
            return
        self._left, self._count, self._composed_share = list(asks), len(asks), 0.0
        self._asked_of, self._first_number = self._takes.request, next_number(self._takes.current)
        self._is_held, self._held = is_held, []
        self._generator.start(asks[0].request)
        self._on_change()

    def cancel(self) -> None:
        """Ends what runs; the takes on offer stay, and those that have joined them."""
        if self.is_running:
            self._left = []
            self._generator.cancel()
            self._put_held()
            self._on_change()

    def follow_takes(self) -> None:
        """The takes on offer have changed: without them nothing joins them. To be called at each change."""
        if self.is_running and (self._takes.phase != "offered" or self._takes.request is not self._asked_of):
            self.cancel()

    def on_progress(self, request: GenerationRequest, share: float) -> None:
        """So much of a request is composed, 0..1; ignored where it is for something else."""
        if self._runs(request):
            self._composed_share = share
            self._on_change()

    def on_takes(self, request: GenerationRequest, takes: tuple[Take, ...]) -> None:
        """Takes are made that join those on offer; ignored where they are for something else."""
        if not self._runs(request):
            return
        further = self._left[0]
        if self._is_held:
            self._held.append((further, takes))
        self._go_on()
        if takes and not self._is_held:
            self._put(further.join(self._takes.current, takes))
        if not self._left:
            self._put_held()
        self._on_change()

    def on_failure(self, request: GenerationRequest, problem: MusicAssistError) -> None:
        """One request cannot be met, and the next one is tried; ignored where it is for something else."""
        if self._runs(request):
            self._go_on()
            self._on_problem(problem)
            if not self._left:
                self._put_held()
            self._on_change()

    def _put_held(self) -> None:
        """What was held back joins now, unless what it was to join is gone."""
        held, self._held = self._held, []
        offer = self._takes.current
        if held and offer.phase == "offered" and offer.request is self._asked_of:
            for own, made in held:
                offer = own.join(offer, made)
            self._put(self.arrange(offer))

    def _put(self, offer: Offer) -> None:
        if offer is not self._takes.current:
            self._takes.put_on_offer(offer)

    def _runs(self, request: GenerationRequest) -> bool:
        return bool(self._left) and self._left[0].request is request

    def _go_on(self) -> None:
        self._left, self._composed_share = self._left[1:], 0.0
        if self._left:
            self._generator.start(self._left[0].request)


def next_number(offer: Offer) -> int:
    """The number of a take that joins an offer."""
    return max((take.number for take in offer.takes), default=0) + 1


def inside(request: GenerationRequest, kind: str, song: Song, from_tick: int, to_tick: int) -> GenerationRequest:
    """The same wish for some bars of another song, for one track and without a plan."""
    place = {"kind": kind, "from_tick": from_tick, "to_tick": to_tick, "parts": (), "all_parts": False, "plan": ()}
    return replace(request, song=song, selection=None, keep="", at_tick=None, other=None, intent="", **place)  # type: ignore[arg-type]


def joined(offer: Offer, made: Take, notes: Notes, parts: tuple[Part, ...] | None = None, **changes: object) -> Offer:
    """An offer with one more take, which fills the span of the others. What is heard stays.

    Args:
        offer: Some takes.
        made: What was composed; other fields of the new take are as there.
        notes: Of the new take in the track that was asked for.
        parts: Of the new take in other tracks; None for those that were composed.
        changes: Further fields of the new take.
    """
    assert offer.request is not None
    base = offer.takes[0]
    amended = tuple(
        replace(part, amends=request_amends(replace(offer.request, track_index=part.track_index), part.notes))
        for part in (made.parts if parts is None else parts)
    )
    take = replace(
        made,
        notes=notes,
        parts=amended,
        from_tick=base.from_tick,
        to_tick=base.to_tick,
        number=next_number(offer),
        revision=base.revision,
        amends=request_amends(offer.request, notes),
        **changes,  # type: ignore[arg-type]
    )
    return replace(offer, takes=(*offer.takes, take))
