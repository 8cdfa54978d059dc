"""The song being worked on, its sound and its playhead, as the takes of the assistant see them."""

from __future__ import annotations

from collections.abc import Callable

from musicassist.document.document import Document
from musicassist.document.edits import replace_span
from musicassist.document.note_commands import NoteCommands
from musicassist.document.track_commands import SongCommands
from musicassist.document.track_place import TrackPlace
from musicassist.errors import MusicAssistError
from musicassist.generation.asks import Ask, request_for
from musicassist.generation.offers import Controls
from musicassist.generation.request import GenerationRequest, Take
from musicassist.score.song import Song
from musicassist.sound.client import SoundClient
from musicassist.sound.transport import Transport

_KEPT = {  # what the step is called that keeps a take, for each kind
    "continue": "Continue phrase",
    "infill": "Fill bars",
    "vary": "Vary phrase",
    "interpolate": "Blend phrases",
    "generate": "New phrase",
}


class SongWorkplace:
    """Where takes are asked for, heard and kept. Main thread only."""

    def __init__(
        self,
        document: Document,
        notes: NoteCommands,
        score: SongCommands,
        sound: SoundClient,
        transport: Transport,
        say: Callable[[MusicAssistError], None],
    ) -> None:
        """Takes hold of its parts.

        Args:
            document: Gets what is kept.
            notes: Know what is selected.
            score: Knows the key.
            sound: Lets takes be heard.
            transport: Repeats and plays them.
            say: Tells the user what went wrong.
        """
        self.say = say
        self._document = document
        self._notes = notes
        self._score = score
        self._sound = sound
        self._transport = transport
        self._place = TrackPlace(document)

    def song(self) -> tuple[Song, int]:
        """See ``Workplace``."""
        return self._document.song, self._document.revision

    def request(self, ask: Ask, controls: Controls, seed: int) -> GenerationRequest:
        """See ``Workplace``."""
        document = self._document
        key = self._score.key(self._seed_end_tick() if ask.kind == "continue" else ask.from_tick)
        return request_for(
            ask,
            document.song,
            document.selected_track,
            document.selection,
            controls,
            song_key=key,
            seed=seed,
            revision=document.revision,
        )

    def _seed_end_tick(self) -> int:
        span = self._notes.selected_span()
        return span[1] if span is not None else self._document.track.end_tick

    def follow(self, track_index: int) -> None:
        """See ``Workplace``."""
        self._place.follow(track_index)

    def track_index(self) -> int | None:
        """See ``Workplace``."""
        return self._place.index

    def hear(self, take: Take | None) -> None:
        """See ``Workplace``."""
        if take is None:
            self._sound.clear_audition()
            self._transport.give_loop_back()
            return
        time_map = self._document.song.time_map
        self._sound.audition(take.notes, self._place.index, take.from_tick, take.to_tick)
        self._transport.lend_loop(time_map.bar_line_before(take.from_tick), take.to_tick)

    def play(self) -> None:
        """See ``Workplace``."""
        transport = self._transport
        loop = transport.active_loop
        is_inside = loop is not None and loop[0] <= transport.position_tick() < loop[1]
        if not (transport.is_playing and is_inside):
            transport.play_loop()

    def keep(self, take: Take, request: GenerationRequest) -> None:
        """See ``Workplace``."""
        song, index = self._place.song_with_it()
        result = replace_span(song, index, take.from_tick, take.to_tick, take.notes)
        self._document.apply(_KEPT[request.kind], result.song, selected_track=index)
