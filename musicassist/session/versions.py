"""Versions: points of a song with a name, and the branches between them; heard, seen and merged beside what it is now.

Each is a page of the document with its whole song. Going to one is a step that undo takes back, and what the song was
before becomes a point without a name, so nothing is lost.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import Meta

from musicassist.composing.composed import Stretch
from musicassist.composing.request import MAX_TAKES, PLACED, Constraints, GenerationRequest, Take
from musicassist.document.document import Document, DocumentChange
from musicassist.document.pages import Page, Pages, under
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.meant_times import meant_between
from musicassist.score.song import NOTE_COLUMNS, Notes, Song
from musicassist.session.offers import Offer
from musicassist.session.stories import composed_of, story_at
from musicassist.session.takes import Takes
from musicassist.values import plain_of, value_of

FOLDER = "versions"
MAX_VERSIONS = 200  # LIMIT: of a song; each holds what it does not share with the song
MAX_NAME_LETTERS = 80  # LIMIT
_ID_BYTES = 6
_GO_TO = QT_TRANSLATE_NOOP("Steps", "Go to version")
_FULL = QT_TRANSLATE_NOOP("Errors", "A song has no more than {count} versions. Throw one away first.")
_DAMAGED = QT_TRANSLATE_NOOP("Session", "Versions that were damaged were left out: {count}.")


@dataclass(frozen=True)
class _Facts:
    title: Annotated[str, Meta(max_length=MAX_NAME_LETTERS)]
    parent: Annotated[str, Meta(max_length=40)]
    at_unix_seconds: Annotated[float, Meta(ge=0, lt=1e11)]
    track: Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, eq=False)
class Version:
    """A point of a song.

    Attributes:
        name: Of its page.
        title: What people call it; empty for a point that was kept so that nothing is lost.
        parent: Name of the version that it came from; empty for the first, or where that was thrown away.
        at_unix_seconds: When it was so.
        track_index: The track that was edited.
        song: The music.
    """

    name: str
    title: str
    parent: str
    at_unix_seconds: float
    track_index: int
    song: Song

    def page(self) -> Page:
        """It as a page."""
        facts = _Facts(self.title, self.parent, self.at_unix_seconds, self.track_index)
        return Page.of(plain_of(facts), songs=(self.song,))


def versions_in(pages: Pages) -> tuple[tuple[Version, ...], int]:
    """All versions in the order in which they came, and how many pages cannot be read."""
    found, damaged = [], 0
    for name, page in under(pages, FOLDER).items():
        try:
            facts: _Facts = value_of(_Facts, page.plain, is_exact=False)
            (song,) = page.songs
        except (ValueError, TypeError):
            damaged += 1
            continue
        track = min(facts.track, len(song.tracks) - 1)
        found.append(Version(name, facts.title, facts.parent, facts.at_unix_seconds, track, song))
    return tuple(sorted(found, key=lambda own: own.at_unix_seconds)), damaged


def as_tree(versions: tuple[Version, ...]) -> tuple[tuple[int, Version], ...]:
    """Each version with its depth, behind the one that it came from; where parents go round in a ring, as roots."""
    names = {own.name for own in versions}
    children: dict[str, list[Version]] = {}
    for own in versions:
        children.setdefault(own.parent if own.parent in names else "", []).append(own)
    rows: list[tuple[int, Version]] = []
    seen: set[str] = set()

    def walk(roots: list[Version]) -> Iterator[tuple[int, Version]]:
        waiting = [(0, own) for own in reversed(roots)]
        while waiting:
            depth, own = waiting.pop()
            if own.name not in seen:
                seen.add(own.name)
                yield depth, own
                waiting += [(depth + 1, child) for child in reversed(children.get(own.name, []))]

    rows += walk(children.get("", []))
    for own in versions:  # what only a ring reaches
        if own.name not in seen:
            rows += walk([own])
    return tuple(rows)


@dataclass(frozen=True, eq=False)
class Difference:
    """What one track has otherwise than in a version.

    Attributes:
        gone: Notes of the version that are not there now.
        new: Notes that the version has not.
    """

    gone: Notes
    new: Notes

    @property
    def count(self) -> int:
        """How many notes differ; a note that was changed counts once."""
        return max(len(self.gone), len(self.new))


def difference(now: Song, then: Song, track_index: int) -> Difference:
    """What a track has otherwise; a track that is only in one of them differs in all its notes."""
    has, had = (_bare(song, track_index) for song in (now, then))
    return Difference(had.where(~had.among(has)), has.where(~has.among(had)))


def _bare(song: Song, track_index: int) -> Notes:
    """The notes of a track without pins, which are no music."""
    if track_index >= len(song.tracks):
        return Notes.of()
    return Notes.from_columns(*(getattr(song.tracks[track_index].notes, name) for name in NOTE_COLUMNS[:4]))


class Versions:
    """The versions of a document. Main thread only; nothing here waits.

    Attributes:
        current: Name of the version that the song came from last; empty where that is none.
        heard: The version that sounds in the song's place; None while the song itself does.
        seen: The one that the roll shows the differences to; None for none.
    """

    def __init__(
        self,
        document: Document,
        takes: Takes,
        *,
        say: Callable[..., None],
        on_change: Callable[[], None],
        hear: Callable[[Song | None], None],
        now_unix_seconds: Callable[[], float] = time.time,
    ) -> None:
        """Knows those that the document has.

        Args:
            document: Keeps them.
            takes: Gets bars of versions as takes.
            say: Tells the user something in words.
            on_change: Called when there are others, or another one is heard or seen.
            hear: Lets another song sound in the place of the document's, or that again.
            now_unix_seconds: The clock.
        """
        self.current = ""
        self.heard: Version | None = None
        self.seen: Version | None = None
        self._document = document
        self._takes = takes
        self._say = say
        self._on_change = on_change
        self._hear = hear
        self._now = now_unix_seconds
        self._read: tuple[Pages, tuple[Version, ...]] | None = None
        self._known = under(document.pages, FOLDER)
        document.subscribe(self._on_document_changed)

    @property
    def all(self) -> tuple[Version, ...]:
        """In the order in which they came."""
        pages = self._document.pages
        if self._read is None or self._read[0] is not pages:
            self._read = pages, versions_in(pages)[0]
        return self._read[1]

    def __getitem__(self, name: str) -> Version:
        found = next((own for own in self.all if own.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    @property
    def is_kept(self) -> bool:
        """Whether the song as it is now is a version."""
        return any(own.song is self._document.song or own.song == self._document.song for own in self.all)

    # Keeping and going.

    def keep(self, title: str = "") -> Version:
        """Keeps the song as it is now, as what came of the version before; without a title as a point without a name.

        Raises:
            MusicAssistError: There are too many.
        """
        if len(self.all) >= MAX_VERSIONS and not self._forget_nameless():
            raise MusicAssistError(_FULL, count=MAX_VERSIONS)
        document = self._document
        name, title = secrets.token_hex(_ID_BYTES), title.strip()[:MAX_NAME_LETTERS]
        latest = max((own.at_unix_seconds for own in self.all), default=0.0)
        at = max(self._now(), latest)
        version = Version(name, title, self.current, at, document.selected_track, document.song)
        self.current = name
        document.keep_page(f"{FOLDER}/{name}", version.page())
        return version

    def _forget_nameless(self) -> bool:
        """Throws the oldest point without a name away, if there is one that nobody is at."""
        found = next((own for own in self.all if not own.title and own.name != self.current), None)
        if found is not None:
            self.throw_away(found.name)
        return found is not None

    def rename(self, name: str, title: str) -> None:
        """Calls one otherwise."""
        version = replace(self[name], title=title.strip()[:MAX_NAME_LETTERS])
        self._document.keep_page(f"{FOLDER}/{name}", version.page())

    def throw_away(self, name: str) -> None:
        """It goes for good; what came of it came of its parent."""
        gone = self[name]
        for own in self.all:
            if own.parent == name:
                self._document.keep_page(f"{FOLDER}/{own.name}", replace(own, parent=gone.parent).page())
        self.current = gone.parent if self.current == name else self.current
        self._document.keep_page(f"{FOLDER}/{name}", None)

    def go_to(self, name: str) -> None:
        """Works on a version, as a step that undo takes back; what the song was is kept as a point of its own.

        Raises:
            MusicAssistError: There are too many versions to keep what the song was.
        """
        version = self[name]
        if not self.is_kept:
            self.keep()
        self.current = name
        song = replace(version.song)  # as it is, but no state that somebody undoes to
        self._document.apply(_GO_TO, song, selected_track=version.track_index)
        self._on_change()

    # Comparing.

    def hear(self, name: str | None) -> None:
        """Lets a version sound in the song's place, from where it plays on; None or the same one: the song again."""
        version = self[name] if name is not None else None
        is_same = version is None or (self.heard is not None and self.heard.name == version.name)
        self.heard = None if is_same else version
        self._hear(self.heard.song if self.heard is not None else None)
        self._on_change()

    def see(self, name: str | None) -> None:
        """Shows what the song has otherwise than a version; None or the same one: nothing any more."""
        version = self[name] if name is not None else None
        is_same = version is None or (self.seen is not None and self.seen.name == version.name)
        self.seen = None if is_same else version
        self._on_change()

    def difference(self) -> Difference | None:
        """What the edited track has otherwise than the version that is seen; None where none is."""
        if self.seen is None:
            return None
        return difference(self._document.song, self.seen.song, self._document.selected_track)

    def other_tracks(self) -> tuple[tuple[int, str], ...]:
        """Which tracks beside the edited one have other notes than in the version that is seen: index and name."""
        if self.seen is None:
            return ()
        now, then = self._document.song, self.seen.song
        longer = now.tracks + then.tracks[len(now.tracks) :]
        return tuple(
            (index, track.name)
            for index, track in enumerate(longer)
            if index != self._document.selected_track and difference(now, then, index).count
        )

    # Merging.

    def offer_bars(self, from_tick: int, to_tick: int, names: tuple[str, ...]) -> None:
        """Offers bars of the edited track as they are, and as versions have them, as takes that can be mixed.

        Raises:
            MusicAssistError: No version has anything there, or is written in other ticks.
        """
        song, index = self._document.song, self._document.selected_track
        request = GenerationRequest(
            PLACED, song, index, from_tick=from_tick, to_tick=to_tick, seed=0, revision=-1, model=""
        )
        rows = [(song, self._document.pages)]
        rows += [(self[name].song, self._document.pages) for name in names]
        takes = tuple(
            _take_of(own, index, request, pages, number)
            for number, (own, pages) in enumerate(rows[:MAX_TAKES], 1)
            if own.ticks_per_beat == song.ticks_per_beat and index < len(own.tracks)
        )
        if len(takes) < 2 or not any(len(take.notes) for take in takes[1:]):
            raise MusicAssistError(QT_TRANSLATE_NOOP("Errors", "The version has no notes in these bars of this track."))
        self._takes.put_on_offer(Offer("offered", request, takes=takes, auditioned=takes[1].number), index)

    # What the document tells.

    def _on_document_changed(self, change: DocumentChange) -> None:
        before = self.heard, self.current, self._known
        if change.kind == "opened":
            self.heard = self.seen = None
            self.current = ""
            self.current = self._found()
            damaged = versions_in(self._document.pages)[1]
            if damaged:
                self._say(_DAMAGED, count=damaged)
        elif change.kind == "song":
            self.heard = None  # who edits means the song
            self.current = self._found() or self.current
        if before[0] is not self.heard:
            self._hear(None)
        if change.kind in ("opened", "pages"):
            self._known = under(self._document.pages, FOLDER)
        is_seen = self.seen is not None and change.kind in ("song", "track")
        if is_seen or before != (self.heard, self.current, self._known):
            self._on_change()

    def _found(self) -> str:
        """The version that the song is, by the identity of its tracks; the last one where it is just opened."""
        tracks = self._document.song.tracks
        own = next((own.name for own in self.all if own.song.tracks is tracks), "")
        if own or not self.all or self.current:
            return own
        return self.all[-1].name


def _take_of(song: Song, index: int, request: GenerationRequest, pages: Pages, number: int) -> Take:
    track, span = song.tracks[index], (request.from_tick, request.to_tick)
    notes = track.notes.where(meant_between(track.notes, song.time_map, *span))
    stretches = []
    for origin in track.origins:
        story, start, stop = story_at(pages, origin), max(origin.from_tick, span[0]), min(origin.to_tick, span[1])
        if story is not None and start < stop:
            stretches.append(Stretch(start, stop, composed_of(story), origin.shift_ticks))
    return Take(notes, *span, "", 0, number, 1.0, 1.0, Constraints(), -1, composed=tuple(stretches))
