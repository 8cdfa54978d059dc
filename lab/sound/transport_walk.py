"""Hours of a restless user at the transport, on a clock turned by hand: no note may stay, get lost or be late."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.score.midi_bytes import DRUM_CHANNEL, Message
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import tempo_change
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.messages import Audition
from musicassist.sound.playback import LOOKAHEAD_SECONDS, Playback
from musicassist.sound.synth import Key, SilentSynth, is_note_on, note_key

FEED_SECONDS = 0.02
BLOCK_SECONDS = 64 / 48000  # what is queued further back than a block is late
_MAX_WAIT_SECONDS = 3.0
_MAX_HICCUP_SECONDS = 0.9 * LOOKAHEAD_SECONDS
_SONGS, _SONG_TICKS = 40, 6000
_LIVE_PITCHES = range(24, 36)  # a key of the keyboard and one of the song at once are two strokes, so they keep apart
_WARM_UP_SHARE = 0.1
_PAGE_BYTES = 4096


@dataclass
class Faults:
    """What must never happen, counted.

    Attributes:
        stuck: Notes that sounded after a stop, a panic, the end of the song, or in a device that was left.
        unmatched: Note-ons of a key that was down, and note-offs of one that was up.
        late: Notes that were queued for a moment that had passed.
    """

    stuck: int = 0
    unmatched: int = 0
    late: int = 0


@dataclass(frozen=True)
class WalkReport:
    """What a walk came to.

    Attributes:
        hours: Of the turned clock.
        actions: What the user did.
        notes: Note-ons that sounded.
        faults: See there.
        grown_bytes: The memory of this process, from the end of the warm-up to the end.
    """

    hours: float
    actions: int
    notes: int
    faults: Faults
    grown_bytes: int


class Sink(SilentSynth):
    """A synth that checks every message it gets."""

    def __init__(self, clock: Callable[[], float], faults: Faults) -> None:
        super().__init__(clock, is_recording=True)
        self._faults = faults
        self._down: set[Key] = set()
        self.notes = 0

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``."""
        events = list(events)
        earliest = self.now_seconds() - BLOCK_SECONDS
        self._faults.late += sum(note_key(message) is not None and seconds < earliest for seconds, message in events)
        super().schedule(events, source)

    def down(self) -> set[Key]:
        """The keys that are down, once everything that sounded is checked."""
        self.now_seconds()
        for _, message in self.sounded:
            self._check(message)
        self.sounded.clear()
        return self._down

    def _check(self, message: Message) -> None:
        key = note_key(message)
        if key is None:
            return
        self._faults.unmatched += (key in self._down) == is_note_on(message)
        if is_note_on(message):
            self.notes += 1
            self._down.add(key)
        else:
            self._down.discard(key)


class TransportWalk:
    """One walk; the same seed walks the same way."""

    def __init__(self, seed: int) -> None:
        self.faults = Faults()
        self.actions = self.notes = 0
        self._chance = random.Random(seed)
        self._songs = [_random_song(self._chance) for _ in range(_SONGS)]
        self._now = 1000.0
        self._sink = self._new_sink()
        self._playback = Playback(self._sink)
        self._keys = LiveKeys(self._sink, self._playback.sets_program)
        self._playback.set_song(self._songs[0])

    def walk(self, hours: float) -> WalkReport:
        """Goes on for so long, on the turned clock."""
        end = self._now + 3600 * hours
        warm = self._now + 3600 * hours * _WARM_UP_SHARE
        warm_bytes = None
        while self._now < end:
            self._act()
            self._wait(self._chance.uniform(0.0, _MAX_WAIT_SECONDS))
            if warm_bytes is None and self._now > warm:
                warm_bytes = resident_bytes()
        self._stop()
        grown = resident_bytes() - (warm_bytes or resident_bytes())
        return WalkReport(hours, self.actions, self.notes + self._sink.notes, self.faults, grown)

    def _act(self) -> None:
        self.actions += 1
        self._chance.choice(
            (
                self._play,
                self._play,
                self._stop,
                self._seek,
                self._loop,
                self._edit,
                self._edit,
                self._mute,
                self._audition,
                self._click,
                self._strike,
                self._panic,
                self._lose_device,
                self._hiccup,
            )
        )()

    def _wait(self, seconds: float) -> None:
        end = self._now + seconds
        while self._now < end:
            self._now += FEED_SECONDS
            if self._playback.feed():
                self._expect_silence()
            self._keys.release_due()
            self._sink.down()

    def _expect_silence(self) -> None:
        """Only keys of the keyboard may be down."""
        self.faults.stuck += sum(pitch not in _LIVE_PITCHES for _, pitch in self._sink.down())

    def _play(self) -> None:
        self._playback.play(self._tick(), runs_past_end=self._chance.random() < 0.2)

    def _stop(self) -> None:
        self._playback.stop()
        self._expect_silence()

    def _seek(self) -> None:
        self._playback.seek(self._tick())

    def _loop(self) -> None:
        start = self._tick()
        self._playback.set_loop(start, start + self._chance.choice((0, 1, 60, 480, 1920)))

    def _edit(self) -> None:
        self._playback.set_song(self._chance.choice(self._songs))

    def _mute(self) -> None:
        song = self._chance.choice(self._songs)
        tracks = (replace(song.tracks[0], muted=True), *song.tracks[1:])
        self._playback.set_song(replace(song, tracks=tracks))

    def _audition(self) -> None:
        notes, start = self._chance.choice(self._songs).tracks[0].notes, self._tick()
        take = Audition(notes, self._chance.choice((0, 1, None)), start, start + 1920)
        self._playback.set_audition(self._chance.choice((take, None)))

    def _click(self) -> None:
        self._playback.set_metronome(enabled=self._chance.random() < 0.5)

    def _strike(self) -> None:
        self._keys.strike(self._chance.choice(_LIVE_PITCHES), 90, 0, 5, self._chance.uniform(0.05, 4.0))

    def _panic(self) -> None:
        self._keys.release_all()
        self._playback.panic()
        self.faults.stuck += len(self._sink.down())

    def _lose_device(self) -> None:
        old, self._sink = self._sink, self._new_sink()
        self._keys.change_synth(self._sink)
        self._playback.change_synth(self._sink)
        self.faults.stuck += len(old.down())
        self.notes += old.notes

    def _hiccup(self) -> None:
        """The engine gets no core for a while."""
        self._now += self._chance.uniform(0.0, _MAX_HICCUP_SECONDS)

    def _tick(self) -> int:
        return self._chance.randrange(_SONG_TICKS)

    def _new_sink(self) -> Sink:
        return Sink(lambda: self._now, self.faults)


def _random_song(chance: random.Random) -> Song:
    """A melody with overlaps and a pedal, and drums, at a tempo of its own."""
    lengths = (40, 240, 480, 2000)
    notes = [
        Note(chance.randrange(0, _SONG_TICKS, 40), chance.randrange(60, 72), chance.choice(lengths)) for _ in range(60)
    ]
    pedal = tuple(Event(480 * beat, bytes((0xB0, 64, 127 * (beat % 2)))) for beat in range(8))
    melody = Track("Melody", Notes.of(notes[:40]), 0, chance.randrange(128), events=pedal)
    return Song(
        (melody, Track("Drums", Notes.of(notes[40:]), DRUM_CHANNEL)),
        tempo_changes=(tempo_change(0, chance.randrange(60, 180)), tempo_change(1920, chance.randrange(60, 180))),
    )


def resident_bytes() -> int:
    """The memory that this process has, on Linux; 0 elsewhere."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * _PAGE_BYTES if statm.exists() else 0
