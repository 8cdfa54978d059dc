"""Chord progressions on offer for a melody, and accompaniments from the song's chords."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicassist.composing.request import ACCOMPANY, Take
from musicassist.document.document import DocumentChange
from musicassist.document.edits import replace_span
from musicassist.document.instruments import on_free_wire
from musicassist.document.song_edits import add_track, write_chords
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.harmony.numerals import roman_numerals
from musicassist.score.chord_track import ChordSpan, chord_name, say_the_same, written_chords
from musicassist.score.keys import find_key, key_at
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.session.offers import Ask

if TYPE_CHECKING:
    from musicassist.harmony.accompanying import AccompanyingPart
    from musicassist.harmony.harmonising import Progression
    from musicassist.session.session import Session, SessionChange
    from musicassist.session.takes import Takes

COUNT = 4
HARMONISE = QT_TRANSLATE_NOOP("Steps", "Harmonise")
SHOWN = QT_TRANSLATE_NOOP("Session", "Chords {number} of {count}: {names}")
_NO_MELODY = QT_TRANSLATE_NOOP("Errors", "Choose a track with a melody first.")
_NO_FIT = QT_TRANSLATE_NOOP("Errors", "No chords were found for these bars.")
_NOTHING = QT_TRANSLATE_NOOP("Errors", "Choose a track with a melody, or write chords first.")
MAX_NAMED = 12  # LIMIT: more chords than that no line holds


@dataclass(frozen=True, eq=False)
class HarmonyRequest:
    """What is asked for; it may cross threads.

    Attributes:
        song: The song as it was.
        track_index: Where its melody stands.
        from_tick, to_tick: The bars that get chords.
        style: One of ``harmony.harmonising.STYLES``.
        count: How many progressions.
        seed: A random number.
        keeps_others: Whether the chords of the other bars are there to stay, and lead in and out.
    """

    song: Song
    track_index: int
    from_tick: int
    to_tick: int
    style: str
    seed: int
    count: int = COUNT
    keeps_others: bool = True

    @property
    def melody(self) -> Notes:
        """What is harmonised."""
        return self.song.tracks[self.track_index].notes

    @property
    def key(self) -> Key:
        """By which its chords are spelled."""
        return key_at(self.song, self.from_tick).key or find_key(self.melody) or Key(0)

    def progressions(self) -> tuple[Progression, ...]:
        """What is found, the best first; takes up to some seconds for a long song."""
        from musicassist.harmony.harmonising import harmonise  # a start needs none of it
        from musicassist.harmony.song_chords import song_chords

        song, end = self.song, max(self.song.end_tick, self.to_tick)
        before: tuple[ChordSpan, ...] = ()
        behind: tuple[ChordSpan, ...] = ()
        if self.keeps_others and self.from_tick > 0:
            before = song_chords(song, 0, self.from_tick, but_track=self.track_index)
        if self.keeps_others and self.to_tick < end:
            behind = song_chords(song, self.to_tick, end, but_track=self.track_index)
        return harmonise(
            song,
            self.melody,
            self.from_tick,
            self.to_tick,
            style=self.style,
            count=self.count,
            seed=self.seed,
            before=before,
            behind=behind,
        )


def with_accompaniment(song: Song, parts: Sequence[AccompanyingPart]) -> Song:
    """The song with what its tracks get, and with the new tracks."""
    for part in parts:
        if part.track_index is None:
            song = add_track(song, on_free_wire(song, Track(part.name, part.notes, program=part.program)))
        else:
            song = replace_span(song, part.track_index, part.from_tick, part.to_tick, part.notes).song
    return song


def _held(song: Song, track_index: int, spans: Sequence[ChordSpan]) -> tuple[Track, ...]:
    """Held chords under a melody, as a new track."""
    from musicassist.harmony.accompanying import accompany

    parts = accompany(song, track_index, spans, "block")
    return tuple(Track(part.name, part.notes, program=part.program) for part in parts)


class Harmonising:
    """The progressions on offer. Main thread only; nothing here waits: who asks lets ``HarmonyRequest`` work elsewhere.

    Attributes:
        offer: The progressions, the best first; empty while none are on offer.
        number: Which one is shown, from 1.
    """

    def __init__(self, session: Session, *, new_seed: Callable[[], int], on_change: Callable[[], None]) -> None:
        """Offers chords for a session's song.

        Args:
            session: Whose.
            new_seed: A random number.
            on_change: Called when something else is shown, or nothing any more.
        """
        self.offer: tuple[Progression, ...] = ()
        self.number = 1
        self._session = session
        self._new_seed = new_seed
        self._on_change = on_change
        self._request: HarmonyRequest | None = None
        self._written: tuple[Song, bool] | None = None  # a song, and whether chords are written in it
        self._heard: object = None  # the take, or the chords, that something sounds of beside the song
        session.document.subscribe(self._on_document_changed)
        session.subscribe(self._on_session_changed)

    @property
    def shown(self) -> tuple[ChordSpan, ...]:
        """The chords that are shown as ghosts; none while nothing is on offer."""
        return self.offer[self.number - 1].spans if self.offer else ()

    # Asking

    def request(self, style: str) -> HarmonyRequest:
        """What a press means now: the bars of the selection or of the loop, else those of the melody.

        Raises:
            SeedError: There is no melody.
        """
        if not self._has_melody:
            raise SeedError(_NO_MELODY)
        document, (place, is_chosen) = self._session.document, self._place()
        return HarmonyRequest(
            document.song, document.selected_track, *place, style, self._new_seed(), keeps_others=is_chosen
        )

    def _place(self) -> tuple[tuple[int, int], bool]:
        """The bars that are meant, and whether they are those of the selection or of the loop; else the melody's.

        Without a melody they are those of the written chords.
        """
        session, document = self._session, self._session.document
        chosen = session.notes.selected_span() if np.count_nonzero(document.selection) > 1 else None
        if chosen is None and session.transport.is_looping:
            chosen = session.transport.loop
        bars, notes = document.song.time_map, document.track.notes
        if self._has_melody:
            span = chosen or (int(notes.start_tick.min()), int(notes.end_tick.max()))
        else:
            marks = [mark.tick for mark in written_chords(document.song)] or [0]
            span = chosen or (marks[0], max(document.song.end_tick, marks[-1]))
        place = bars.bar_start_tick(bars.bar_at(span[0])), bars.bar_line_at_or_after(span[1])
        return place, chosen is not None

    def take(self, request: HarmonyRequest, found: tuple[Progression, ...]) -> None:
        """Offers what was found; the first one is shown and sounds. A song that was changed meanwhile gets nothing.

        Raises:
            SeedError: Nothing was found.
        """
        if request.song is not self._session.document.song:
            return
        if not found:
            raise SeedError(_NO_FIT)
        self.offer, self._request = found, request
        self.show(1)

    # On offer

    def show(self, number: int) -> None:
        """Shows another one, counted round and round, and lets it sound."""
        if not self.offer or self._request is None:
            return
        self.number = (number - 1) % len(self.offer) + 1
        if self._is_accompanying:
            self._session.takes.dismiss()  # they play the chords that were shown before
        request = self._request
        self._sound()
        numerals = roman_numerals(self.shown, request.key)
        named = [f"{chord_name(s.chord, request.key)} ({n})" for s, n in zip(self.shown, numerals, strict=True)]
        names = " \N{EN DASH} ".join(named[:MAX_NAMED]) + (" …" if len(named) > MAX_NAMED else "")
        self._session.say(SHOWN, number=self.number, count=len(self.offer), names=names)
        self._on_change()

    def show_next(self) -> None:
        """Shows the one after it."""
        self.show(self.number + 1)

    def accept(self) -> None:
        """Writes the chords that are shown into the song, as one step."""
        if self.offer:
            spans = self.shown
            self._drop()
            document = self._session.document
            document.apply(HARMONISE, write_chords(document.song, spans), selected_track=document.selected_track)

    def dismiss(self) -> None:
        """Takes away what is on offer."""
        if self.offer:
            self._drop()

    # Accompanying

    @property
    def can_accompany(self) -> bool:
        """Whether there is something to accompany: a melody, or chords that are written or on offer."""
        return self._has_melody or bool(self.shown) or self._has_written

    def accompany(self) -> None:
        """Asks for takes that play the chords on offer, which come with them, else the song's, in different ways.

        Raises:
            SeedError: There is neither a melody nor chords.
        """
        document, request, shown = self._session.document, self._request, self.shown
        if not self.can_accompany:
            raise SeedError(_NOTHING)
        if not shown or request is None:
            place, _is_chosen = self._place()
            self._session.takes.ask(Ask(ACCOMPANY, *place))
            return
        document.select_track(request.track_index)
        self._session.takes.ask(Ask(ACCOMPANY, request.from_tick, request.to_tick, chords=shown))

    @property
    def _has_melody(self) -> bool:
        song, index = self._session.document.song, self._session.document.selected_track
        return len(song.tracks) > 0 and not song.is_drum_track(index) and len(song.tracks[index].notes) > 0

    @property
    def _has_written(self) -> bool:
        """Whether chords are written; cheap after an edit of notes, since it is asked after each."""
        song = self._session.document.song
        if self._written is None or not (song is self._written[0] or say_the_same(self._written[0], song)):
            self._written = song, bool(written_chords(song))
        self._written = song, self._written[1]
        return self._written[1]

    @property
    def _is_accompanying(self) -> bool:
        """Whether there are takes that play chords themselves."""
        request = self._session.takes.request
        return request is not None and request.kind == ACCOMPANY

    # Hearing

    def _drop(self) -> None:
        self.offer, self._request = (), None
        self._sound()
        self._on_change()

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "takes":
            self._sound()

    def _sound(self) -> None:
        """Lets sound beside the song what the take that is heard adds, else the chords on offer, held.

        The chords of a take sound with it where nobody else plays any.
        """
        takes = self._session.takes
        take = takes.heard
        heard: object = None
        if take is not None and (take.chords or take.new_tracks) and (self._is_accompanying or not self.offer):
            heard = take
        elif self.offer and not self._is_accompanying:
            heard = self.shown
        if heard is self._heard or (heard is take and heard is not None and self._session.transport.is_accompanied):
            return
        self._heard = heard
        self._session.sound_beside(*self._tracks(takes, take if heard is take else None))

    def _tracks(self, takes: Takes, take: Take | None) -> tuple[Track, ...]:
        """What a take adds; else held chords under it, or under the melody."""
        song = self._session.document.song
        if take is not None and take.is_part_alone:
            return take.new_tracks
        if take is not None and takes.track_index is not None:
            track = song.tracks[takes.track_index].with_notes(take.notes)
            return _held(song.with_track(takes.track_index, track), takes.track_index, take.chords)
        return _held(self._request.song, self._request.track_index, self.shown) if self._request is not None else ()

    def _on_document_changed(self, change: DocumentChange) -> None:
        """What was found is for the song as it was."""
        if change.kind in ("opened", "song"):
            self.dismiss()


def pieces_of(spans: Sequence[ChordSpan], song: Song, key: Key) -> list[dict[str, object]]:
    """Chords as values for people: name, numeral, and from which beat to which, counted from 0."""
    bars = song.time_map
    return [
        {
            "chord": chord_name(span.chord, key),
            "numeral": numeral,
            "from_beat": bars.tick_to_beats(span.from_tick),
            "to_beat": bars.tick_to_beats(span.to_tick),
        }
        for span, numeral in zip(spans, roman_numerals(spans, key), strict=True)
    ]
