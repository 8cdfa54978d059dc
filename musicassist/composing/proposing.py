"""Chords for new bars into which the song's own do not reach: proposed first, so that the line can follow them."""

from __future__ import annotations

from musicassist.composing.parts import is_polyphonic, without_span, written_by
from musicassist.composing.request import GenerationRequest
from musicassist.harmony.harmonising import go_on
from musicassist.harmony.song_chords import song_chords
from musicassist.score.chord_track import ChordSpan, written_chords

BARS_BEFORE = 16  # LIMIT: what lies further back does not lead here
RECENT_BARS = 2  # a song that has had no chords for so long has none to go on with
MIN_SHARE = 0.25  # of a bar; less is no place for a chord


def proposed_chords(
    request: GenerationRequest, from_tick: int, to_tick: int, *, is_closing: bool
) -> tuple[ChordSpan, ...]:
    """Chords from where those of the song end up to the end of the new bars; none where the song has none before.

    A last written chord that nothing plays under any more is an end as well: else it would hold for ever.

    Args:
        request: What is asked: only what continues a song, and without chords of its own.
        from_tick: Where the new notes may begin.
        to_tick: The bar line where they end.
        is_closing: Whether the chords are to end on the tonic.
    """
    song, constraints = request.song, request.constraints
    if request.kind != "continue" or constraints.chords or constraints.chord_strength == "off":
        return ()
    bars, own = song.time_map, request.track_index
    begin = bars.bar_start_tick(max(0, bars.bar_at(from_tick) - BARS_BEFORE))
    written = written_by(request).tracks if request.has_parts else (own,)
    song = without_span(song, written, from_tick, to_tick) if request.has_parts else song
    line = None if is_polyphonic(song.tracks[own].notes) else own  # a track with chords shows them itself
    known = song_chords(song, begin, to_tick, but_track=line)
    if not known:
        return ()
    others = [
        track.end_tick
        for index, track in enumerate(song.tracks)
        if index not in written and len(track.notes) and not song.is_drum_track(index)
    ]
    marked = [mark.tick for mark in written_chords(song)]
    last_mark = max(marked, default=0)
    played = max([bars.bar_line_at_or_after(from_tick), *others]) if last_mark < from_tick else to_tick
    end = min(known[-1].to_tick, bars.bar_line_at_or_after(played)) if known[-1].is_written else known[-1].to_tick
    begin = max(from_tick, end)
    is_recent = end >= bars.bar_start_tick(max(0, bars.bar_at(from_tick) - RECENT_BARS))
    if not is_recent or to_tick - begin < MIN_SHARE * bars.bar_ticks_at(begin):
        return ()
    before = [span for span in known if span.from_tick < begin]
    return go_on(song, before, begin, to_tick, seed=request.seed, is_closing=is_closing)
