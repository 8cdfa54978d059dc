"""The takes of the assistant: who asks for them, holds them, lets one sound, and writes one into the song."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from musicassist.composing.request import ACCOMPANY, GenerationRequest, Take
from musicassist.composing.span import Prompt, Source, request_amends, span_of
from musicassist.document.document import Document, FollowedTrack
from musicassist.errors import MusicAssistError
from musicassist.score.song import Note, Notes, Song
from musicassist.session import offers, take_parts
from musicassist.session.comping import MIX
from musicassist.session.stories import write_take
from musicassist.session.transport import Transport
from musicassist.sound.client import SoundClient


class Takes:
    """The takes of one document. Main thread only; nothing here waits.

    Attributes:
        controls: What the panel is set to.
        track_index: Where the track of the takes is now; None while idle.
        on_left: Called with each offer that goes, whatever becomes of it.
        arrange: What becomes of an offer when its takes have come.
        planned_row: The bar of the plan of the take that is heard that was chosen to be changed, from 0.
    """

    def __init__(
        self,
        document: Document,
        sound: SoundClient,
        transport: Transport,
        generator: offers.Generator,
        *,
        new_seed: Callable[[], int],
        on_change: Callable[[Note | None, int], None],
        on_problem: Callable[[MusicAssistError], None],
    ) -> None:
        """Owns takes from the press that asks for them until they are kept or gone.

        Args:
            document: Gets what is kept.
            sound: Lets takes sound in their place.
            transport: Repeats and plays them.
            generator: Makes them.
            new_seed: A random number.
            on_change: Called with a streamed note and its take, or with None after every other change.
            on_problem: Tells the user what went wrong where no caller can.
        """
        self.controls = offers.Controls()
        self._document = document
        self._sound = sound
        self._transport = transport
        self._generator = generator
        self._new_seed = new_seed
        self._on_change = on_change
        self._on_problem = on_problem
        self._followed = FollowedTrack(document)
        self._asking = offers.Asking(document, transport)
        self._offer = offers.Offer()
        self._asked = offers.CONTINUE
        self._asked_takes: int | None = None
        self.track_index: int | None = None
        self.planned_row: int | None = None
        self.on_left: list[Callable[[offers.Left], None]] = []
        self.arrange: Callable[[offers.Offer], offers.Offer] = lambda offer: offer
        self._spanned: tuple[GenerationRequest, tuple[int, int]] | None = None  # asked for with each note

    @property
    def phase(self) -> offers.Phase:
        """``idle``, ``waiting``, ``generating`` or ``offered``."""
        return self._offer.phase

    @property
    def offer(self) -> tuple[Take, ...]:
        """The takes on offer."""
        return self._offer.takes

    @property
    def auditioned(self) -> int | None:
        """Number of the take that sounds."""
        return self._offer.auditioned

    @property
    def heard(self) -> Take | None:
        """The take that sounds, which may be a mix."""
        return self._offer.audition

    @property
    def current(self) -> offers.Offer:
        """All that is on offer, or being made."""
        return self._offer

    def put_on_offer(self, offer: offers.Offer, track_index: int | None = None) -> None:
        """Lets another state of what is on offer be seen and heard; with a track, other takes, which go into that."""
        if track_index is None:
            self._offer = offer
            self._sound_offer()  # what is heard waits for nothing that is shown
            self._show(offer)
            return
        assert offer.request is not None
        self._asked, self._asked_takes = offers.ask_of(offer.request), None
        self._show_for(track_index, offer)
        self._sound_offer()

    @property
    def request(self) -> GenerationRequest | None:
        """What was asked; None while idle."""
        return self._offer.request

    @property
    def span(self) -> tuple[int, int] | None:
        """The ticks that the takes fill, from and to; None while idle."""
        request = self._offer.request
        if request is None:
            return None
        if self._spanned is None or self._spanned[0] is not request:
            span = span_of(request)
            self._spanned = request, (span.from_tick, span.to_tick)
        return self._spanned[1]

    def ghosts(self, take_number: int) -> Notes:
        """The notes of a take, as far as they are known."""
        take = self._offer.take(take_number)
        return take.ghosts if take is not None else self._offer.notes(take_number)

    def set_controls(self, controls: offers.Controls) -> None:
        """Sets what the next press asks for."""
        if controls != self.controls:
            self.controls = controls
            self._on_change(None, 0)

    # Asking.

    def why_not(self, ask: offers.Ask = offers.CONTINUE) -> MusicAssistError | None:
        """Why a press would make no sense, in words; None if it would."""
        try:
            self._asking.request(ask, self.controls, 0)
        except MusicAssistError as problem:
            return problem
        return None

    def prompt(self) -> Prompt:
        """What a press of Continue would go on from, and where.

        Raises:
            SeedError: It would make no sense for this song.
        """
        return self._asking.prompt(self.controls)

    def prompt_sources(self) -> tuple[Source, ...]:
        """What Continue can go on from now."""
        return self._asking.sources()

    def choose_prompt(self, source: Source) -> None:
        """The user says what Continue goes on from; holds until notes are selected or the playhead is put elsewhere."""
        self._asking.wish_for(source)
        self._on_change(None, 0)

    def ask(self, ask: offers.Ask = offers.CONTINUE, *, takes: int | None = None) -> None:
        """Asks for takes; waits for the model if it is still loading. What was on offer goes.

        Args:
            ask: What is wanted.
            takes: How many, as they come, each note as it is made; None leaves it to the controls.

        Raises:
            SeedError: It makes no sense for this song.
        """
        self._ask(ask, self.controls.seed if self.controls.seed is not None else self._new_seed(), takes)

    def read_ahead(self) -> None:
        """What a press of Continue would ask for now is read while nobody asks; to be called when the user rests."""
        if self._generator.is_ready and self.phase in ("idle", "offered"):
            with suppress(MusicAssistError):  # who presses is told
                self._generator.read_ahead(self._asking.foreseen(self.controls))

    def again(self) -> None:
        """Asks once more for what is on offer or being made, else for a continuation, with a new random number.

        Raises:
            SeedError: It makes no sense for this song.
        """
        self._ask(self._offer.again(self._asked) if self.phase != "idle" else offers.CONTINUE, self._new_seed())

    def choose_planned(self, row: int) -> None:
        """Chooses the bar of the plan that is to be changed, from 0."""
        self.planned_row = row
        self._on_change(None, 0)

    def change_planned(self, row: int) -> None:
        """Gives a bar of the plan its next possibility; the take stays as it is until it is composed again."""
        self._show(self._offer.with_plan_changed(row))

    def _ask(self, ask: offers.Ask, seed: int, takes: int | None = None) -> None:
        ask = self._asking.settled(ask)
        request = self._asking.request(ask, self._controls_for(takes), seed)
        self._asked, self._asked_takes = ask, takes
        self._drop("superseded")
        if self._generator.is_ready or request.kind == ACCOMPANY:
            self._start(request)
        else:
            self._show_for(request.track_index, offers.Offer("waiting", request))

    def _controls_for(self, takes: int | None) -> offers.Controls:
        return self.controls if takes is None else replace(self.controls, takes=takes, candidates=1)

    def _start(self, request: GenerationRequest) -> None:
        self._generator.start(request)  # first, so that it composes while the window shows that it does
        self._show_for(request.track_index, offers.Offer("generating", request))

    # What the song and the generator tell.

    def follow_song(self) -> None:
        """The song was edited: the takes go with their track, and are dismissed with it."""
        before, index = self.track_index, self._followed.index
        if self.phase != "idle" and index != before:
            self.track_index = index
            if index is None:
                self.dismiss()
            elif self.phase == "offered":
                self._sound_offer()

    def on_model_ready(self) -> None:
        """The model is loaded: what was waiting begins, from the song as it is now."""
        if self.phase != "waiting" or self._offer.request is None:
            return
        try:
            controls = self._controls_for(self._asked_takes)
            self._start(self._asking.request(self._asked, controls, self._offer.request.seed))
        except MusicAssistError as problem:
            self._show(offers.Offer())
            self._on_problem(problem)

    def on_no_model(self, problem: MusicAssistError) -> None:
        """The model cannot be loaded: what was waiting for it ends."""
        if self.phase == "waiting":
            self._show(offers.Offer())
        self._on_problem(problem)

    def on_note(self, request: GenerationRequest, take_number: int, note: Note) -> None:
        """A note was made; ignored if another request runs."""
        if self._is_running(request):
            self._offer = self._offer.with_note(take_number, note)
            self._on_change(note, take_number)

    def on_progress(self, request: GenerationRequest, share: float) -> None:
        """So much is composed, 0..1; ignored if another request runs."""
        if self._is_running(request):
            self._show(replace(self._offer, composed_share=share))

    def on_takes(self, request: GenerationRequest, takes: tuple[Take, ...]) -> None:
        """The takes are made; ignored if another request runs."""
        if self._is_running(request):
            made = self.arrange(self._offer.with_takes(takes)) if takes else offers.Offer()
            self._show(replace(made, auditioned=made.takes[0].number) if takes else made)
            self._sound_offer()

    def on_failure(self, request: GenerationRequest, problem: MusicAssistError) -> None:
        """No takes can be made; ignored if another request runs."""
        if self._is_running(request):
            self._show(offers.Offer())
            self._on_problem(problem)

    def _is_running(self, request: GenerationRequest) -> bool:
        return self.phase in ("waiting", "generating") and request is self._offer.request

    # Auditioning and keeping.

    def audition(self, number: int) -> None:
        """Plays take ``number`` in its place; nothing happens if there is none. While playing, it just takes over."""
        if self._offer.take(number) is None:
            return
        if number != self.auditioned:
            self._show(replace(self._offer, auditioned=number))
            self._sound_offer()
        loop = self._transport.active_loop
        is_inside = loop is not None and loop[0] <= self._transport.position_tick() < loop[1]
        if not (self._transport.is_playing and is_inside):
            self._transport.play_loop()

    def audition_by(self, step: int) -> None:
        """Goes to a take after the one that sounds, or before it, round and round."""
        numbers = [take.number for take in self.offer]
        numbers += [MIX] if self._offer.mix is not None else []
        if numbers and self.auditioned is not None:
            self.audition(numbers[(numbers.index(self.auditioned) + step) % len(numbers)])

    def _sound_offer(self) -> None:
        """Lets the take that is auditioned be what sounds in its place, repeated; without one, the song is as it is."""
        take = self._offer.audition
        request, index = self._offer.request, self._followed.index
        if take is None or request is None or index is None:
            self._sound.clear_audition()
            self._transport.give_loop_back()
            return
        bars, from_tick, to_tick = self._document.song.time_map, take.from_tick, take.to_tick
        writes = take_parts.writes_now(take, request, self._document.song, index)
        if writes:
            place, notes, amends = writes[0]
            self._sound.audition(notes, place, from_tick, to_tick, amends=amends, parts=writes[1:])
        else:
            self._sound.clear_audition()  # its new tracks sound beside the song
        self._transport.lend_loop(bars.bar_line_before(from_tick), bars.bar_line_at_or_after(to_tick))

    def accept(self, *, is_part: bool = False, some: Take | None = None) -> None:
        """Puts the take that sounds into the song as one step, or only its notes for the selected track; all else goes.

        ``some`` is written in place of it, and then all takes stay on offer.

        Raises:
            MusicAssistError: The song was changed so that it no longer fits; the takes stay on offer.
        """
        take, request, song = some or self._offer.audition, self._offer.asked_last, self._document.song
        if take is None or request is None:
            return
        if is_part:
            take = take_parts.only_part(take, request, song, self.track_index, self._document.selected_track)
        take_parts.check_fits(take, request, song, self.track_index, self._document.revision)
        kept = self._write(take, request)
        if some is None:
            self._offer = replace(self._offer, is_blind=False)  # who has kept one may know
            self._drop("kept", kept)  # after it, so that what sounds is the same music all the time

    def written_meanwhile(self) -> Notes:
        """The notes that came into the span of the takes since they were asked for, as by recording."""
        request, span, index = self._offer.request, self.span, self.track_index
        if request is None or span is None or index is None:
            return Notes.of()
        return take_parts.written_since(request, span, self._document.song, index)

    def keep_until(self, tick: int) -> bool:
        """Puts the notes of the first take that start before a tick into the song, as one step; the rest goes.

        They may be those of a take that is still being composed. What was written there meanwhile stays beside them.
        Says whether there were any.
        """
        request, span = self._offer.request, self.span
        if request is None or span is None:
            return False
        kept, notes = None, self._offer.notes(1)
        begun = notes.where(notes.start_tick < tick)
        if len(begun):
            whole = self._offer.takes[0] if self._offer.takes else take_parts.unfinished(request, span, begun)
            to_tick = min(span[1], max(tick, int(begun.end_tick.max())))
            written = self.written_meanwhile()
            beside = written.where(written.start_tick < to_tick)
            amends = request_amends(request, begun)
            kept = self._write(replace(whole, notes=begun.plus(beside), to_tick=to_tick, amends=amends), request)
        self._drop("kept" if kept is not None else "dismissed", kept)
        return len(begun) > 0

    def _write(self, take: Take, request: GenerationRequest) -> tuple[Song, Song] | None:
        """Puts a take into the song as one step; the songs before and after it, None where it changed nothing."""
        before = self._document.song
        song, index = self._followed.song_with_it()
        write_take(self._document, take, request, song, index, offered=len(self._offer.takes))
        self._asking.forget_wish()
        self._transport.forget_put()
        return (before, self._document.song) if self._document.song is not before else None

    def cancel(self) -> None:
        """Ends generating or waiting; takes on offer stay."""
        if self.phase in ("waiting", "generating"):
            self._drop()

    def dismiss(self) -> None:
        """Ends generating or waiting, and takes away what is on offer."""
        self._drop()

    def _drop(self, fate: offers.Fate = "dismissed", kept: tuple[Song, Song] | None = None) -> None:
        if self.phase == "idle":
            return
        was, left = self.phase, offers.Left(self._offer, fate, self.track_index, kept)
        self._show(offers.Offer())
        if was == "generating":
            self._generator.cancel()
        if was == "offered":
            self._sound_offer()
            for tell in self.on_left:
                tell(left)

    def _show_for(self, track_index: int, offer: offers.Offer) -> None:
        """From now on the takes belong to a track: where it goes, they go."""
        self._followed.follow(track_index)
        self.track_index = track_index
        self._show(offer)

    def _show(self, offer: offers.Offer) -> None:
        self._offer = offer
        if offer.phase == "idle":
            self.track_index = None
        self._on_change(None, 0)
