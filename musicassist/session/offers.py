"""What a press of the assistant asks for, in the song as it is now; and what is on offer then, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal, Protocol

from musicassist.composing.clashes import check_rules, written_rules
from musicassist.composing.parts import is_polyphonic
from musicassist.composing.request import GIVEN, GenerationRequest, Place, Take, Wish, request_of
from musicassist.composing.span import Prompt, Situation, Source, continuation_place, prompt_of, request_amends, span_of
from musicassist.composing.take_plan import TakePlan
from musicassist.document.document import Document, DocumentChange
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.keys import key_at
from musicassist.score.song import Note, Notes, Song
from musicassist.session.comping import MIX, Comp, Mix, mix_of
from musicassist.session.transport import Transport

_UNCLEAR = QT_TRANSLATE_NOOP("Errors", "Select some notes or mark a loop, so that it is clear which bars are meant.")
_GONE = QT_TRANSLATE_NOOP("Errors", "The notes that were to be composed anew are no longer there. Select others.")
PARTS = "parts"  # in ``Controls.models``: the model that writes chords and several tracks
Phase = Literal["idle", "waiting", "generating", "offered"]
# What became of an offer. ``offered``: it is on the desk, or was when the program ended; ``superseded``: others were
# asked for; ``undone``: a take was kept, and taken back; ``heard``: it sounded and was not kept, as an answer does;
# ``played``: rounds that were never on the desk.
Fate = Literal["offered", "dismissed", "superseded", "kept", "undone", "heard", "played"]


@dataclass(frozen=True, kw_only=True)
class Controls(Wish):
    """What the takes panel is set to. The scale is that of the constraints, else that of the song.

    Attributes:
        models: Names of the models for the other verbs.
    """

    models: Mapping[str, str] = field(default_factory=dict)

    def model_for(self, kind: str, *, writes_parts: bool = False) -> str:
        """Name of the model that a kind of request is for; the one that continues where no other is installed.

        Args:
            kind: As of a ``Place``.
            writes_parts: Whether it has to write chords or several tracks; where none can, it is the usual one.
        """
        usual = self.models.get(kind, self.model)
        return self.models.get(PARTS, usual) if writes_parts else usual


@dataclass(frozen=True)
class Ask(Place):
    """One press. It outlives edits of the song, so that "Compose again" asks for the same bars.

    Attributes:
        source: What ``continue`` goes on from; None until that is told from what the user did.
        phrase: The notes that were selected for ``continue``, or that ``infill`` composes anew while all others of the
            span stay; None means those of the track.
    """

    kind: str = "continue"
    from_tick: int = 0
    to_tick: int = 0
    source: Source | None = None
    phrase: Notes | None = None


CONTINUE = Ask()
CONTINUE_SONG = Ask(all_parts=True)


def ask_to_continue(situation: Situation) -> Ask:
    """What a press of Continue means now."""
    source = situation.source
    notes = situation.song.tracks[situation.track_index].notes
    return Ask(
        source=source,
        phrase=notes.where(situation.selection) if source == "selection" else None,
        at_tick=situation.start_tick if source == "playhead" else None,
    )


def ask_for(
    kind: str, song: Song, *, selected: tuple[int, int] | None, loop: tuple[int, int] | None, playhead_tick: int
) -> Ask:
    """What a press means now.

    Args:
        kind: As of a ``Place``.
        song: The song as it is.
        selected: From the first start to the last end of the selected notes, None without any.
        loop: The loop that the user has on, or None.
        playhead_tick: Where the playhead is.

    Raises:
        SeedError: No bars are chosen.
    """
    if kind == "continue":
        return CONTINUE
    chosen = selected or (loop if kind != "vary" else None)
    if kind == "generate":
        chosen = (playhead_tick, playhead_tick + 1)
    if chosen is None:
        raise SeedError(_UNCLEAR)
    bars = song.time_map
    return Ask(kind, bars.bar_start_tick(bars.bar_at(chosen[0])), bars.bar_line_at_or_after(chosen[1]))


def request_for(
    ask: Ask, song: Song, track_index: int, controls: Controls, *, seed: int, revision: int
) -> GenerationRequest:
    """The request that a press makes.

    Args:
        ask: What is wanted.
        song: The song as it is now.
        track_index: The track that gets the notes.
        controls: What the panel is set to.
        seed: Random number.
        revision: The document's revision.

    Raises:
        SeedError: It makes no sense for this song, in words.
        RuleClash: Two rules cannot hold together.
    """
    request = _wished(ask, song, track_index, controls, seed=seed, revision=revision)
    span = span_of(request)  # says what stands in the way before anything is loaded
    request = _in_key(request, controls, span.from_tick)
    check_rules(written_rules(request, span))
    return request


def foreseen(ask: Ask, song: Song, track_index: int, controls: Controls) -> GenerationRequest:
    """The continuation that a press would ask for, with some random number; cheap, however long the track is.

    Raises:
        SeedError: It makes no sense for this song.
    """
    request = _wished(ask, song, track_index, controls, seed=0, revision=0)
    from_tick, _ = continuation_place(song, track_index, request.selection, controls.bars, ask.at_tick)
    return _in_key(request, controls, from_tick)


def _wished(
    ask: Ask, song: Song, track_index: int, controls: Controls, *, seed: int, revision: int
) -> GenerationRequest:
    selection = song.tracks[track_index].notes.among(ask.phrase) if ask.phrase is not None else None
    if selection is not None and not selection.any():
        if ask.kind == "infill":
            raise SeedError(_GONE)
        selection = None
    is_reroll = ask.kind == "infill" and (ask.phrase is not None or bool(ask.keep))
    writes_parts = ask.has_parts or (not is_reroll and has_chords(song, track_index, ask.kind, controls))
    wish = replace(controls, model=controls.model_for(ask.kind, writes_parts=writes_parts))
    return request_of(wish, ask, song, track_index, seed=seed, selection=selection, revision=revision)


def has_chords(song: Song, track_index: int, kind: str, controls: Controls) -> bool:
    """Whether a track has chords or two hands that a kind of request would go on with."""
    is_line = controls.constraints.polyphony == 1 or kind not in ("continue", "infill")
    return not is_line and is_polyphonic(song.tracks[track_index].notes)


def _in_key(request: GenerationRequest, controls: Controls, from_tick: int) -> GenerationRequest:
    """The same in the scale that its notes are to keep, if any: the chosen one, else that of the song there."""
    chosen = request.constraints.key
    key = (chosen or key_at(request.song, from_tick).key) if controls.constraints.scale_strength != "off" else None
    return replace(request, constraints=replace(request.constraints, key=key))


class Asking:
    """Makes the requests of a document, and knows what the user said is to be continued. Main thread only."""

    def __init__(self, document: Document, transport: Transport) -> None:
        self._document = document
        self._transport = transport
        self._wish: Source | None = None
        document.subscribe(self._on_document_changed)
        transport.on_put.append(self.forget_wish)

    def request(self, ask: Ask, controls: Controls, seed: int) -> GenerationRequest:
        """What a press asks now.

        Raises:
            SeedError: It makes no sense for this song.
        """
        document, ask = self._document, self.settled(ask)
        return request_for(ask, document.song, document.selected_track, controls, seed=seed, revision=document.revision)

    def foreseen(self, controls: Controls) -> GenerationRequest:
        """What a press of Continue would ask now; see :func:`foreseen`.

        Raises:
            SeedError: It makes no sense for this song.
        """
        return foreseen(self.settled(CONTINUE), self._document.song, self._document.selected_track, controls)

    def settled(self, ask: Ask) -> Ask:
        """The same with what a continuation goes on from, as it is meant now."""
        if ask.kind != "continue" or ask.source is not None:
            return ask
        meant = ask_to_continue(self._situation(self._transport.put_tick))
        if ask.all_parts and meant.source == "selection":  # a song goes on where it is, not behind some notes
            meant = Ask(source="end")
        return replace(meant, parts=ask.parts, all_parts=ask.all_parts)

    def prompt(self, controls: Controls) -> Prompt:
        """What a continuation would go on from now.

        Raises:
            SeedError: There is nothing to continue.
        """
        document, ask = self._document, self.settled(CONTINUE)
        source: Source = ask.source or "end"
        return prompt_of(document.song, document.selected_track, source, document.selection, controls.bars, ask.at_tick)

    def sources(self) -> tuple[Source, ...]:
        """What a continuation could go on from now."""
        return self._situation(self._playhead_tick).sources

    def wish_for(self, source: Source) -> None:
        """The user says what is to be continued."""
        if source == "playhead":
            self._transport.put_playhead(self._playhead_tick)
        self._wish = source

    def forget_wish(self) -> None:
        """It is told again from what the user does."""
        self._wish = None

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

    @property
    def _playhead_tick(self) -> int:
        placed = self._transport.put_tick
        return placed if placed is not None else round(self._transport.position_tick())

    def _on_document_changed(self, change: DocumentChange) -> None:
        """Who selects notes, another track or another song means those."""
        is_other = change.kind in ("opened", "track")
        if is_other or (change.kind == "selection" and self._document.is_selection_chosen):
            self._wish = None


class Generator(Protocol):
    """Runs the composing engine in another thread. What it makes comes back on the main thread.

    The one of the window is a ``QObject``, which the session must not know.
    """

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        ...

    def start(self, request: GenerationRequest) -> None:
        """Begins; returns at once."""

    def read_ahead(self, request: GenerationRequest) -> None:
        """Reads the seed of a request that may come, when there is nothing else to do; what is asked for ends it."""

    def cancel(self) -> None:
        """Ends what was begun; nothing of it need come back."""


@dataclass(frozen=True)
class Offer:
    """Where the takes are.

    Attributes:
        phase: ``idle``, ``waiting`` (for the model), ``generating`` (notes stream in) or ``offered``.
        request: What was asked; None while idle.
        streamed: The notes that came in so far, for each take.
        composed_share: How much is composed, 0..1, where the takes are chosen only when all are there.
        takes: The takes on offer.
        auditioned: Number of the take that sounds, from 1, or ``comping.MIX``; None before there are takes.
        comp: Which take each place of the mix comes from; None before anything was mixed.
        mix: What that sounds like.
        is_blind: Whether nobody is told whose takes they are, nor their ideas, until one is kept.
        fits: What was asked, in the song that some notes were written into meanwhile; None without such.
    """

    phase: Phase = "idle"
    request: GenerationRequest | None = None
    streamed: tuple[tuple[Note, ...], ...] = ()
    composed_share: float = 0.0
    takes: tuple[Take, ...] = ()
    auditioned: int | None = None
    comp: Comp | None = None
    mix: Mix | None = None
    is_blind: bool = False
    fits: GenerationRequest | None = None

    @property
    def asked_last(self) -> GenerationRequest | None:
        """What was asked, in the song that its takes fit into."""
        return self.fits or self.request

    def with_note(self, take_number: int, note: Note) -> Offer:
        """One more note of a take, counted from 1."""
        rows = list(self.streamed) + [()] * (take_number - len(self.streamed))
        rows[take_number - 1] = (*rows[take_number - 1], note)
        return replace(self, streamed=tuple(rows))

    def with_takes(self, takes: tuple[Take, ...]) -> Offer:
        """The takes are made; the first is auditioned."""
        return replace(self, phase="offered", takes=takes, auditioned=takes[0].number)

    def mixed(self, comp: Comp) -> Offer:
        """With the mix that a comp of its takes makes, which is auditioned."""
        assert self.request is not None
        takes = {take.number: take for take in self.takes}
        mix = mix_of(comp, takes, self.request.song)
        amends = request_amends(self.request, mix.take.notes)
        parts = tuple(
            replace(p, amends=request_amends(replace(self.request, track_index=p.track_index), p.notes))
            for p in mix.take.parts
        )
        mix = replace(mix, take=replace(mix.take, amends=amends, parts=parts))
        return replace(self, comp=comp, mix=mix, auditioned=MIX)

    def take(self, number: int | None) -> Take | None:
        """The take of a number, if it is made; the mix by its own."""
        if number == MIX:
            return self.mix.take if self.mix is not None else None
        return next((take for take in self.takes if take.number == number), None)

    @property
    def audition(self) -> Take | None:
        """The take that is auditioned."""
        return self.take(self.auditioned)

    @property
    def plan(self) -> TakePlan | None:
        """That of the take that is auditioned; None where it has none."""
        return self.audition.plan if self.audition is not None else None

    def with_plan_changed(self, row: int) -> Offer:
        """With the next possibility for a bar of the plan of the take that is auditioned; as it is without one."""
        heard, plan = self.audition, self.plan
        if heard is None or plan is None or not 0 <= row < len(plan.bars):
            return self
        changed = replace(heard, plan=plan.changed(row))
        return replace(self, takes=tuple(changed if own is heard else own for own in self.takes))

    def again(self, ask: Ask) -> Ask:
        """The same press once more; a plan that was changed is kept."""
        return replace(ask, plan=self.plan.bars) if self.plan is not None and self.plan.intent is None else ask

    def notes(self, take_number: int) -> Notes:
        """The notes of a take, as far as they are known."""
        take = self.take(take_number)
        if take is not None:
            return take.notes
        is_known = 1 <= take_number <= len(self.streamed)
        return Notes.of(self.streamed[take_number - 1]) if is_known else Notes.of()


@dataclass(frozen=True, eq=False)
class Left:
    """An offer that is not on the desk any more.

    Attributes:
        offer: As it was.
        fate: What became of it.
        track_index: Where its track was.
        kept: The songs before and after the step that kept one of its takes; None where none was.
    """

    offer: Offer
    fate: Fate
    track_index: int | None
    kept: tuple[Song, Song] | None = None


def ask_of(request: GenerationRequest) -> Ask:
    """A press that asks for the same again; where nobody asked, for a continuation."""
    if request.kind in GIVEN:
        return CONTINUE
    notes, mask = request.song.tracks[request.track_index].notes, request.selection
    source: Source = "selection" if mask is not None else "playhead" if request.at_tick is not None else "end"
    place = {row.name: getattr(request, row.name) for row in fields(Place)}
    return Ask(**place, source=source, phrase=notes.where(mask) if mask is not None else None)
