"""The composing words: ``continue``, ``infill``, ``vary``, ``interpolate`` and ``generate``, as one table."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from musicassist.cli.arguments import add_option, values_of, whole_number
from musicassist.cli.phrases import (
    MAX_BAR,
    add_bar_options,
    add_pickup_option,
    add_track_option,
    bar_count,
    bar_line,
    bar_span,
    song_to_change,
    track_of,
    with_pickup,
)
from musicassist.cli.takes import answer, make_takes, model_named, remark, take_paths, write_row, write_takes
from musicassist.composing.request import GenerationRequest, Place, Wish, options, request_of, wish_of
from musicassist.composing.span import span_of
from musicassist.disk import check_place
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.timing import DEFAULT_MICROSECONDS_PER_BEAT, MeterChange, TempoChange

MAX_STEPS = 32  # LIMIT: they are made as one batch
Add = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Word:
    """A composing word.

    Attributes:
        request: What the options ask, of the song of the files.
        files: Names of its input files, with what stands for each and what it holds.
        options: Its own options in the order of ``--help``: fields of the wish, and what adds others.
        defaults: Of those fields, where they are not those of the wish.
        is_row: Whether all takes go into one file, one after the other; else each has its own.
    """

    request: Callable[[argparse.Namespace], GenerationRequest]
    files: tuple[tuple[str, str, str], ...]
    options: tuple[str | Add, ...]
    defaults: Mapping[str, int] = field(default_factory=dict)
    is_row: bool = False

    def paths(self, args: argparse.Namespace) -> list[Path]:
        """The files that it writes."""
        return [args.output] if self.is_row else take_paths(args.output, args.takes)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the word that was given: its own, and those of all."""
    word = WORDS[parser.get_default("word")]
    for name, metavar, what in word.files:
        parser.add_argument(name, type=Path, metavar=metavar, help=f"a MIDI file with {what}")
    for own in word.options:
        if isinstance(own, str):
            add_option(parser, own, *options()[own])
        else:
            own(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")
    for name, (option, default) in options().items():
        if not option.words:
            add_option(parser, name, option, default)
    parser.set_defaults(model=None, **word.defaults)


def run(args: argparse.Namespace) -> int:
    """Writes the songs with the new notes; everything else of them stays as it is."""
    word = WORDS[args.word]
    for path in word.paths(args):
        check_place(path)
    request = word.request(args)
    takes = make_takes(request, args.model)
    write = write_row if word.is_row else write_takes
    answer(request, write(request, takes, args.output), as_json=args.json, remark=remark(request, args.model))
    return 0


def _wish(args: argparse.Namespace, kind: str) -> Wish:
    """What the options say.

    Raises:
        CheckpointError: No model was named, and none that serves this kind is installed.
    """
    return wish_of({**values_of(args), "model": model_named(args.model, kind)})


def _request(
    args: argparse.Namespace, place: Place, song: Song, track_index: int = 0, *, bars: int | None = None
) -> GenerationRequest:
    """The request for a place; says what is wrong with it before a model is loaded."""
    wish = _wish(args, place.kind)
    seed = secrets.randbelow(2**31) if wish.seed is None else wish.seed
    request = request_of(wish if bars is None else replace(wish, bars=bars), place, song, track_index, seed=seed)
    span_of(request)
    return request


def _continuation(args: argparse.Namespace) -> GenerationRequest:
    song = _song(args, args.input)
    at_tick = None if args.from_bar is None else bar_line(song, args.from_bar)
    return _request(args, Place(kind="continue", at_tick=at_tick), song, track_of(song, args.track))


def _phrase_from_nothing(args: argparse.Namespace) -> GenerationRequest:
    return _request(args, Place(kind="generate"), _empty_song(args))


def _bars(args: argparse.Namespace, kind: str) -> GenerationRequest:
    """For the bars of the input file that the options name; they are what a take fills."""
    song = _song(args, args.input)
    track_index = track_of(song, args.track)
    span = bar_span(song, track_index, args.from_bar, args.to_bar)
    place = Place(kind=kind, from_tick=span[0], to_tick=span[1])
    return _request(args, place, song, track_index, bars=bar_count(song, span))


def _phrases_between(args: argparse.Namespace) -> GenerationRequest:
    song, other = (song_to_change(path, [args.output]) for path in (args.first, args.second))
    song = with_pickup(song, args.pickup)
    track_index, other_track = track_of(song, args.track), track_of(other, args.other_track)
    span = bar_span(song, track_index, None, None)
    place = Place(kind="interpolate", from_tick=span[0], to_tick=span[1], other=other, other_track=other_track)
    request = _request(args, place, song, track_index, bars=bar_count(song, span))
    span_of(replace(request, song=other, track_index=other_track, from_tick=0, to_tick=max(1, other.end_tick)))
    return request


def _song(args: argparse.Namespace, path: Path) -> Song:
    return song_to_change(path, WORDS[args.word].paths(args), args.pickup)


def _empty_song(args: argparse.Namespace) -> Song:
    """One empty melody track in 4/4 at 120 beats a minute, and in the key where one is asked for."""
    return Song(
        tracks=(Track(name="MELODY"),),
        tempo_changes=(TempoChange(0, DEFAULT_MICROSECONDS_PER_BEAT),),
        meter_changes=(MeterChange(0, 4, 4),),
        key_changes=(KeyChange.of(0, args.key),) if args.key is not None else (),
    )


def _add_from_bar(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from-bar",
        type=whole_number(1, MAX_BAR),
        metavar="A",
        help="go on with this bar, counted from 1, in place of what stands there (default: where the track ends)",
    )


def _add_steps(parser: argparse.ArgumentParser) -> None:
    kind, words = whole_number(1, MAX_STEPS), "how many phrases (default %(default)s)"
    parser.add_argument("--steps", dest="takes", type=kind, default=4, metavar="N", help=words)


WORDS = {
    "continue": Word(
        _continuation,
        (("input", "IN", "the phrase"),),
        ("bars", _add_from_bar, add_pickup_option, "takes", add_track_option),
        {"takes": 1},
    ),
    "infill": Word(
        partial(_bars, kind="infill"),
        (("input", "IN", "notes around the bars"),),
        (partial(add_bar_options, required=True), "takes", add_track_option),
        {"takes": 1},
    ),
    "vary": Word(
        partial(_bars, kind="vary"),
        (("input", "IN", "the phrase"),),
        ("amount", partial(add_bar_options, required=False), "takes", add_track_option),
        {"takes": 1},
    ),
    "interpolate": Word(
        _phrases_between,
        (("first", "A", "the phrase to start from"), ("second", "B", "the phrase to go to")),
        (
            _add_steps,
            add_pickup_option,
            partial(add_track_option, of="track in A"),
            partial(add_track_option, name="--other-track", of="track in B"),
        ),
        is_row=True,
    ),
    "generate": Word(_phrase_from_nothing, (), ("bars", "takes"), {"bars": 8, "takes": 1}),
}
