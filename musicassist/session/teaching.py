"""Why a bar is strong: what its notes prove, and how it sounds without that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from musicassist.document.document import Document, DocumentChange
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.harmony.lessons import Bar, Lesson, lessons_of
from musicassist.score.chord_track import ChordSpan
from musicassist.score.keys import key_at
from musicassist.score.meant_times import MeantTimes
from musicassist.session.takes import Takes
from musicassist.session.transport import Transport
from musicassist.sound.client import SoundClient

BARS_AROUND = 1  # that sound before the bar, so that it is heard where it comes from


class Teaching:
    """The findings about one bar of the selected track. Main thread only.

    Attributes:
        bar: The bar that was asked about, counted from 0; None while nothing was.
        lessons: What was found in it.
        without: Which of them is left out of what sounds; None for the song as it is.
    """

    def __init__(
        self,
        document: Document,
        sound: SoundClient,
        transport: Transport,
        takes: Takes,
        *,
        on_change: Callable[[], None],
    ) -> None:
        """Shows nothing at first.

        Args:
            document: The song.
            sound: Lets the bar sound otherwise.
            transport: Repeats it.
            takes: Those on offer sound in their own way, and nothing else then.
            on_change: Called after every change.
        """
        self.bar: int | None = None
        self.lessons: tuple[Lesson, ...] = ()
        self.without: int | None = None
        self._document = document
        self._sound = sound
        self._transport = transport
        self._takes = takes
        self._on_change = on_change
        document.subscribe(self._on_document_changed)

    @property
    def may_sound(self) -> bool:
        """Whether nothing else is on trial."""
        return self._takes.phase == "idle"

    def look(self, bar: int, spans: Sequence[ChordSpan]) -> None:
        """Finds what makes a bar of the selected track strong.

        Args:
            bar: Its number, from 0.
            spans: The chords, as they are written or heard.

        Raises:
            SeedError: No note begins in it, or the track is for drums.
        """
        song, index = self._document.song, self._document.selected_track
        start, stop = song.time_map.bar_start_tick(bar), song.time_map.bar_start_tick(bar + 1)
        meant = MeantTimes.around(song.tracks[index].notes, song.time_map, start, stop)
        if song.is_drum_track(index) or not meant.starting_between(start, stop).any():
            raise SeedError(QT_TRANSLATE_NOOP("Errors", "No note of this track begins in this bar."))
        self._hush()
        key = key_at(song, start).key
        self.bar = bar
        self.lessons = lessons_of(Bar.of(meant.notes, spans, key, song.time_map, bar))
        self._on_change()

    def hear_without(self, row: int | None) -> None:
        """Lets the bar sound without one of its findings, with the bar before it, round and round; None as it is."""
        if row is None or row == self.without or not 0 <= row < len(self.lessons) or not self.may_sound:
            self._hush()
            self._on_change()
            return
        lesson, bars = self.lessons[row], self._document.song.time_map
        self._sound.audition(lesson.without, self._document.selected_track, lesson.from_tick, lesson.to_tick)
        first = max(0, bars.bar_at(lesson.from_tick) - BARS_AROUND)
        self._transport.lend_loop(bars.bar_start_tick(first), lesson.to_tick)
        self.without = row
        self._transport.play_loop()
        self._on_change()

    def leave(self) -> None:
        """Ends it; the song sounds as it is."""
        self._hush()
        self.bar, self.lessons = None, ()
        self._on_change()

    def _hush(self) -> None:
        if self.without is not None:
            self.without = None
            if self.may_sound:
                self._sound.clear_audition()
                self._transport.give_loop_back()

    def _on_document_changed(self, change: DocumentChange) -> None:
        """What was found is for the notes as they were."""
        if change.kind in ("opened", "song", "track") and self.bar is not None:
            self.leave()
