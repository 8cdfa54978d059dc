"""The song being worked on, its sound and its playhead, as the takes of the assistant see them."""

from __future__ import annotations

from collections.abc import Callable

from musicassist.composing.prompt import Prompt, Situation, Source, prompt_of
from musicassist.composing.request import GenerationRequest, Take
from musicassist.document.document import Document, DocumentChange
from musicassist.document.edits import replace_span
from musicassist.document.track_place import TrackPlace
from musicassist.errors import MusicAssistError
from musicassist.score.seam import with_amends
from musicassist.score.song import Song
from musicassist.session.offers import CONTINUE, Ask, Controls, ask_to_continue, request_for
from musicassist.session.track_commands import SongCommands
from musicassist.session.transport import Transport
from musicassist.sound.client import SoundClient

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
        score: SongCommands,
        sound: SoundClient,
        transport: Transport,
        say: Callable[[MusicAssistError], None],
    ) -> None:
        """Takes hold of its parts.

        Args:
            document: Gets what is kept.
            score: Knows the key.
            sound: Lets takes be heard.
            transport: Repeats and plays them.
            say: Tells the user what went wrong.
        """
        self.say = say
        self._document = document
        self._score = score
        self._sound = sound
        self._transport = transport
        self._place = TrackPlace(document)
        self._wish: Source | None = None
        document.subscribe(self._on_document_changed)
        transport.on_place(self._forget_wish)

    def song(self) -> tuple[Song, int]:
        """See ``Workplace``."""
        return self._document.song, self._document.revision

    def request(self, ask: Ask, controls: Controls, seed: int) -> GenerationRequest:
        """See ``Workplace``."""
        document, ask = self._document, self.settled(ask)
        key = self._score.key(self._seed_end_tick(ask) if ask.kind == "continue" else ask.from_tick)
        return request_for(
            ask,
            document.song,
            document.selected_track,
            controls,
            song_key=key,
            seed=seed,
            revision=document.revision,
        )

    def _seed_end_tick(self, ask: Ask) -> int:
        if ask.at_tick is not None:
            return ask.at_tick
        return int(ask.seed.end_tick.max()) if ask.seed is not None else self._document.track.end_tick

    def settled(self, ask: Ask) -> Ask:
        """See ``Workplace``."""
        if ask.kind != "continue" or ask.source is not None:
            return ask
        return ask_to_continue(self._situation(self._transport.placed_tick))

    def _situation(self, playhead_tick: int | None) -> Situation:
        document = self._document
        return Situation(
            document.song,
            document.selected_track,
            document.selection,
            is_selection_chosen=document.is_selection_chosen,
            playhead_tick=playhead_tick,
            wish=self._wish,
        )

    def prompt(self, controls: Controls) -> Prompt:
        """See ``Workplace``."""
        document, ask = self._document, self.settled(CONTINUE)
        source: Source = ask.source or "end"
        return prompt_of(document.song, document.selected_track, source, document.selection, controls.bars, ask.at_tick)

    def sources(self) -> tuple[Source, ...]:
        """See ``Workplace``."""
        return self._situation(self._playhead_tick).sources

    def wish(self, source: Source) -> None:
        """See ``Workplace``."""
        if source == "playhead":
            self._transport.place(self._playhead_tick)
        self._wish = source

    @property
    def _playhead_tick(self) -> int:
        placed = self._transport.placed_tick
        return placed if placed is not None else round(self._transport.position_tick())

    def _forget_wish(self) -> None:
        self._wish = None

    def _on_document_changed(self, change: DocumentChange) -> None:
        """Who selects notes, another track or another song means those."""
        is_other = change.kind in ("opened", "track")
        if is_other or (change.kind == "selection" and self._document.is_selection_chosen):
            self._wish = None

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
        self._sound.audition(take.notes, self._place.index, take.from_tick, take.to_tick, amends=take.amends)
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
        kept = with_amends(result.song, index, take.amends)
        self._document.apply(_KEPT[request.kind], kept, selected_track=index)
        self._wish = None
        self._transport.forget_place()
