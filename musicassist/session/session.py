"""What a user can do, without a window: files, editing, sound, playing in and takes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from musicassist.document.document import Document, DocumentChange, empty_song
from musicassist.document.entry import Entry, reaching
from musicassist.document.instruments import Instrument, on_free_wire
from musicassist.document.project_file import is_project
from musicassist.document.recovery import UNTITLED
from musicassist.document.song_edits import add_track
from musicassist.errors import MusicAssistError
from musicassist.midi import ImportedSong
from musicassist.score.keys import SongKey, key_at
from musicassist.score.meant_times import meant_end_line_tick
from musicassist.score.song import Note, Song, Track
from musicassist.score.theory import Key
from musicassist.session.again import Again
from musicassist.session.commands import NoteCommands, SongCommands, TrackCommands
from musicassist.session.exchange import Exchange
from musicassist.session.further_takes import FurtherTakes
from musicassist.session.harmonising import Harmonising
from musicassist.session.mixing import Mixing
from musicassist.session.offers import Ask, Generator, ask_for
from musicassist.session.picking import Picking
from musicassist.session.picture import PictureCommands
from musicassist.session.pins import Pins
from musicassist.session.playing_in import PlayingIn
from musicassist.session.shelf import Shelf
from musicassist.session.take_counts import TakeCounts
from musicassist.session.take_order import TakeOrder
from musicassist.session.takes import Takes
from musicassist.session.teaching import Teaching
from musicassist.session.transport import Transport
from musicassist.session.versions import Versions
from musicassist.sound import messages
from musicassist.sound.client import SoundClient
from musicassist.sound.schedule import live_channel

ChangeKind = Literal[
    "opened", "takes", "further", "ghost", "transport", "keys_lost", "grid", "clipboard", "chords", "lessons",
    "versions", "message",
]  # fmt: skip
SEED_RANGE = 2**31


@dataclass(frozen=True)
class SessionChange:
    """What listeners are told.

    Attributes:
        kind: ``opened`` (another song, to which nothing belongs that was played), ``takes`` (phase, takes or
            controls), ``further`` (what is composed beside the takes on offer has come on), ``ghost`` (one streamed
            note), ``transport``, ``keys_lost`` (nobody will tell that keys go up), ``grid``, ``clipboard``, ``chords``
            (those on offer), ``lessons`` (what was found in a bar), ``versions`` or ``message`` (words for the user).
        note: The streamed note.
        take_number: The take it belongs to, from 1.
        template: Words with named fields; the window fills in ``undo`` and ``quantise``, the keys that do that.
        values: What fills the fields.
        context: Where translators find the template.
    """

    kind: ChangeKind
    note: Note | None = None
    take_number: int = 0
    template: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    context: str = "Session"


class Session:
    """One window's worth of work. Main thread only; nothing here waits but opening of files.

    Attributes:
        document: The song being worked on, with undo.
        sound: The client of the sound engine.
        new_seed: A random number.
        notes: Commands on the selected notes.
        tracks: Commands on the tracks.
        song_commands: Commands on tempo, meter and key.
        picture: Bars and tempo for the times of a picture.
        transport: Play, stop and loop.
        takes: What the assistant offers.
        order: In which order takes lie, and whether it is said whose they are.
        take_counts: What became of takes so far.
        picking: Some notes of a take that are kept alone.
        further: Takes that are composed while others are on offer.
        shelf: What it offered before.
        again: Bars that were kept, composed once more.
        versions: Points of the song with a name.
        mixing: The mix of what it offers.
        harmonising: The chords on offer for a melody.
        teaching: Why a bar is strong.
        exchange: Music that leaves the song as a file, or comes from one.
        input: What is played in: recording, capturing, step input.
        latency_seconds: From the sound engine to the ear, as its driver tells.
        on_played: Called with what is played on the keyboard, the letter keys and the piano, on the main thread.
    """

    def __init__(
        self,
        document: Document,
        sound: SoundClient,
        generator: Generator,
        *,
        new_seed: Callable[[], int] = lambda: secrets.randbelow(SEED_RANGE),
    ) -> None:
        self.document = document
        self.sound = sound
        self.new_seed = new_seed
        self.notes = NoteCommands(document, self._publish_kind)
        self.pins = Pins(document)
        self.tracks = TrackCommands(document)
        self.song_commands = SongCommands(document)
        self.picture = PictureCommands(document)
        self.transport = Transport(sound, self._on_transport_changed)
        self.takes = Takes(
            document,
            sound,
            self.transport,
            generator,
            new_seed=new_seed,
            on_change=self._on_takes_changed,
            on_problem=self._say_problem,
        )
        self.exchange = Exchange(document, self.notes, self.takes)
        self.order = TakeOrder(self.takes)
        self.further = FurtherTakes(
            self.takes, generator, on_problem=self._say_problem, on_change=lambda: self._publish_kind("further")
        )
        self.further.arrange = self.order.arranged
        self.take_counts = TakeCounts(document, self.takes, self.transport)
        self.picking = Picking(document, self.takes, self.take_counts, on_change=lambda: self._publish_kind("takes"))
        self.again = Again(document, self.takes, generator, say=self.say, on_problem=self._say_problem)
        self.mixing = Mixing(self.takes, self.further, new_seed=new_seed)
        self.shelf = Shelf(document, self.takes, say=self.say)
        self.input = PlayingIn(document, self.notes, self.transport, on_change=self._on_input_changed, say=self.say)
        self.input.on_rounds = self.shelf.put_rounds
        self.latency_seconds = 0.0
        self.on_played: list[Callable[[messages.MidiReceived], None]] = []
        self._beside: tuple[Track, ...] = ()
        self._instead: Song | None = None
        self._listeners: list[Callable[[SessionChange], None]] = []
        self.teaching = Teaching(
            document, sound, self.transport, self.takes, on_change=lambda: self._publish_kind("lessons")
        )
        self.harmonising = Harmonising(self, new_seed=new_seed, on_change=lambda: self._publish_kind("chords"))
        self.versions = Versions(
            document,
            self.takes,
            say=self.say,
            on_change=lambda: self._publish_kind("versions"),
            hear=self._sound_instead,
        )
        document.subscribe(self._on_document_changed)
        self._send_song()

    # Listeners.

    def subscribe(self, listener: Callable[[SessionChange], None]) -> Callable[[], None]:
        """Calls ``listener`` after each change, on the main thread; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def say(self, template: str, **values: object) -> None:
        """Tells the user something in words."""
        self._publish(SessionChange("message", template=template, values=values))

    def _say_problem(self, problem: MusicAssistError) -> None:
        self._publish(SessionChange("message", template=problem.template, values=problem.values, context="Errors"))

    def _publish_kind(self, kind: ChangeKind) -> None:
        self._publish(SessionChange(kind))

    def _publish(self, change: SessionChange) -> None:
        for listener in tuple(self._listeners):
            listener(change)

    def _on_takes_changed(self, note: Note | None, take_number: int) -> None:
        if note is None:
            self.further.follow_takes()
            self.take_counts.follow_takes()
            self.shelf.follow_takes()
        self._publish(SessionChange("takes" if note is None else "ghost", note, take_number))

    def _on_input_changed(self) -> None:
        self._publish_kind("transport")
        self._send_live_track()

    def _on_transport_changed(self) -> None:
        """Who plays along writes first, and then what was recorded is laid over it."""
        self.take_counts.follow_takes()
        self._publish_kind("transport")
        if self.input.is_recording and not self.transport.is_playing:
            self.input.stop_recording()
        self._send_live_track()

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "opened":
            self.shelf.start_over()
            self._start_over()
        if change.kind in ("opened", "song"):
            self.takes.follow_song()
            self.shelf.follow_song()
            self._send_song()
        elif change.kind == "track":
            self._send_live_track()

    def _start_over(self) -> None:
        self.input.start_over()
        self._publish_kind("opened")
        self.takes.dismiss()
        self.transport.stop()
        self.transport.clear_loop()
        self.transport.seek(0)

    # Files.

    def title(self) -> str:
        """What the window is called; ``[*]`` stands where Qt shows that something is unsaved."""
        path = self.document.path
        name = path.name if path is not None else UNTITLED
        return f"{name}[*]{' (read-only)' if self.document.is_read_only else ''} \N{EN DASH} musicassist"

    def new(self) -> None:
        """Starts an empty song."""
        self.document.replace_song(empty_song(), None)

    def open(self, imported: ImportedSong, path: Path | None, file_mark: str | None = None) -> None:
        """Works on a song that was read, without its file if ``path`` is None (a demo).

        Args:
            imported: What was read.
            path: The file.
            file_mark: What ``disk.mark_of`` said of it before it was read.
        """
        self.document.replace_song(
            imported.song,
            path,
            selected_track=imported.first_track,
            is_incomplete=imported.is_incomplete,
            file_mark=file_mark,
        )

    def open_project(self, entry: Entry, path: Path, *, is_kept: bool) -> None:
        """Works on a project that was read, with its undo list.

        Args:
            entry: What was read.
            path: Its file.
            is_kept: Whether each edit goes into it; else it can only be read.
        """
        self.document.replace_song(
            entry.song,
            path,
            selected_track=entry.selected_track,
            is_kept=is_kept,
            is_read_only=not is_kept,
            pages=entry.pages,
            selection=entry.selection,
            undo=reaching(entry),
        )

    def recover(self, entry: Entry) -> None:
        """Works on what a crash left; it is unsaved work on its original file."""
        self.document.replace_song(
            entry.song,
            entry.path,
            selected_track=entry.selected_track,
            is_saved=False,
            is_read_only=is_project(entry.path),  # which may hold other work by now: saving asks where to
            is_incomplete=entry.is_incomplete,
            file_mark=entry.file_mark,
            pages=entry.pages,
            selection=entry.selection,
            undo=reaching(entry),
        )

    def settle(self) -> None:
        """Before the song is left: what is recorded, answered or heard on trial is written; playing stops for it."""
        if self.transport.is_playing and (self.transport.is_accompanied or self.takes.phase != "idle"):
            self.transport.stop()
        self.input.stop_recording()
        self.take_counts.settle()

    # Key and loop.

    @property
    def key(self) -> Key | None:
        """The song's key at the playhead, as it says or as it is heard; None where there is too little to hear."""
        return self.song_key.key

    @property
    def song_key(self) -> SongKey:
        """The same, and whether the song says so."""
        return key_at(self.document.song, self.transport.position_tick())

    def loop_to_selection(self) -> None:
        """Repeats the beats that hold the selected notes; without any, nothing happens."""
        span = self.notes.selected_span()
        if span is not None:
            beat_ticks = self.document.song.ticks_per_beat
            self.transport.set_loop(span[0] // beat_ticks * beat_ticks, -(-span[1] // beat_ticks) * beat_ticks)

    def toggle_loop(self) -> None:
        """Switches the loop on or off; without one, repeats the selected notes, else the whole song."""
        if self.transport.loop is not None:
            self.transport.toggle_loop()
        elif self.notes.has_selection:
            self.loop_to_selection()
        elif self.document.song.end_tick:
            self.transport.set_loop(0, meant_end_line_tick(self.document.song))

    def span_to_repeat(self) -> tuple[int, int]:
        """What a loop for others is made of: the loop that is on, else the bars of the selection, else the song's."""
        time_map, selected = self.document.song.time_map, self.notes.selected_span()
        if self.transport.loop is not None and self.transport.is_looping:
            return self.transport.loop
        if selected is not None:
            return time_map.bar_start_tick(time_map.bar_at(selected[0])), time_map.bar_line_at_or_after(selected[1])
        return 0, meant_end_line_tick(self.document.song)

    def ask_for(self, kind: str) -> Ask:
        """What a press means now: its bars are those of the selection, of the loop or at the playhead.

        Raises:
            SeedError: No bars are chosen.
        """
        return ask_for(
            kind,
            self.document.song,
            selected=self.notes.selected_span(),
            loop=self.transport.loop if self.transport.is_looping else None,
            playhead_tick=round(self.transport.position_tick()),
        )

    # Sound, out and in.

    def sound_beside(self, *tracks: Track) -> None:
        """Lets tracks sound with the song that are not in it, each on a channel that is free there; or none."""
        if list(map(id, tracks)) != list(map(id, self._beside)):
            self._beside = tracks
            self._send_song()

    def _sound_instead(self, song: Song | None) -> None:
        """Lets another song sound in the place of the document's, from where it plays on; None: that one again."""
        self._instead = song
        self._send_song()

    def _send_song(self) -> None:
        song = self._instead if self._instead is not None else self.input.song_to_sound()
        is_soloed = any(track.soloed for track in song.tracks)
        for track in self._beside:  # they sound whatever is soloed
            song = add_track(song, on_free_wire(song, replace(track, soloed=is_soloed)))
        self.sound.set_song(song)
        self._send_live_track()

    def _send_live_track(self) -> None:
        track, instrument = self.document.track, self.instrument
        self.transport.set_live_track(live_channel(track), instrument.program, track.output_port, instrument.bank)

    @property
    def instrument(self) -> Instrument:
        """What is played by hand sounds like: the selected track at the playhead."""
        return self.input.instrument()

    def poll_sound(self) -> Sequence[messages.SoundEvent]:
        """What the engine told since the last call; call it some 60 times a second."""
        events = self.sound.poll()
        for event in events:
            if isinstance(event, messages.MidiReceived):
                self.receive(event)
            elif isinstance(event, messages.PlaybackEnded | messages.EngineDied):
                self._on_transport_changed()
            elif isinstance(event, messages.StatusChanged):
                self.latency_seconds = event.latency_seconds
            if isinstance(event, messages.EngineDied):
                self.input.lose_keys()
                self._publish_kind("keys_lost")
        if self.input.on_frame():
            self._send_song()
        return events

    def receive(self, event: messages.MidiReceived) -> None:
        """Takes in what was played; letter keys and piano clicks that play come this way too."""
        self.input.receive(event)
        for listener in tuple(self.on_played):
            listener(event)
