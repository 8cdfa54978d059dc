"""The shelf: every offer of a song stays in it, whatever became of it, until the user throws it away.

An offer is put there when its takes come, so that nothing is lost where the program ends. Its page is kept with the
song, and says what became of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from musicassist.composing.request import RECORDED
from musicassist.document.document import Document
from musicassist.document.pages import Page, held_bytes, under
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.meant_times import meant_between
from musicassist.session.moved_takes import in_new_tracks, of_any_time, placed
from musicassist.session.offers import Fate, Left, Offer
from musicassist.session.shelf_pages import Shelved, page_of, shelved_of
from musicassist.session.take_parts import check_fits, place_now
from musicassist.session.takes import Takes

FOLDER = "shelf"
MAX_OFFERS = 200  # LIMIT: of a song; the oldest go first, but for those that are pinned
MAX_PINNED = 1_000  # LIMIT
MAX_BYTES = 48 * 2**20  # LIMIT: of what the offers hold and the song does not; the oldest go first here, too
_TOO_LARGE = QT_TRANSLATE_NOOP("Session", "These takes are too large for the earlier takes.")
_ROUNDS = QT_TRANSLATE_NOOP("Session", "Each round that you recorded is among the earlier takes.")
_IN_THE_SHELF = QT_TRANSLATE_NOOP("Session", "The takes of that step are among the earlier takes.")


@dataclass(frozen=True, eq=False)
class Read:
    """What was read of a page; None where it is damaged."""

    page: Page
    shelved: Shelved | None


def read_page(page: Page) -> Read:
    """Reads a page; any thread."""
    try:
        return Read(page, shelved_of(page))
    except ValueError:
        return Read(page, None)


class Shelf:
    """The earlier offers of a document. Main thread only; nothing here waits.

    Attributes:
        on_desk: Name of what is on the desk; None where that is nothing of the shelf.
    """

    def __init__(
        self,
        document: Document,
        takes: Takes,
        *,
        say: Callable[..., None],
        now_unix_seconds: Callable[[], float] = time.time,
    ) -> None:
        """Follows what is on offer, and what becomes of it.

        Args:
            document: Keeps the pages.
            takes: Those on the desk.
            say: Tells the user something in words.
            now_unix_seconds: The clock.
        """
        self.on_desk: str | None = None
        self._document = document
        self._takes = takes
        self._say = say
        self._now = now_unix_seconds
        self._read: dict[str, Read] = {}
        self._thrown: dict[str, Page] = {}
        self._song = document.song
        self._seen: Offer | None = None
        takes.on_left.append(self._on_left)

    # What there is.

    def names(self) -> tuple[str, ...]:
        """Of all that can be brought back, the newest first; damaged pages are left out."""
        return tuple(sorted((n for n in self._pages() if self._at(n) is not None), key=_number, reverse=True))

    def __getitem__(self, name: str) -> Shelved:
        shelved = self._at(name)
        if shelved is None:
            raise KeyError(name)
        return shelved

    @property
    def damaged_count(self) -> int:
        """How many pages cannot be read."""
        return sum(self._at(name) is None for name in self._pages())

    def unread(self) -> dict[str, Page]:
        """The pages that were not read yet; whoever lists all has them read in another thread before."""
        known = self._read
        return {n: page for n, page in self._pages().items() if n not in known or known[n].page is not page}

    def know(self, read: Mapping[str, Read]) -> None:
        """Takes what was read of pages in another thread."""
        self._read |= read

    def _pages(self) -> dict[str, Page]:
        return under(self._document.pages, FOLDER)

    def _at(self, name: str) -> Shelved | None:
        page = self._document.pages.get(f"{FOLDER}/{name}")
        if page is None:
            return None
        read = self._read.get(name)
        if read is None or read.page is not page:
            read = self._read[name] = read_page(page)
        return read.shelved

    # What comes and goes.

    def start_over(self) -> None:
        """Another song is worked on; what is on the desk belongs to the one before."""
        self.on_desk, self._seen, self._song = None, self._takes.current, self._document.song
        self._read.clear()
        self._thrown.clear()

    def follow_takes(self) -> None:
        """The desk may hold others, or another mix of them."""
        offer, seen = self._takes.current, self._seen
        if offer.phase != "offered" or offer is seen:
            return
        self._seen = offer
        if self.on_desk is None or self[self.on_desk].request is not offer.request:
            if seen is not None and seen.request is offer.request and seen.phase == "offered":
                return  # it belongs to the song before
            self.on_desk = self._next_name()
            self._keep(self.on_desk, Shelved(offer, self._now(), track_index=self._takes.track_index))
            return
        known = self[self.on_desk]
        if known.offer.comp is not offer.comp or known.offer.takes is not offer.takes:
            self._keep(self.on_desk, replace(known, offer=offer))

    def _on_left(self, left: Left) -> None:
        """What was on offer is not any more."""
        name, self.on_desk = self.on_desk, None
        if name is None or self._at(name) is None or self[name].request is not left.offer.request:
            return
        kept = left.kept if left.kept is not None else self[name].kept
        shelved = replace(self[name], offer=left.offer, fate=left.fate, track_index=left.track_index, kept=kept)
        self._keep(name, shelved)

    def add(self, offer: Offer, fate: Fate = "heard", *, track_index: int | None = None) -> str | None:
        """Keeps what was never on the desk; its name, or None where it is too large."""
        name = self._next_name()
        self._keep(name, Shelved(offer, self._now(), fate, track_index=track_index))
        return name if self._at(name) is not None else None

    def put_rounds(self, offer: Offer, index: int) -> None:
        """Puts rounds that were recorded on the desk, if nothing else is there; they are kept here all the same."""
        request = self._takes.request
        if self._takes.phase == "offered" and request is not None and request.kind == RECORDED:
            self._takes.dismiss()
        if self._takes.phase == "idle":
            self._takes.put_on_offer(offer, index)
        else:
            self.add(offer, "played", track_index=index)
            self._say(_ROUNDS)

    def _next_name(self) -> str:
        return f"{max(map(_number, (*self._pages(), *self._thrown)), default=0) + 1:04}"

    def _keep(self, name: str, shelved: Shelved) -> None:
        shelved = replace(shelved, offer=replace(shelved.offer, streamed=(), composed_share=0.0))
        is_new = name not in self._pages()
        try:
            page = page_of(shelved)
            self._read[name] = Read(page, shelved)
            self._document.keep_page(f"{FOLDER}/{name}", page)
        except ValueError:
            self._read.pop(name, None)
            self.on_desk = None if self.on_desk == name else self.on_desk
            self._say(_TOO_LARGE)
        else:
            if is_new:
                self._make_room(name)

    def _make_room(self, newest: str) -> None:
        """The oldest go where there are too many, or they hold too much."""
        pages = self._pages()
        if len(pages) <= MAX_OFFERS and held_bytes(pages.values(), self._document.song) <= MAX_BYTES:
            return
        loose = [n for n in sorted(pages, key=_number) if not self._is_pinned(n) and n not in (newest, self.on_desk)]
        too_many = max(0, len(pages) - self._pinned_count(pages) - MAX_OFFERS)
        going = loose[:too_many]
        staying = {name: page for name, page in pages.items() if name not in going}
        for name in loose[too_many:]:
            if held_bytes(staying.values(), self._document.song) <= MAX_BYTES:
                break
            going.append(name)
            del staying[name]
        for name in going:
            self._drop(name)

    def _is_pinned(self, name: str) -> bool:
        shelved = self._at(name)
        return shelved is not None and shelved.is_pinned

    def _pinned_count(self, pages: Iterable[str]) -> int:
        return sum(map(self._is_pinned, pages))

    def _drop(self, name: str) -> None:
        self._read.pop(name, None)
        self._document.keep_page(f"{FOLDER}/{name}", None)

    # What the user does with them.

    def pin(self, name: str, *, is_pinned: bool) -> None:
        """Lets one stay however full the shelf is, or not any more.

        Raises:
            MusicAssistError: There are too many that stay.
        """
        if is_pinned and self._pinned_count(self._pages()) >= MAX_PINNED:
            raise MusicAssistError(
                QT_TRANSLATE_NOOP("Errors", "No more than {count} earlier takes can be starred."), count=MAX_PINNED
            )
        self._keep(name, replace(self[name], is_pinned=is_pinned))

    def throw_away(self, *names: str) -> None:
        """They go for good, unless ``take_back`` comes before the next throw."""
        pages = self._pages()
        self._thrown = {name: pages[name] for name in names if name in pages and name != self.on_desk}
        for name in self._thrown:
            self._drop(name)

    def throw_all_away(self) -> None:
        """All but those that are pinned, and what is on the desk."""
        self.throw_away(*(name for name in self._pages() if not self._is_pinned(name)))

    @property
    def thrown_count(self) -> int:
        """How many ``take_back`` brings back."""
        return len(self._thrown)

    def take_back(self) -> None:
        """What was thrown away last is in the shelf again."""
        thrown, self._thrown = self._thrown, {}
        for name, page in thrown.items():
            self._document.keep_page(f"{FOLDER}/{name}", page)

    def last(self) -> str | None:
        """The newest that is not on the desk and not in the song; no more pages are read than that takes."""
        newest = sorted((name for name in self._pages() if name != self.on_desk), key=_number, reverse=True)
        found = ((name, self._at(name)) for name in newest)
        return next((name for name, own in found if own is not None and own.fate != "kept"), None)

    def bring_back(self, name: str) -> None:
        """Puts an offer on the desk again, in its place.

        Raises:
            MusicAssistError: It does not fit there any more; the words say why. It still can be put elsewhere.
        """
        shelved, song = self[name], self._document.song
        request = shelved.request
        index = self._place_now(shelved)
        offer = of_any_time(shelved.offer)
        if index is not None and self._is_kept_as_it_was(shelved, index):
            offer = placed(offer, song, index, 0)
        else:
            check_fits(
                offer.audition or offer.takes[0], offer.asked_last or request, song, index, self._document.revision
            )
            assert index is not None
        self._put_on_desk(name, replace(shelved, offer=offer), index)

    def put_at(self, name: str, tick: int) -> None:
        """Puts an offer into the bar that holds a tick, in the selected track; parts go with it as far as they can."""
        song, offer = self._document.song, self[name].offer
        bars, from_tick = song.time_map, offer.takes[0].from_tick
        offset_ticks = from_tick - self[name].request.song.time_map.bar_line_before(from_tick + 1)
        shift_ticks = bars.bar_start_tick(bars.bar_at(max(0, tick))) + offset_ticks - from_tick
        index = self._document.selected_track
        self._put_on_desk(None, replace(self[name], offer=placed(offer, song, index, shift_ticks)), index)

    def put_into_new_track(self, name: str) -> None:
        """Puts an offer into a new track, where it was; parts of other tracks get new ones, too."""
        shelved, song, index = self[name], self._document.song, self._document.selected_track
        self._put_on_desk(None, replace(shelved, offer=in_new_tracks(shelved.offer, song, index)), index)

    def _put_on_desk(self, name: str | None, shelved: Shelved, index: int) -> None:
        """Under its name, so that it is not kept twice; None for what becomes another one."""
        offer = shelved.offer
        self._takes.dismiss()
        self.on_desk = name
        if name is not None:
            self._keep(name, replace(shelved, offer=offer, fate="offered"))
            offer = self[name].offer
        self._takes.put_on_offer(offer, index)

    def _place_now(self, shelved: Shelved) -> int | None:
        """Where the track of an offer is now: by identity, by where it was when it went, or by its name."""
        request, song = shelved.request, self._document.song
        index = place_now(request, request.track_index, song)
        if index is not None:
            return index
        name = request.song.tracks[request.track_index].name
        named = [row for row, track in enumerate(song.tracks) if track.name == name]
        return named[0] if name and len(named) == 1 else None

    def _is_kept_as_it_was(self, shelved: Shelved, index: int) -> bool:
        """Whether a take of it stands in the song, and no note was changed since."""
        then = shelved.kept[1].tracks if shelved.kept is not None and shelved.fate == "kept" else ()
        was = shelved.track_index if shelved.track_index is not None else index
        if was >= len(then):
            return False
        take, song = shelved.offer.takes[0], self._document.song
        span = take.from_tick, take.to_tick
        own = (then[was].notes, song.tracks[index].notes)
        before, now = (notes.where(meant_between(notes, song.time_map, *span)) for notes in own)
        return before == now

    # Undo.

    def follow_song(self) -> None:
        """A step that kept a take was taken back: its offer is on the desk again; done again, it is not.

        Whatever else is on the desk stays there, unless it came back in the same way.
        """
        before, song = self._song, self._document.song
        self._song = song
        if before is song:
            return
        for name in sorted(self._pages(), key=_number, reverse=True):
            songs = self._document.pages[f"{FOLDER}/{name}"].songs
            if not any(own is before for own in songs) or not any(own is song for own in songs):
                continue
            shelved = self._at(name)
            kept = shelved.kept if shelved is not None else None
            if shelved is not None and kept is not None and kept[0] is song and kept[1] is before:
                self._take_back_to_desk(name, shelved)
                return
            if kept is not None and kept[1] is song and kept[0] is before:
                self._let_be_kept(name)
                return

    def _take_back_to_desk(self, name: str, shelved: Shelved) -> None:
        came_back = self.on_desk is not None and self[self.on_desk].fate == "undone"
        if self._takes.phase != "idle" and not came_back:
            self._keep(name, replace(shelved, fate="undone"))
            self._say(_IN_THE_SHELF)
            return
        index, self.on_desk = self._place_now(shelved), None
        self._takes.dismiss()
        self._keep(name, replace(shelved, fate="undone"))
        if index is not None:
            self.on_desk = name
            self._takes.put_on_offer(self[name].offer, index)

    def _let_be_kept(self, name: str) -> None:
        if self.on_desk == name:
            self.on_desk = None
            self._takes.dismiss()
        self._keep(name, replace(self[name], fate="kept"))


def _number(name: str) -> int:
    return int(name) if name.isdecimal() and len(name) < 10 else 0
