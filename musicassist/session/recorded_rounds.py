"""Rounds of a loop that was recorded over, as takes: each as if it alone had been recorded, beside what was written.

Also the other takes that nobody composed for a place: answers that were heard, and the chords of a duet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from musicassist.composing.request import (
    ACCOMPANY,
    ANSWERED,
    RECORDED,
    Constraints,
    GenerationRequest,
    Take,
)
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score import midi_bytes as midi
from musicassist.score.meant_times import meant_between
from musicassist.score.seam import Amends
from musicassist.score.song import Notes, Song, Track
from musicassist.session.offers import Offer
from musicassist.session.recording import Round, write_rounds

MAX_ROUNDS = 48  # LIMIT: as many takes as lie beside each other; of more rounds the last ones
ROUND = QT_TRANSLATE_NOOP("Accompaniments", "Round {number}")
WRITTEN = QT_TRANSLATE_NOOP("Accompaniments", "As recorded")
ANSWER = QT_TRANSLATE_NOOP("Accompaniments", "Answer")
DUET = QT_TRANSLATE_NOOP("Accompaniments", "Chords of the duet")


def loop_rounds(rounds: Iterable[Round]) -> tuple[Round, ...]:
    """Those of the loop that went round last, in which a key was struck; none unless it was played in twice."""
    groups: list[list[Round]] = [[]]
    for round_ in rounds:
        last = groups[-1][-1] if groups[-1] else round_
        if round_ is not last and not (round_.from_tick < last.to_tick and last.from_tick < round_.to_tick):
            groups.append([])  # the playhead was put elsewhere
        groups[-1].append(round_)
    played = [[round_ for round_ in group if round_.is_played] for group in groups]
    return tuple(next((group for group in reversed(played) if len(group) > 1), [])[-MAX_ROUNDS:])


def rounds_offer(
    before: Song, index: int, rounds: Sequence[Round], written: Song, written_index: int, *, is_replacing: bool
) -> Offer | None:
    """A take for each round of a loop, and behind them what was written of all, which is heard; None without a loop.

    Args:
        before: The song before the recording was written.
        index: The track in it.
        rounds: All of the recording.
        written: The song with the recording.
        written_index: The track in that.
        is_replacing: Whether rounds replace what was there.
    """
    played = loop_rounds(rounds)
    if not played:
        return None
    tracks = [write_rounds(before, index, (own,), is_replacing=is_replacing).song.tracks[index] for own in played]
    tracks.append(written.tracks[written_index])
    span = _span(played, tracks, written)
    request = GenerationRequest(
        RECORDED, written, written_index, from_tick=span[0], to_tick=span[1], takes=len(tracks), model=""
    )
    titles = (*(ROUND,) * len(played), WRITTEN)
    takes = tuple(
        _take(_inside(track.notes, written, span), span, number, title, amends=_controls(track, span))
        for number, (track, title) in enumerate(zip(tracks, titles, strict=True), 1)
    )
    return Offer("offered", request, takes=takes, auditioned=len(takes))


def answer_offer(song: Song, index: int, answer: Notes, span: tuple[int, int]) -> Offer:
    """An answer that was heard, for its place in a song."""
    request = GenerationRequest(ANSWERED, song, index, from_tick=span[0], to_tick=span[1], takes=1, model="")
    return Offer("offered", request, takes=(_take(answer, span, 1, ANSWER),), auditioned=1)


def duet_offer(song: Song, index: int, chords: Track) -> Offer:
    """The chords of a duet as they sounded, for a new track of a song; there is at least one."""
    bars, notes = song.time_map, chords.notes
    span = bars.bar_line_before(int(notes.start_tick[0]) + 1), bars.bar_line_at_or_after(int(notes.end_tick.max()))
    request = GenerationRequest(ACCOMPANY, song, index, from_tick=span[0], to_tick=span[1], takes=1, model="")
    take = _take(Notes.of(), span, 1, DUET, new_tracks=(chords,))
    return Offer("offered", request, takes=(take,), auditioned=1)


def _take(
    notes: Notes,
    span: tuple[int, int],
    number: int,
    title: str,
    *,
    amends: Amends | None = None,
    new_tracks: tuple[Track, ...] = (),
) -> Take:
    return Take(
        notes,
        *span,
        "",
        0,
        number,
        1.0,
        1.0,
        Constraints(),
        -1,
        amends or Amends(),
        new_tracks=new_tracks,
        is_part_alone=bool(new_tracks),
        title=title,
    )


def _span(rounds: Sequence[Round], tracks: Sequence[Track], song: Song) -> tuple[int, int]:
    """Whole bars around the rounds, at whose beginning no note is held: so none is cut where a take is kept."""
    bars = song.time_map
    from_tick = bars.bar_line_before(min(own.from_tick for own in rounds) + 1)
    to_tick = bars.bar_line_at_or_after(max(own.to_tick for own in rounds))
    while from_tick and any(_is_held(track.notes, from_tick) for track in tracks):
        from_tick = bars.bar_line_before(from_tick)
    return from_tick, to_tick


def _is_held(notes: Notes, tick: int) -> bool:
    return bool(((notes.start_tick < tick) & (notes.end_tick > tick)).any())


def _inside(notes: Notes, song: Song, span: tuple[int, int]) -> Notes:
    return notes.where(meant_between(notes, song.time_map, *span))


def _controls(track: Track, span: tuple[int, int]) -> Amends:
    """Pedals, bends and wheels, as they were moved."""
    own = (e for e in track.events if span[0] <= e.tick <= span[1] and midi.slot_of(e.data) is not None)
    return Amends(tuple(own))
