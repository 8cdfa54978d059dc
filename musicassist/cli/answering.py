"""What a composing word says of what it wrote, in words or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from musicassist.composing.explanation import explanation_of
from musicassist.composing.request import GenerationRequest, Part, Take
from musicassist.composing.take_plan import in_english
from musicassist.harmony.song_chords import song_chords
from musicassist.score.chord_track import ChordSpan, chord_name
from musicassist.score.keys import key_at
from musicassist.score.seam import amends_words
from musicassist.score.timing import TimeMap
from musicassist.terminal import counted, print_json, say

EXPLAINED = ("continue", "infill", "vary")  # what goes on from a phrase


@dataclass(frozen=True)
class WrittenTake:
    """A take, the file that holds it, and the times of that."""

    path: Path
    take: Take
    time_map: TimeMap


@dataclass(frozen=True)
class MixAnswer:
    """A mix that was written: its file, what is said of it in JSON, and in words."""

    path: Path
    page: Mapping[str, object]
    words: str


def answer(
    request: GenerationRequest,
    written: Sequence[WrittenTake],
    *,
    as_json: bool,
    remark: str = "",
    mixed: MixAnswer | None = None,
) -> None:
    """Says what was written, in words (with a remark) or as ``{model, seed, track, track_number, takes}``.

    Where several models composed, each take has its own; a mix is ``mix``.
    """
    model = written[0].take.model if written else request.model
    has_several = len({one.take.model for one in written}) > 1
    track = request.song.tracks[request.track_index]
    if as_json:
        takes = [
            {
                "file": str(one.path),
                **({"model": one.take.model} if has_several else {}),
                "notes": len(one.take.notes),
                "from_beat": one.time_map.tick_to_beats(one.take.from_tick),
                "to_beat": one.time_map.tick_to_beats(one.take.to_tick),
                **({"plan": in_english(one.take.plan.words)} if one.take.plan is not None else {}),
                **({"originality": one.take.evidence.as_json()} if one.take.evidence is not None else {}),
                **({"chords": [_named(request, span) for span in one.take.chords]} if one.take.chords else {}),
                **({"put_right": list(amends_words(one.take.amends))} if one.take.amends.facts else {}),
                **({"explained": _explained(request, one.take)} if _is_explained(request, one.take) else {}),
                **({"parts": [_part_page(request, part) for part in one.take.parts]} if one.take.parts else {}),
            }
            for one in written
        ]
        document: dict[str, object] = {
            "model": model,
            "seed": request.seed,
            "track": track.name,
            "track_number": request.track_index + 1,
            "takes": takes,
        }
        if mixed is not None:
            document["mix"] = {"file": str(mixed.path), **mixed.page}
        if model != request.model:
            document["instead_of"] = request.model
        print_json(document)
        return
    if model != request.model:
        say(f"The model {request.model} could not be used; {model} was taken instead.")
    for one in written:
        new = one.take.notes
        first_tick = int(new.start_tick[0]) if len(new) else one.take.from_tick
        time_map = one.time_map
        first, last = (time_map.bar_number(time_map.bar_at(tick)) for tick in (first_tick, one.take.to_tick - 1))
        bars = f"bar {first}" if first == last else f"bars {first} to {last}"
        where = f"{bars} of track {request.track_index + 1}" + (f", {track.name}" if track.name else "")
        plan = f", {in_english(one.take.plan.words)}" if one.take.plan is not None else ""
        plan += f", by {one.take.model}" if has_several else ""
        put_right = "".join(f", {words}" for words in amends_words(one.take.amends))
        say(f"{one.path}: {counted(len(new), 'new note', 'new notes')} in {where}{plan}{put_right}")
        if one.take.evidence is not None:
            say(f"  {one.take.evidence.in_english()}")
        for part in one.take.parts:
            name = request.song.tracks[part.track_index].name
            where = f"track {part.track_index + 1}" + (f", {name}" if name else "")
            say(f"  {counted(len(part.notes), 'new note', 'new notes')} in {where}")
    if mixed is not None:
        say(f"{mixed.path}: {mixed.words}")
    models = list(dict.fromkeys(one.take.model for one in written)) if has_several else [model]
    say(f"{'Models' if has_several else 'Model'} {', '.join(models)}, seed {request.seed}. {remark}".rstrip())


def _named(request: GenerationRequest, span: ChordSpan) -> str:
    return chord_name(span.chord, key_at(request.song, span.from_tick).key)


def _is_explained(request: GenerationRequest, take: Take) -> bool:
    return request.kind in EXPLAINED and (take.plan is not None or take.evidence is not None)


def _explained(request: GenerationRequest, take: Take) -> list[str]:
    """What each bar of a take takes up, where phrases end, and how many of its notes on beats are chord tones."""
    spans = song_chords(request.song, take.from_tick, take.to_tick, but_track=request.track_index)
    return [template.format(**values) for template, values in explanation_of(take, request, spans).words]


def _part_page(request: GenerationRequest, part: Part) -> dict[str, object]:
    """A part of a take for the answer in JSON."""
    page: dict[str, object] = {
        "track": request.song.tracks[part.track_index].name,
        "track_number": part.track_index + 1,
        "notes": len(part.notes),
    }
    return page | ({"put_right": list(amends_words(part.amends))} if part.amends.facts else {})
