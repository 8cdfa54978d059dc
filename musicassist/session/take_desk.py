"""From a press to a kept take: asks the generator, holds the offer, lets it be heard and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from musicassist.composing.prompt import Prompt, Source
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.span import request_amends, span_of
from musicassist.errors import MusicAssistError
from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import Note, Notes, Song
from musicassist.session.offers import CONTINUE, Ask, Controls, Offer, Phase, check_fits, written_since
from musicassist.session.take_partners import Generator, Workplace


@dataclass(frozen=True, eq=False)
class _Kept:
    """The take that was kept last: the songs around that step, and what was on offer."""

    before: Song
    after: Song
    offer: Offer
    track_index: int | None


class TakeDesk:
    """The takes of one document. Main thread only; nothing here waits.

    Attributes:
        controls: What the panel is set to.
    """

    def __init__(
        self,
        workplace: Workplace,
        generator: Generator,
        new_seed: Callable[[], int],
        tell: Callable[[Note | None, int], None] = lambda _note, _take_number: None,
    ) -> None:
        """``tell`` is called with a streamed note and its take, or with None after every other change."""
        self.controls = Controls()
        self._workplace = workplace
        self._generator = generator
        self._new_seed = new_seed
        self._tell = tell
        self._offer = Offer()
        self._asked = CONTINUE
        self._asked_takes: int | None = None
        self._track_index: int | None = None
        self._kept: _Kept | None = None
        self._placed: tuple[GenerationRequest, tuple[int, int]] | None = None

    @property
    def phase(self) -> Phase:
        """``idle``, ``waiting``, ``generating`` or ``offered``."""
        return self._offer.phase

    @property
    def offer(self) -> tuple[Take, ...]:
        """The takes on offer."""
        return self._offer.takes

    @property
    def auditioned(self) -> int | None:
        """Number of the take that is heard."""
        return self._offer.auditioned

    @property
    def request(self) -> GenerationRequest | None:
        """What was asked; None while idle or waiting."""
        return self._offer.request

    @property
    def track_index(self) -> int | None:
        """Where the track of the takes is now; None while idle."""
        return self._track_index

    @property
    def span(self) -> tuple[int, int] | None:
        """The ticks that the takes fill, from and to; None while idle or waiting."""
        request = self._offer.request
        if request is None:
            return None
        if self._placed is None or self._placed[0] is not request:  # it is asked for with each note
            span = span_of(request)
            self._placed = request, (span.from_tick, span.to_tick)
        return self._placed[1]

    def ghosts(self, take_number: int) -> Notes:
        """The notes of a take, as far as they are known."""
        return self._offer.notes(take_number)

    def amends(self, take_number: int) -> Amends:
        """What puts things right for the notes of a take, as far as they are known."""
        request = self._offer.request
        return request_amends(request, self.ghosts(take_number)) if request is not None else NO_AMENDS

    def set_controls(self, controls: Controls) -> None:
        """Sets what the next press asks for."""
        if controls != self.controls:
            self.controls = controls
            self._tell(None, 0)

    def why_not(self, ask: Ask = CONTINUE) -> MusicAssistError | None:
        """Why a press would make no sense, in words; None if it would."""
        try:
            self._workplace.request(ask, self.controls, 0)
        except MusicAssistError as problem:
            return problem
        return None

    def prompt(self) -> Prompt:
        """What a press of Continue would go on from, and where.

        Raises:
            SeedError: It would make no sense for this song.
        """
        return self._workplace.prompt(self.controls)

    def prompt_sources(self) -> tuple[Source, ...]:
        """What Continue can go on from now."""
        return self._workplace.sources()

    def choose_prompt(self, source: Source) -> None:
        """The user says what Continue goes on from; holds until notes are selected or the playhead is put elsewhere."""
        self._workplace.wish(source)
        self._tell(None, 0)

    def continue_phrase(self) -> None:
        """Asks for continuations; see :meth:`ask`."""
        self.ask(CONTINUE)

    def ask(self, ask: Ask, *, takes: int | None = None) -> None:
        """Asks for takes; waits for the model if it is still loading. What was on offer goes.

        Args:
            ask: What is wanted.
            takes: How many; None leaves it to the controls.

        Raises:
            SeedError: It makes no sense for this song.
        """
        self._ask(ask, self.controls.seed if self.controls.seed is not None else self._new_seed(), takes)

    def again(self) -> None:
        """Asks once more for what is on offer or being made, else for a continuation, with a new random number.

        Raises:
            SeedError: It makes no sense for this song.
        """
        self._ask(self._asked if self.phase != "idle" else CONTINUE, self._new_seed())

    def _ask(self, ask: Ask, seed: int, takes: int | None = None) -> None:
        ask = self._workplace.settled(ask)
        request = self._workplace.request(ask, self._controls_for(takes), seed)
        self._asked, self._asked_takes = ask, takes
        self._kept = None
        self._drop()
        if self._generator.is_ready:
            self._start(request)
        else:
            self._belong_to(request.track_index)
            self._show(Offer("waiting", request))

    def _controls_for(self, takes: int | None) -> Controls:
        return self.controls if takes is None else replace(self.controls, takes=takes)

    def _start(self, request: GenerationRequest) -> None:
        self._generator.start(request)  # first, so that it composes while the window shows that it does
        self._belong_to(request.track_index)
        self._show(Offer("generating", request))

    def _belong_to(self, track_index: int) -> None:
        self._workplace.follow(track_index)
        self._track_index = track_index

    def follow_track(self) -> None:
        """The song was edited: the takes go with their track, and are dismissed with it."""
        before, index = self._track_index, self._workplace.track_index()
        if self.phase == "idle" or index == before:
            return
        self._track_index = index
        if index is None:
            self.dismiss()
        elif self.phase == "offered":
            self._hear()

    def follow_song(self) -> None:
        """The song was edited: one that a take is taken back from has the takes on offer again, one with it has not."""
        kept, song = self._kept, self._workplace.song()[0]
        if kept is None:
            return
        if song is kept.before and self.phase == "idle" and kept.track_index is not None:
            self._belong_to(kept.track_index)
            self._show(kept.offer)
            self._hear()
        elif song is kept.after and self._offer is kept.offer:
            self._drop()

    def on_model_ready(self) -> None:
        """The model is loaded: what was waiting begins, from the song as it is now."""
        if self.phase != "waiting" or self._offer.request is None:
            return
        try:
            controls = self._controls_for(self._asked_takes)
            self._start(self._workplace.request(self._asked, controls, self._offer.request.seed))
        except MusicAssistError as problem:
            self._show(Offer())
            self._workplace.say(problem)

    def on_note(self, request: GenerationRequest, take_number: int, note: Note) -> None:
        """A note was made; ignored if another request runs."""
        if self._is_running(request):
            self._offer = self._offer.with_note(take_number, note)
            self._tell(note, take_number)

    def on_takes(self, request: GenerationRequest, takes: tuple[Take, ...]) -> None:
        """The takes are made; ignored if another request runs."""
        if self._is_running(request):
            self._show(self._offer.with_takes(takes) if takes else Offer())
            self._hear()

    def on_failure(self, request: GenerationRequest, problem: MusicAssistError) -> None:
        """No takes can be made; ignored if another request runs."""
        if self._is_running(request):
            self._show(Offer())
            self._workplace.say(problem)

    def on_no_model(self, problem: MusicAssistError) -> None:
        """The model cannot be loaded: what was waiting for it ends."""
        if self.phase == "waiting":
            self._show(Offer())
        self._workplace.say(problem)

    def _is_running(self, request: GenerationRequest) -> bool:
        return self.phase in ("waiting", "generating") and request is self._offer.request

    def audition(self, number: int) -> None:
        """Plays take ``number`` in its place; nothing happens if there is none. While playing, it just takes over."""
        if all(take.number != number for take in self.offer):
            return
        if number != self.auditioned:
            self._show(replace(self._offer, auditioned=number))
            self._hear()
        self._workplace.play()

    def audition_next(self) -> None:
        """Goes to the next take, round and round."""
        self._audition_by(1)

    def audition_previous(self) -> None:
        """Goes to the take before, round and round."""
        self._audition_by(-1)

    def _audition_by(self, step: int) -> None:
        numbers = [take.number for take in self.offer]
        if numbers and self.auditioned is not None:
            self.audition(numbers[(numbers.index(self.auditioned) + step) % len(numbers)])

    def _hear(self) -> None:
        self._workplace.hear(self._offer.audition)

    def accept(self) -> None:
        """Puts the take that is heard into the song, as one step; the others go.

        Raises:
            MusicAssistError: The song was changed so that it no longer fits; the takes stay on offer.
        """
        take, request = self._offer.audition, self._offer.request
        if take is None or request is None:
            return
        self._check_fits(take, request)
        before, offer, index = self._workplace.song()[0], self._offer, self._track_index
        self._workplace.keep(take, request)
        self._drop()  # after it, so that what sounds is the same music all the time
        self._kept = _Kept(before, self._workplace.song()[0], offer, index)

    def _check_fits(self, take: Take, request: GenerationRequest) -> None:
        song, revision = self._workplace.song()
        check_fits(take, request, song, self._track_index, revision)

    def written_meanwhile(self) -> Notes:
        """The notes that came into the span of the takes since they were asked for."""
        request, span, index = self._offer.request, self.span, self._track_index
        if request is None or span is None or index is None:
            return Notes.of()
        return written_since(request, span, self._workplace.song()[0].tracks[index])

    def keep_until(self, tick: int) -> bool:
        """Puts the notes of the first take that start before a tick into the song, as one step; the rest goes.

        They may be those of a take that is still being composed. What was written there meanwhile stays beside them.
        Says whether there were any.
        """
        request, span = self._offer.request, self.span
        if request is None or span is None:
            return False
        notes = self._offer.notes(1)
        heard = notes.where(notes.start_tick < tick)
        if len(heard):
            whole = self._offer.takes[0] if self._offer.takes else _unfinished(request, span)
            to_tick = min(span[1], max(tick, int(heard.end_tick.max())))
            written = self.written_meanwhile()
            beside = written.where(written.start_tick < to_tick)
            amends = request_amends(request, heard)
            self._workplace.keep(replace(whole, notes=heard.plus(beside), to_tick=to_tick, amends=amends), request)
        self._drop()
        return len(heard) > 0

    def cancel(self) -> None:
        """Ends generating or waiting; takes on offer stay."""
        if self.phase in ("waiting", "generating"):
            self._drop()

    def dismiss(self) -> None:
        """Ends generating or waiting, and takes away what is on offer."""
        self._kept = None
        self._drop()

    def _drop(self) -> None:
        if self.phase == "idle":
            return
        was = self.phase
        self._show(Offer())
        if was == "generating":
            self._generator.cancel()
        if was == "offered":
            self._workplace.hear(None)

    def _show(self, offer: Offer) -> None:
        self._offer = offer
        if offer.phase == "idle":
            self._track_index = None
        self._tell(None, 0)


def _unfinished(request: GenerationRequest, span: tuple[int, int]) -> Take:
    """A take of which only a part is made: nobody has counted yet how much of it is new."""
    return Take(Notes.of(), *span, request.model, request.seed, 1, 1.0, 1.0, request.constraints, request.revision)
