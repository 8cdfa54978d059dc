"""The exchanges of call and response, as they go into the song: each is one step, in the track of the call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from musicassist.composing.request import GenerationRequest, Take
from musicassist.document.document import FollowedTrack
from musicassist.document.edits import insert_notes, replace_span
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.families.registry import FAMILIES
from musicassist.score.keys import find_key
from musicassist.score.song import Notes
from musicassist.score.theory import Key
from musicassist.session import conversation
from musicassist.session.answers import Answers, CallKeys, motif_answer
from musicassist.session.offers import Ask, Generator, request_for
from musicassist.session.recorded_rounds import answer_offer
from musicassist.session.session import Session, SessionChange
from musicassist.sound.messages import MidiReceived

STEP = QT_TRANSLATE_NOOP("Steps", "Call and response")
SAME_BEATS = 0.25  # a key that is recorded, too, lies so near in both
_TRACK_IS_GONE = QT_TRANSLATE_NOOP("Session", "The track was removed. Call and response goes on in a new one, {track}.")
_IS_STEPPING = QT_TRANSLATE_NOOP("Session", "Call and response is off: step input writes what you play.")


@dataclass(frozen=True)
class Exchange:
    """A call, and the answer as far as it sounded.

    Attributes:
        call, answer: The notes; an answer that did not begin has none.
        answer_span: From where to where the answer stands, in ticks.
    """

    call: Notes
    answer: Notes
    answer_span: tuple[int, int]


class CallResponse:
    """The mode: a ``Conversation`` with a clock, keys, a model and a song. Main thread only; nothing here waits.

    Attributes:
        is_on: Whether what is played is answered.
        keeps_exchanges: Whether each call and its answer are written into the selected track, as one step.
        answered_by: Name of the model of the last answer; empty if it was made by rule.
    """

    def __init__(
        self,
        session: Session,
        generator: Generator,
        now_seconds: Callable[[], float] = time.monotonic,
        *,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Answers what is played in ``session`` once it is switched on; ``on_change`` is called when it was."""
        self.is_on = False
        self.keeps_exchanges = True
        self.answered_by = ""
        self._session = session
        self._document, self._takes = session.document, session.takes
        self._generator = generator
        self._on_change = on_change
        self._talk = conversation.Conversation(session.document.song.time_map)
        self._keys = CallKeys(session, now_seconds)
        self._followed = FollowedTrack(session.document)
        self._answers = Answers(session.sound, self._followed)
        self._had_loop = False
        self._wanted: dict[int, tuple[GenerationRequest, conversation.Plan]] = {}  # by identity of the request
        self._composed_by = ""
        self._own: Notes | None = None  # what the user wrote in the track
        self._calls: dict[int, Notes] = {}  # and played to it since, by where each call begins
        self._last_exchange: Exchange | None = None  # that sounded and is not written
        self._last_tick = 0.0
        session.transport.on_jump.append(self._on_jump)
        session.subscribe(self._on_session_changed)
        session.on_played.append(self._on_received)
        session.document.subscribe(lambda _change: self._answers.follow_track())

    def toggle(self) -> None:
        """Switches it on or off."""
        if self.is_on:
            self._end()
        else:
            self._begin()
        self._session.transport.accompany("call and response", is_on=self.is_on)
        self._forget()
        self._on_change()

    def _begin(self) -> None:
        """What would be in the way ends: step input, the loop, and takes, which sound in the same place."""
        transport, steps = self._session.transport, self._session.input
        if steps.is_stepping:
            steps.toggle_stepping()
        self._had_loop = transport.is_looping
        if self._had_loop:
            transport.toggle_loop()
        self._takes.dismiss()
        self.is_on = True

    def _end(self) -> None:
        """The exchange that sounds ends, and the loop is back."""
        transport = self._session.transport
        self._act(self._talk.stop(transport.position_tick()))
        self.is_on = False
        if self._had_loop and not transport.is_looping:
            transport.toggle_loop()

    def toggle_keeping(self) -> None:
        """Whether exchanges are written into the song, or only heard."""
        self.keeps_exchanges = not self.keeps_exchanges
        self._on_change()

    @property
    def sounding(self) -> Notes:
        """The notes of the answers that sound, or will next, and are not in the song yet."""
        return self._answers.notes

    def on_frame(self) -> None:
        """Looks at the clock; call it for each frame."""
        transport = self._session.transport
        if not (self.is_on and transport.is_playing):
            return
        tick = transport.position_tick()
        if tick < self._last_tick - self._document.song.ticks_per_beat:  # less is a change of tempo
            self._break_off()
        self._last_tick = tick
        self._talk.time_map = self._document.song.time_map
        self._act(self._talk.pass_to(tick))

    def _on_jump(self, _tick: int) -> None:
        if self.is_on and self._session.transport.is_playing:
            self._break_off()

    def _break_off(self) -> None:
        """The playhead is put elsewhere: what was played and heard so far is the exchange."""
        self._act(self._talk.stop(self._last_tick))
        self._forget()

    # What comes in.

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "opened":
            self._had_loop, self._own = False, None
            self._calls.clear()
            self._last_exchange = None
            self._forget()
        elif change.kind == "keys_lost":
            self._act(self._talk.receive(conversation.KeysLost(round(self._session.transport.position_tick()))))
        elif change.kind == "takes" and self._answers:
            self._answers.sound()  # takes that come or go silence what they sound in the place of
        elif self.is_on and change.kind == "transport":
            self._on_transport_changed()

    def _on_transport_changed(self) -> None:
        transport = self._session.transport
        if self._session.input.is_stepping:
            self.toggle()
            self._session.say(_IS_STEPPING)
        elif not transport.is_playing:
            self._act(self._talk.stop(max(self._last_tick, transport.position_tick())))
            self._forget()

    def _on_received(self, received: MidiReceived) -> None:
        if not self.is_on:
            return
        for message in self._keys.read(received):
            if isinstance(message, conversation.KeyDown) and not self._talk.is_calling:
                self._begin_call()
            self._act(self._talk.receive(message))

    def _begin_call(self) -> None:
        document = self._document
        if self._takes.phase == "offered":
            self._takes.dismiss()
        if not self._answers and (self._own is None or self._followed.index != document.selected_track):
            self._followed.follow(document.selected_track)
            self._own = document.track.notes
            self._calls.clear()
        self._talk.time_map = self._document.song.time_map

    def on_takes(self, request: GenerationRequest, takes: tuple[Take, ...]) -> None:
        """The generator has made what was asked; ignored if somebody else had asked."""
        wanted = self._wanted.get(id(request))
        if wanted is not None and takes:
            self.on_frame()  # the clock may have gone on since the last frame, and then they are too late
            self._composed_by = takes[0].model
            self._act(self._talk.receive(conversation.Composed(wanted[1], takes[0].notes)))

    # What is to be done.

    def _act(self, actions: tuple[conversation.Action, ...]) -> None:
        for action in actions:
            match action:
                case conversation.Compose(plan):
                    self._wanted.clear()
                    self._ask(plan, self._takes.controls.model)
                case conversation.Hurry(plan):
                    self._ask(plan, FAMILIES.stand_in("continue"))
                case conversation.Sound(plan, notes):
                    self.answered_by = self._composed_by if notes is not None else ""
                    self._answers.add(plan, notes if notes is not None else self._by_rule(plan))
                case conversation.Cut(plan):
                    self._answers.cut(plan.to_tick)
                case conversation.Withdraw():
                    self._answers.withdraw()
                case conversation.Finished(plan, until_tick):
                    self._finish(plan, until_tick)

    def _ask(self, plan: conversation.Plan, model: str | None) -> None:
        """Asks a model, if it is free and there: where it is not, the answer comes by rule."""
        is_busy = self._takes.phase in ("waiting", "generating")
        if model is None or is_busy or not self._generator.is_ready:
            return
        controls = self._takes.controls
        song, index = self._followed.song_with_it()
        song = insert_notes(song, index, plan.call).song
        key = controls.constraints.key or self._key(plan)
        demands = replace(controls.constraints, key=key, begins_at_once=True)
        try:
            request = request_for(
                Ask("infill", plan.from_tick, plan.to_tick),
                song,
                index,
                replace(controls, takes=1, candidates=1, model=model, models={}, constraints=demands),
                seed=controls.seed if controls.seed is not None else plan.from_tick,
                revision=self._document.revision,
            )
        except MusicAssistError:
            return  # drums cannot be composed
        self._wanted[id(request)] = (request, plan)
        self._generator.start(request)

    def _by_rule(self, plan: conversation.Plan) -> Notes:
        song, index = self._followed.song_with_it()
        key = None if song.tracks[index].is_drums else self._key(plan) or Key(0)
        return motif_answer(plan.call, (plan.from_tick, plan.to_tick), key)

    def _key(self, plan: conversation.Plan) -> Key | None:
        """The song's; else that of what the user played and wrote, for answers would lead away from it bit by bit."""
        self._calls[int(plan.call.start_tick[0])] = plan.call
        own = [*self._calls.values()] if self._own is None else [self._own, *self._calls.values()]
        return self._session.song_commands.key(plan.from_tick) or find_key(*own)

    def _finish(self, plan: conversation.Plan, until_tick: int) -> None:
        """Writes the exchange into the song, if it is kept, and lets the sound be that of the song.

        What of the call is in the track already, or will be since it is recorded, is left out. A call that was broken
        off displaces no exchange with an answer.
        """
        song, index = self._followed.song_with_it()
        there = song.tracks[index].notes.plus(self._session.input.recorded_notes())
        near = np.abs(plan.call.start_tick[:, None] - there.start_tick[None]) < song.ticks_per_beat * SAME_BEATS
        is_there = (near & (plan.call.pitch[:, None] == there.pitch[None])).any(axis=1)
        answer = self._answers.pop(plan.from_tick, until_tick)
        exchange = Exchange(plan.call.where(~is_there), answer, (plan.from_tick, until_tick))
        if self.keeps_exchanges:
            self._write(exchange)
        elif len(answer):
            self._last_exchange = exchange
            offer = answer_offer(song, index, answer, exchange.answer_span)
            self._session.shelf.add(offer, track_index=index)
        self._answers.sound()

    def keep_last(self) -> bool:
        """Writes the exchange that sounded last, as one step; False if there is none that is not written."""
        exchange, self._last_exchange = self._last_exchange, None
        if exchange is not None:
            self._write(exchange)
        return exchange is not None

    def _write(self, exchange: Exchange) -> None:
        if not len(exchange.call) + len(exchange.answer):
            return
        is_gone, document = self._followed.index is None, self._document
        song, index = self._followed.song_with_it()
        song = insert_notes(song, index, exchange.call).song
        if len(exchange.answer):
            song = replace_span(song, index, *exchange.answer_span, exchange.answer).song
        document.apply(STEP, song, selected_track=index if is_gone else document.selected_track)
        self._followed.follow(index)
        if is_gone:
            self._session.say(_TRACK_IS_GONE, track=song.tracks[index].name)

    def _forget(self) -> None:
        self._talk = conversation.Conversation(self._document.song.time_map)
        self._wanted.clear()
        self._last_tick = 0.0
        self._answers.clear()
