"""What a press asks for: which kind of notes, in which bars; and the request that it makes of the song as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from musicassist.composing.prompt import Situation, Source
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.composing.span import continuation_span, span_of
from musicassist.errors import MusicAssistError, SeedError
from musicassist.score.keys import key_at
from musicassist.score.meant_times import meant_between
from musicassist.score.song import Mask, Note, Notes, Song, Track
from musicassist.score.theory import Key

TickSpan = tuple[int, int]


@dataclass(frozen=True)
class Ask:
    """One press. It outlives edits of the song, so that "Compose again" asks for the same bars.

    Attributes:
        kind: One of ``request.KINDS``.
        from_tick, to_tick: The bars to fill, from bar line to bar line. ``continue`` finds its own; ``generate`` begins
            with the first and is as long as the panel says.
        other: The song with the second phrase of ``interpolate``.
        other_track: Its track.
        source: What ``continue`` goes on from; None until that is told from what the user did.
        seed: The notes that were selected for ``continue``; None means those of the track.
        at_tick: Where ``continue`` goes on; None: where the notes end.
    """

    kind: str = "continue"
    from_tick: int = 0
    to_tick: int = 0
    other: Song | None = None
    other_track: int = 0
    source: Source | None = None
    seed: Notes | None = None
    at_tick: int | None = None


CONTINUE = Ask()


def ask_to_continue(situation: Situation) -> Ask:
    """What a press of Continue means now."""
    source = situation.source
    notes = situation.song.tracks[situation.track_index].notes
    return Ask(
        source=source,
        seed=notes.where(situation.selection) if source == "selection" else None,
        at_tick=situation.start_tick if source == "playhead" else None,
    )


def ask_for(kind: str, song: Song, *, selected: TickSpan | None, loop: TickSpan | None, playhead_tick: int) -> Ask:
    """What a press means now.

    Args:
        kind: One of ``request.KINDS``.
        song: The song as it is.
        selected: From the first start to the last end of the selected notes, None without any.
        loop: The loop that the user has on, or None.
        playhead_tick: Where the playhead is.

    Raises:
        SeedError: No bars are chosen.
    """
    if kind == "continue":
        return CONTINUE
    if kind == "generate":
        return Ask(kind, *_bars_around(song, (playhead_tick, playhead_tick + 1)))
    chosen = selected or (loop if kind != "vary" else None)
    if chosen is None:
        raise SeedError("Select some notes or mark a loop, so that it is clear which bars are meant.")
    return Ask(kind, *_bars_around(song, chosen))


def _bars_around(song: Song, span: TickSpan) -> TickSpan:
    """From the bar line before a span to the one after it."""
    bars = song.time_map
    return bars.bar_start_tick(bars.bar_at(span[0])), bars.bar_line_at_or_after(span[1])


def request_for(
    ask: Ask,
    song: Song,
    track_index: int,
    controls: Controls,
    *,
    song_key: Key | None,
    seed: int,
    revision: int,
) -> GenerationRequest:
    """The request that a press makes; see ``offers.continuation_request`` for the arguments.

    Raises:
        SeedError: It makes no sense for this song, in words.
    """
    if ask.kind == "continue":
        notes = song.tracks[track_index].notes
        chosen = notes.among(ask.seed if ask.seed is not None else Notes.of())
        return continuation_request(
            song,
            track_index,
            chosen,
            controls,
            song_key=song_key,
            seed=seed,
            revision=revision,
            at_tick=ask.at_tick,
        )
    request = GenerationRequest(
        kind=ask.kind,
        song=song,
        track_index=track_index,
        bars=controls.bars,
        takes=controls.takes,
        seed=seed,
        temperature=controls.temperature,
        top_p=controls.top_p,
        style=controls.style,
        model=controls.model_for(ask.kind),
        revision=revision,
        from_tick=ask.from_tick,
        to_tick=ask.to_tick,
        amount=controls.amount,
        other=ask.other,
        other_track=ask.other_track,
    )
    span_of(request)  # says what stands in the way before anything is loaded
    if not controls.is_in_scale:
        return request
    key = controls.key or song_key or key_at(song, ask.from_tick).key
    return replace(request, constraints=Constraints(key=key))


Phase = Literal["idle", "waiting", "generating", "offered"]


@dataclass(frozen=True)
class Controls:
    """What the takes panel is set to.

    Attributes:
        bars: Whole bars wanted, 1 or more.
        takes: How many alternatives, 1..9.
        temperature: 1 samples from the model as it is.
        top_p: Share of probability that is sampled from.
        is_in_scale: Whether new notes keep in the scale.
        key: The scale to keep in; None takes the song's key, else the detected one.
        seed: Random number; None takes a new one each time.
        model: Name of the model that continues.
        style: A style that the model knows, or None.
        amount: How far a variation goes from its phrase, 0..1.
        models: Names of the models for the other verbs.
    """

    bars: int = 4
    takes: int = 4
    temperature: float = 1.0
    top_p: float = 0.95
    is_in_scale: bool = True
    key: Key | None = None
    seed: int | None = None
    model: str = "lstm"
    style: str | None = None
    amount: float = 0.5
    models: Mapping[str, str] = field(default_factory=dict)

    def model_for(self, kind: str) -> str:
        """Name of the model that a kind of request is for; the one that continues where no other is installed."""
        return self.models.get(kind, self.model)


def continuation_request(
    song: Song,
    track_index: int,
    selection: Mask,
    controls: Controls,
    *,
    song_key: Key | None,
    seed: int,
    revision: int,
    at_tick: int | None = None,
) -> GenerationRequest:
    """The request to continue the selected notes, else the whole track.

    Args:
        song: The song as it is now.
        track_index: The track to continue.
        selection: Mask over its notes; all False means the whole track.
        controls: What the panel is set to.
        song_key: The key that the song says, None if it does not.
        seed: Random number.
        revision: The document's revision.
        at_tick: Where to go on, from what starts before it; None: where the notes end.

    Raises:
        SeedError: There is nothing to continue.
    """
    chosen = selection if selection.any() else None
    span = continuation_span(song, track_index, chosen, controls.bars, at_tick=at_tick)
    key = controls.key or song_key or key_at(song, span.from_tick).key if controls.is_in_scale else None
    return GenerationRequest(
        kind="continue",
        song=song,
        track_index=track_index,
        selection=chosen,
        bars=controls.bars,
        takes=controls.takes,
        seed=seed,
        temperature=controls.temperature,
        top_p=controls.top_p,
        style=controls.style,
        constraints=Constraints(key=key),
        model=controls.model,
        revision=revision,
        at_tick=at_tick,
    )


@dataclass(frozen=True)
class Offer:
    """Where the takes are.

    Attributes:
        phase: ``idle``, ``waiting`` (for the model), ``generating`` (notes stream in) or ``offered``.
        request: What was asked; None while idle or waiting.
        streamed: The notes that came in so far, for each take.
        takes: The takes on offer.
        auditioned: Number of the take that is heard, from 1; None before there are takes.
    """

    phase: Phase = "idle"
    request: GenerationRequest | None = None
    streamed: tuple[tuple[Note, ...], ...] = ()
    takes: tuple[Take, ...] = ()
    auditioned: int | None = None

    def with_note(self, take_number: int, note: Note) -> Offer:
        """One more note of a take, counted from 1."""
        rows = list(self.streamed) + [()] * (take_number - len(self.streamed))
        rows[take_number - 1] = (*rows[take_number - 1], note)
        return replace(self, streamed=tuple(rows))

    def with_takes(self, takes: tuple[Take, ...]) -> Offer:
        """The takes are made; the first is auditioned."""
        return replace(self, phase="offered", takes=takes, auditioned=takes[0].number)

    @property
    def audition(self) -> Take | None:
        """The take that is auditioned."""
        return next((take for take in self.takes if take.number == self.auditioned), None)

    def notes(self, take_number: int) -> Notes:
        """The notes of a take, as far as they are known."""
        take = next((take for take in self.takes if take.number == take_number), None)
        if take is not None:
            return take.notes
        is_known = 1 <= take_number <= len(self.streamed)
        return Notes.of(self.streamed[take_number - 1]) if is_known else Notes.of()


def written_since(request: GenerationRequest, span: tuple[int, int], track: Track) -> Notes:
    """The notes that came into the span of a request since it was asked, as by recording.

    Args:
        request: What was asked.
        span: From and to which tick.
        track: The track as it is now.
    """
    before = request.song.tracks[request.track_index].notes
    if track.notes is before:
        return Notes.of()
    bars = request.song.time_map
    now = track.notes.where(meant_between(track.notes, bars, *span))
    stood = set(before.where(meant_between(before, bars, *span)))
    return now.where(np.array([note not in stood for note in now], dtype=np.bool_))


def check_fits(take: Take, request: GenerationRequest, song: Song, track_index: int | None, revision: int) -> None:
    """Whether a take may go into a song that was changed since it was asked for: its span must be as it was, or free.

    Notes that stood in the span when it was asked for are meant to go.

    Args:
        take: It.
        request: What was asked.
        song: The song as it is now.
        track_index: Where the track is in it; None if it is gone.
        revision: The document's revision.

    Raises:
        MusicAssistError: It may not; the words say why.
    """
    if take.revision == revision:
        return
    if track_index is None or song.ticks_per_beat != request.song.ticks_per_beat:
        raise MusicAssistError("The track of this take is gone. Ask for new takes.")
    before, track = request.song.tracks[request.track_index], song.tracks[track_index]
    now = track.notes.where(meant_between(track.notes, song.time_map, take.from_tick, take.to_tick))
    then = before.notes.where(meant_between(before.notes, request.song.time_map, take.from_tick, take.to_tick))
    if len(then) and len(now) and now != then:
        raise MusicAssistError(
            "The notes where take {number} would go have changed. Undo that, or ask for new takes.", number=take.number
        )
    if len(now) and now != then:
        raise MusicAssistError(
            "There are new notes where take {number} would go. Undo them, or ask for new takes.",
            number=take.number,
        )
