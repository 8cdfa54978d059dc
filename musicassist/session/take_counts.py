"""What the user keeps: how many takes of each model and idea were offered, heard, kept and let go, and edited later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from musicassist.composing.request import ACCOMPANY, GIVEN, GenerationRequest, Take
from musicassist.document.document import Document, DocumentChange, FollowedTrack
from musicassist.score.song import Notes
from musicassist.session.comping import MIX
from musicassist.session.offers import Left, Offer
from musicassist.session.takes import Takes
from musicassist.session.transport import Transport
from musicassist.settings import MAX_TAKE_COUNTS, TakeCount

MIN_KEPT = 5  # LIMIT: of fewer kept takes nobody learns what somebody likes
Key = tuple[str, str]  # model and idea


@dataclass(frozen=True, eq=False)
class _Kept:
    """A take that was kept last: what was asked, and its notes by model and idea, with the share of the span."""

    request: GenerationRequest | None
    notes: dict[Key, Notes]
    shares: dict[Key, float]


class TakeCounts:
    """Counts what becomes of takes. Main thread only.

    How much of a kept take was edited is looked at when the song is saved or left, or other takes are on offer.

    Attributes:
        on_change: Called when a count has changed.
    """

    def __init__(self, document: Document, takes: Takes, transport: Transport) -> None:
        self._document = document
        self._takes = takes
        self._transport = transport
        self._followed = FollowedTrack(document)
        self._counts: dict[Key, TakeCount] = {}
        self._request: GenerationRequest | None = None  # of the offer that is counted
        self._counted: Counter[Key] = Counter()
        self._heard: set[int] = set()  # numbers
        self._was_composing = False
        self._kept: _Kept | None = None
        self.on_change: list[Callable[[], None]] = []
        takes.on_left.append(self._on_left)
        document.subscribe(self._on_document_changed)

    @property
    def rows(self) -> tuple[TakeCount, ...]:
        """All counts, those first of which most was offered."""
        return tuple(sorted(self._counts.values(), key=lambda row: (-row.offered, row.model, row.idea)))

    def show(self, rows: Iterable[TakeCount]) -> None:
        """Goes on counting from what was counted before."""
        self._counts = {(row.model, row.idea): row for row in rows}

    def erase(self) -> None:
        """Forgets all counts."""
        self._counts, self._kept = {}, None
        self._tell()

    # What is liked.

    @property
    def has_learned(self) -> bool:
        """Whether enough was kept to put takes in order by it."""
        return sum(row.kept for row in self._counts.values()) >= MIN_KEPT

    def likes(self, take: Take) -> float:
        """How likely a take is kept, by its model and idea; little of what is edited much."""
        return _rate([self._counts[key] for key in [key_of(take)] if key in self._counts])

    def likes_model(self, name: str) -> float:
        """How likely a take of a model is kept."""
        return _rate([row for row in self._counts.values() if row.model == name])

    # What happens.

    def follow_takes(self) -> None:
        """Takes or what sounds have changed."""
        offer = self._takes.current
        if offer.phase != "offered":
            self._was_composing = offer.phase in ("waiting", "generating")
            return
        if not _is_counted(offer):
            return
        is_new = offer.request is not self._request
        if is_new:
            self.settle()
            self._request, self._counted, self._heard = offer.request, Counter(), set()
        elif self._kept is not None and self._kept.request is offer.request:
            self._kept = None  # it was taken back
        now = Counter(map(key_of, offer.takes))
        come, self._counted = now - self._counted, now | self._counted
        if self._was_composing or not is_new:  # else they come back from the shelf
            self._add(come, "offered")
        self._was_composing = False
        if self._transport.is_playing:
            heard = [take for take in _heard_of(offer) if take.number not in self._heard]
            self._heard |= {take.number for take in heard}
            self._add(Counter(map(key_of, heard)), "heard")

    def _on_left(self, left: Left) -> None:
        offer = left.offer
        if not _is_counted(offer):
            return
        if left.fate in ("dismissed", "superseded"):
            self._add(Counter(map(key_of, offer.takes)), "dismissed")
        elif left.fate == "kept" and left.kept is not None and offer.audition is not None:
            self.settle()
            if left.track_index is not None:
                self._followed.follow(left.track_index)
            self._kept = _kept_of(offer)

    def add_kept(self, take: Take, notes: Notes, track_index: int) -> None:
        """Some notes of a take were kept alone, in a track: a share of it counts as kept."""
        if take.model and not take.title:
            self.settle()
            self._followed.follow(track_index)
            self._kept = _Kept(None, {key_of(take): notes}, {key_of(take): len(notes) / max(1, len(take.notes))})

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "saved":
            self.settle()
        elif change.kind == "opened":
            self._kept = None  # whoever left the song has settled it

    def settle(self) -> None:
        """Counts what was kept last, and how many of its notes are not in the song any more as they were."""
        kept, self._kept = self._kept, None
        index = self._followed.index
        if kept is None or index is None or index >= len(self._document.song.tracks):
            return
        now = self._document.song.tracks[index].notes
        stay = {key: int(notes.among(now).sum()) for key, notes in kept.notes.items()}
        if not sum(stay.values()):  # it was taken back
            return
        for key, share in kept.shares.items():
            row = self._row(key)
            total = len(kept.notes[key])
            self._counts[key] = replace(
                row,
                kept=row.kept + share,
                kept_notes=row.kept_notes + total,
                changed_notes=row.changed_notes + total - stay[key],
            )
        self._tell()

    def _add(self, counted: Counter[Key], name: str) -> None:
        for key, count in counted.items():
            row = self._row(key)
            self._counts[key] = replace(row, **{name: getattr(row, name) + count})
        if counted:
            self._tell()

    def _row(self, key: Key) -> TakeCount:
        if key not in self._counts and len(self._counts) >= MAX_TAKE_COUNTS:
            del self._counts[min(self._counts, key=lambda own: self._counts[own].offered)]
        return self._counts.get(key, TakeCount(*key))

    def _tell(self) -> None:
        for tell in self.on_change:
            tell()


def key_of(take: Take) -> Key:
    """What a take counts for: its model, and its idea, empty where it has none."""
    return take.model, str(take.plan.intent or "") if take.plan is not None else ""


def _rate(rows: list[TakeCount]) -> float:
    """The share that was kept, as if four more had been offered of which one was kept; what was edited counts half."""
    kept = sum(row.kept * (1 - row.edited_share / 2) for row in rows)
    return (kept + 1) / (sum(row.offered for row in rows) + 4)


def _is_counted(offer: Offer) -> bool:
    """Whether a model composed the takes."""
    is_composed = offer.request is not None and offer.request.kind not in (ACCOMPANY, *GIVEN)
    return is_composed and all(take.model and not take.title for take in offer.takes)


def _heard_of(offer: Offer) -> list[Take]:
    """What sounds: a take, or all that a mix is made of."""
    numbers = offer.comp.takes if offer.auditioned == MIX and offer.comp is not None else (offer.auditioned,)
    return [take for take in offer.takes if take.number in numbers]


def _kept_of(offer: Offer) -> _Kept:
    heard = offer.audition
    assert heard is not None
    if offer.auditioned != MIX or offer.comp is None:
        return _Kept(offer.request, {key_of(heard): heard.notes}, {key_of(heard): 1.0})
    notes: dict[Key, Notes] = {}
    shares: dict[Key, float] = {}
    for piece in offer.comp.pieces:
        take = offer.take(piece.take)
        assert take is not None
        key, own = key_of(take), heard.notes.where(heard.notes.starting_between(piece.from_tick, piece.to_tick))
        notes[key] = notes.get(key, Notes.of()).plus(own)
        share = (piece.to_tick - piece.from_tick) / (heard.to_tick - heard.from_tick)
        shares[key] = shares.get(key, 0.0) + share
    return _Kept(offer.request, notes, shares)
