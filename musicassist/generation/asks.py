"""What a press asks for: which kind of notes, in which bars; and the request that it makes of the song as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from musicassist.errors import SeedError
from musicassist.generation.offers import Controls, continuation_request
from musicassist.generation.prompt import Situation, Source
from musicassist.generation.request import Constraints, GenerationRequest
from musicassist.generation.span import span_of
from musicassist.score.key_finding import key_at
from musicassist.score.song import Notes, Song
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
