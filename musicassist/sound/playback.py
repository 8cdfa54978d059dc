"""Plays a song on a synth: queues a second ahead, loops, follows edits, and ends in silence."""

from __future__ import annotations

from collections.abc import Mapping

from musicassist.score import midi_bytes as midi
from musicassist.score.song import Song
from musicassist.score.timing import TimeMap
from musicassist.sound.chase import Slot, chase, state_change, touched_by, whole_at_rest
from musicassist.sound.messages import Audition
from musicassist.sound.metronome import MidiClock, Stretch, clicks_between, count_in
from musicassist.sound.schedule import Schedule, Scheduler, with_audition
from musicassist.sound.synth import CLICK_SOURCE, COUNT_IN_SOURCE, SONG_SOURCE, Key, QueuedPart, Synth

LOOKAHEAD_SECONDS = 1.0
START_DELAY_SECONDS = 0.02  # time to queue the first notes
MIN_LOOP_SECONDS = 0.02  # LIMIT: a shorter loop would be queued for ever
_SAME_MOMENT_SECONDS = 0.005  # a synth may round a message's time by less
_LATE_SECONDS = 0.5  # LIMIT: how long after it sounded a tick may be asked for, for a key that was meant then
CHANNELS = range(16)


class Playback:
    """The transport of the engine. One thread; it never sleeps: call :meth:`feed` about every 20 ms.

    Attributes:
        synth: What sounds.
        is_playing: Whether the song moves.
        schedule: What the song with its audition sounds.
    """

    def __init__(self, synth: Synth) -> None:
        self._use(synth)
        self.is_playing = False
        self._scheduler = Scheduler()
        self.schedule: Schedule = self._scheduler.schedule_of(Song())
        self._song = Song()
        self._time_map: TimeMap = self._song.time_map
        self._audition: Audition | None = None
        self._routes: Mapping[str, int] = {}
        self._loop_ticks: tuple[int, int] | None = None
        self._has_metronome = False
        self._end_tick = 0  # of all notes, also of those that are muted
        self._runs_past_end = self._began_past_end = False
        self._tick = 0.0  # where it stands while stopped
        self._start_tick = 0.0
        self._stretches: list[Stretch] = []
        self._filled_seconds = 0.0
        self._row = 0
        self._clock = MidiClock()
        self._count_in: list[tuple[float, midi.Message]] = []  # its clicks, with their seconds from its end

    def _use(self, synth: Synth) -> None:
        self.synth = synth
        self._music = QueuedPart(synth, SONG_SOURCE)
        self._clicks = QueuedPart(synth, CLICK_SOURCE)
        self._counted = QueuedPart(synth, COUNT_IN_SOURCE)
        self._touched: set[Slot] = set()  # what songs that have played on it set anywhere

    # --- the song -------------------------------------------------------------------------------------------------

    def set_song(self, song: Song) -> None:
        """Another song, or an edited one: playing goes on at the same tick."""
        self._song = song
        self._change_schedule(song.time_map)

    def set_audition(self, audition: Audition | None) -> None:
        """Notes on trial, in place of a span or beside the song."""
        self._audition = audition
        self._change_schedule(self._song.time_map)

    def set_routes(self, routes: Mapping[str, int]) -> None:
        """The ports that tracks may play through now, by name; see ``schedule_of``."""
        self._routes = dict(routes)
        self._change_schedule(self._song.time_map)

    def _change_schedule(self, time_map: TimeMap) -> None:
        """Replaces the event list; takes the time map of the new song."""
        song = with_audition(self._song, self._audition)
        new, self._end_tick = self._scheduler.schedule_of(song, self._routes), song.end_tick
        if not self.is_playing:
            self.schedule, self._time_map = new, time_map
            return
        keys, now = self._cut_queue()
        here = self._stretch_from(now)
        old, old_song_seconds = self.schedule, here.song_seconds
        tick = self._time_map.seconds_to_tick(max(0.0, old_song_seconds))
        if time_map != self._time_map:
            self._clock.cut(self.synth)
        self.schedule, self._time_map = new, time_map
        song_seconds = time_map.tick_to_seconds(tick)
        for message in state_change(old, old_song_seconds, new, song_seconds):
            self.synth.send(message)
        self._touched |= touched_by(new)
        self._resume(keys, Stretch(here.at_seconds, song_seconds, time_map))

    # --- moving ---------------------------------------------------------------------------------------------------

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        """Plays from a tick, also from where the song is over: then it runs on in silence.

        Before that, ``count_in_bars`` bars click while the song waits.
        """
        self._runs_past_end = runs_past_end
        wait_seconds, self._count_in = count_in(self._time_map, max(0, round(from_tick)), count_in_bars)
        self._play(from_tick, START_DELAY_SECONDS + wait_seconds)

    def _play(self, from_tick: float, wait_seconds: float) -> None:
        if self.is_playing:
            self._silence()
        self._start_tick = self._tick = max(0.0, from_tick)
        song_seconds = self._time_map.tick_to_seconds(self._tick)
        self._began_past_end = song_seconds >= self._end_seconds
        self._start(song_seconds, wait_seconds)

    def run_past_end(self) -> None:
        """What plays goes on past the end of the song from now on."""
        self._runs_past_end = True

    def stop(self) -> None:
        """Stops where it is heard, in silence."""
        if self.is_playing:
            self._tick = self.heard_tick(self.synth.now_seconds())
        self._silence()
        self.is_playing = False

    def seek(self, tick: float) -> None:
        """Goes to a tick, playing on if it plays, and counting in on if it does that."""
        if self.is_playing:
            self._play(tick, self._wait_seconds())
        else:
            self._tick = max(0.0, tick)
            self._clock.point(self.synth, self._time_map, self._tick)

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        """Repeats a span; an empty one ends the repeating."""
        self._loop_ticks = (start_tick, end_tick) if end_tick > start_tick else None
        if self.is_playing:
            self._clock.cut(self.synth)
        self._requeue()

    def set_metronome(self, *, enabled: bool) -> None:
        """Clicks on the beats or not."""
        self._has_metronome = enabled
        self._requeue()

    def panic(self) -> None:
        """Silence on every channel, whatever sounds there."""
        self.stop()
        for channel in sorted({*CHANNELS, *self.schedule.channels}):
            self._quiet(channel)

    def change_synth(self, synth: Synth) -> None:
        """Plays on another synth from where it is; the old one falls silent."""
        was_playing, tick = self.is_playing, self.heard_tick(self.synth.now_seconds())
        wait_seconds = self._wait_seconds()
        self._silence()
        self._use(synth)
        self.is_playing, self._tick = False, tick
        if was_playing:
            self._start(self._time_map.tick_to_seconds(tick), wait_seconds)

    # --- the clockwork --------------------------------------------------------------------------------------------

    def feed(self) -> bool:
        """Queues what is due within the next second. True once when the song has ended by itself."""
        if not self.is_playing:
            return False
        now = self.synth.now_seconds()
        for part in (self._music, self._clicks, self._counted):
            part.advance(now)
        self._fill(now + LOOKAHEAD_SECONDS)
        has_ended = self._is_over(now)
        if has_ended:
            self._finish()
        return has_ended

    def _finish(self) -> None:
        """The song is over: what still rings may ring on, and the playhead goes back to where it began."""
        self._clock.stop(self.synth)
        self._music.silence()
        self._clicks.silence()
        if whole_at_rest(self._touched):  # what rings on would be as loud as before a fade
            self._silence()
        for channel in self.schedule.channels:
            for control in midi.HOLD_CONTROLS:
                self.synth.send((midi.CONTROL | channel, control, 0))
        self.is_playing, self._tick = False, self._start_tick

    def heard_tick(self, synth_seconds: float) -> float:
        """The tick of the song that is heard when the synth's clock shows ``synth_seconds``."""
        if not self.is_playing:
            return self._tick
        seconds = synth_seconds - self.synth.latency_seconds
        return self._stretch_at(seconds).tick_at(seconds)

    def played_tick(self, synth_seconds: float) -> float:
        """The tick that a key struck then belongs to: before the song begins to move, one before its start."""
        return self.heard_tick(synth_seconds) - self.waiting_ticks(synth_seconds)

    def waiting_ticks(self, synth_seconds: float) -> float:
        """How far before its start the song waits, as in a count-in; 0 once it moves."""
        if not self.is_playing:
            return 0.0
        seconds = synth_seconds - self.synth.latency_seconds
        stretch = self._stretch_at(seconds)
        return max(0.0, stretch.at_seconds - seconds) * stretch.ticks_per_second_at(seconds)

    def _wait_seconds(self) -> float:
        """How long until the song begins to move; 0 once it does."""
        now = self.synth.now_seconds()
        return max(0.0, self._stretch_at(now).at_seconds - now) if self.is_playing else 0.0

    def ticks_per_second(self, synth_seconds: float) -> float:
        """How fast the song moves that is heard then; 0 while stopped."""
        seconds = synth_seconds - self.synth.latency_seconds
        return self._stretch_at(seconds).ticks_per_second_at(seconds) if self.is_playing else 0.0

    def loop_ticks(self) -> tuple[int, int]:
        """What is repeated; twice the same tick if nothing is."""
        return self._loop_ticks or (0, 0)

    def sets_program(self, channel: int) -> bool:
        """Whether the playing song decides about a channel's instrument."""
        return self.is_playing and channel in self.schedule.channels

    def _is_over(self, now: float) -> bool:
        stretch = self._stretches[-1]
        if self._runs_past_end or self._began_past_end or self._loop_end(stretch) is not None:
            return False
        end_seconds = max(self._end_seconds, self.schedule.held_until_seconds)
        return stretch.song_at(now - self.synth.latency_seconds) >= end_seconds

    @property
    def _end_seconds(self) -> float:
        return self._time_map.tick_to_seconds(self._end_tick)

    def _start(self, song_seconds: float, wait_seconds: float) -> None:
        for message in chase(self.schedule, song_seconds, self._touched):
            self.synth.send(message)
        self._touched |= touched_by(self.schedule)
        now = self.synth.now_seconds()
        at_seconds = now + max(wait_seconds, START_DELAY_SECONDS)
        clicks = ((at_seconds + seconds, message) for seconds, message in self._count_in)
        self._counted.queue(click for click in clicks if click[0] >= now)
        self._stretches = []
        self._begin_stretch(Stretch(at_seconds, song_seconds, self._time_map))
        self.is_playing = True
        self._fill(at_seconds + LOOKAHEAD_SECONDS)

    def _begin_stretch(self, stretch: Stretch) -> None:
        recent = stretch.at_seconds - LOOKAHEAD_SECONDS - self.synth.latency_seconds - _LATE_SECONDS
        while len(self._stretches) > 1 and self._stretches[1].at_seconds < recent:
            del self._stretches[0]
        self._stretches.append(stretch)
        self._filled_seconds = stretch.at_seconds
        self._row = self.schedule.row_at(stretch.song_seconds)
        self._clock.begin(self.synth, self._time_map, stretch)

    def _stretch_at(self, seconds: float) -> Stretch:
        begun = [stretch for stretch in self._stretches if stretch.at_seconds <= seconds]
        return begun[-1] if begun else self._stretches[0]

    def _stretch_from(self, seconds: float) -> Stretch:
        """Where the song is, to go on from there; before it begins to move, where and when it will."""
        stretch = self._stretch_at(seconds)
        at_seconds = max(seconds, stretch.at_seconds)
        return Stretch(at_seconds, stretch.song_at(at_seconds), stretch.time_map)

    def _loop_end(self, stretch: Stretch) -> float | None:
        """The song's second at which this stretch goes back; None if it never does."""
        if self._loop_ticks is None:
            return None
        start, end = (self._time_map.tick_to_seconds(tick) for tick in self._loop_ticks)
        end = max(end, start + MIN_LOOP_SECONDS)
        return end if stretch.song_seconds < end else None

    def _fill(self, until_seconds: float) -> None:
        while self._filled_seconds < until_seconds:
            stretch = self._stretches[-1]
            loop_end = self._loop_end(stretch)
            target = stretch.song_at(until_seconds)
            if loop_end is not None and loop_end <= target:
                self._queue_until(stretch, loop_end)
                self._filled_seconds = stretch.synth_at(loop_end)
                self._wrap()
            else:
                self._queue_until(stretch, target)
                self._filled_seconds = until_seconds  # by itself, for converting there and back rounds

    def _queue_until(self, stretch: Stretch, song_seconds: float) -> None:
        self._clock.fill(self.synth, self._time_map, stretch, song_seconds, self._loop_end(stretch))
        last = max(self._row, self.schedule.row_at(song_seconds))
        rows = self.schedule.rows(self._row, last)
        self._music.queue((stretch.synth_at(seconds), message) for seconds, message in rows)
        if self._has_metronome:
            from_seconds = max(stretch.song_seconds, stretch.song_at(self._filled_seconds))
            clicks = clicks_between(self._time_map, from_seconds, song_seconds)
            self._clicks.queue((stretch.synth_at(seconds), message) for seconds, message in clicks)
        self._row = last

    def _wrap(self) -> None:
        """Goes back to the start of the loop, at the very moment at which its end is reached."""
        at_seconds = self._filled_seconds
        song_seconds = self._time_map.tick_to_seconds(self.loop_ticks()[0])
        self._music.let_go_at(at_seconds)
        self._clicks.let_go_at(at_seconds)
        end_seconds = self._stretches[-1].song_at(at_seconds)
        state = state_change(self.schedule, end_seconds, self.schedule, song_seconds)
        self._music.queue((at_seconds, message) for message in state)
        self._begin_stretch(Stretch(at_seconds, song_seconds, self._time_map))

    # --- changing what is queued ----------------------------------------------------------------------------------

    def _requeue(self) -> None:
        """Queues anew from now, with the same song."""
        if self.is_playing:
            keys, now = self._cut_queue()
            self._resume(keys, self._stretch_from(now))

    def _cut_queue(self) -> tuple[list[Key], float]:
        """Empties the queue: the song's keys that are down, and the moment."""
        keys, now = self._music.cut()
        self._clicks.silence()  # after it, so that no click before the moment is lost
        return keys, now

    def _resume(self, keys: list[Key], stretch: Stretch) -> None:
        """Queues from now on; a key that is down stays so if the song holds it here too."""
        self._stretches = [old for old in self._stretches if old.at_seconds < stretch.at_seconds]
        self._begin_stretch(stretch)
        self._row = self.schedule.row_at(stretch.song_seconds - _SAME_MOMENT_SECONDS)
        fresh_row = self._fresh_row(stretch)
        for key in keys:
            if not self.schedule.holds(*key, fresh_row):
                self._music.let_go(key)
        self._fill(stretch.at_seconds + LOOKAHEAD_SECONDS)

    def _fresh_row(self, stretch: Stretch) -> int:
        """The first row that had not sounded when the queue was emptied, as the synth rounds it."""
        row, seconds = self._row, self.schedule.seconds
        while row < len(seconds) and self._music.has_sounded(stretch.synth_at(float(seconds[row]))):
            row += 1
        return row

    def _silence(self) -> None:
        """Empties the queue and ends what sounds of it."""
        self._clock.stop(self.synth)
        for part in (self._music, self._clicks, self._counted):
            part.silence()
        for channel in self.schedule.channels:
            self._quiet(channel)
        for message in whole_at_rest(self._touched):
            self.synth.send(message)

    def _quiet(self, channel: int) -> None:
        """Source: the order that leaves no voice in FluidSynth, also with the pedal down."""
        for control in (*midi.HOLD_CONTROLS, midi.RESET_CONTROLLERS, midi.ALL_NOTES_OFF, midi.ALL_SOUND_OFF):
            self.synth.send((midi.CONTROL | channel, control, 0))
