"""The composing words: ``continue``, ``infill``, ``vary``, ``interpolate`` and ``generate``, as one table."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from musicassist.cli import arguments, mixing
from musicassist.cli.answering import MixAnswer, WrittenTake, answer
from musicassist.composing.clashes import check_rules, known_rules
from musicassist.composing.parts import is_polyphonic
from musicassist.composing.request import KEEPS, GenerationRequest, Place, Take, Wish, options, request_of, wish_of
from musicassist.composing.span import span_of
from musicassist.disk import is_there
from musicassist.document.document import empty_song
from musicassist.document.edits import exchange_span, replace_span
from musicassist.document.song_edits import write_chords
from musicassist.errors import UsageError
from musicassist.families.registry import FAMILIES, make_engine
from musicassist.midi import save_song
from musicassist.resources import checkpoints_folder
from musicassist.score.seam import with_amends
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change
from musicassist.terminal import Progress, counted

CHECKPOINT_SUFFIX = ".safetensors"
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
        if self.is_row:
            return [args.output]
        paths = take_paths(args.output, args.takes * len(mixing.models_of(args)))
        return paths if getattr(args, "mix", None) is None else [args.output, *paths]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the word that was given: its own, and those of all."""
    said = parser.get_default("word")
    word = WORDS[said]
    for name, metavar, what in word.files:
        parser.add_argument(name, type=Path, metavar=metavar, help=f"a MIDI file or a project with {what}")
    for own in word.options:
        if isinstance(own, str):
            arguments.add_option(parser, own, *options()[own])
        else:
            own(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")
    for name, (option, default) in options().items():
        if not option.words or (said in option.words and name not in word.options):
            arguments.add_option(parser, name, option, default)
    parser.set_defaults(model=None, **word.defaults)


def run(args: argparse.Namespace) -> int:
    """Writes the songs with the new notes; everything else of them stays as it is."""
    word = WORDS[args.word]
    mixing.check(args)
    models = mixing.models_of(args)
    for path in word.paths(args):
        arguments.check_midi_place(path)
    args.model = models[0]
    request = word.request(args)
    takes = make_takes(request, args.model)
    if len(models) > 1:
        others = [(replace(request, model=model_named(name, request.kind)), name) for name in models[1:]]
        takes = mixing.numbered([takes, *(make_takes(asked, name) for asked, name in others)])
    whole = replace(request, takes=request.takes * len(models)) if len(models) > 1 else request
    write = write_row if word.is_row else write_takes
    mixed = _write_mix(args.mix, request, takes, args.output) if getattr(args, "mix", None) else None
    written = write(whole, takes, args.output)
    answer(request, written, as_json=args.json, remark=remark(request, args.model), mixed=mixed)
    return 0


def _write_mix(numbers: Sequence[int], request: GenerationRequest, takes: tuple[Take, ...], output: Path) -> MixAnswer:
    """Writes the song with a mix of the takes."""
    mix, time_map = mixing.mix_of_takes(numbers, request, takes), request.song.time_map
    save_song(_song_with(request, mix.take), output)
    page, words = mixing.mix_page(mix, numbers, time_map), mixing.mix_words(mix, numbers, time_map)
    return MixAnswer(output, page, words)


def _wish(args: argparse.Namespace, kind: str, *, writes_parts: bool = False) -> Wish:
    """What the options say; where no model was named, one that writes chords and several tracks if need be.

    Raises:
        CheckpointError: No model was named, and none that serves this kind is installed.
    """
    return wish_of({**arguments.values_of(args), "model": model_named(args.model, kind, writes_parts=writes_parts)})


def _request(
    args: argparse.Namespace, place: Place, song: Song, track_index: int = 0, *, bars: int | None = None
) -> GenerationRequest:
    """The request for a place; says what is wrong with it before a model is loaded."""
    is_chordal = (
        place.kind in ("continue", "infill") and not place.keep and is_polyphonic(song.tracks[track_index].notes)
    )
    wish = _wish(args, place.kind, writes_parts=place.has_parts or is_chordal)
    seed = secrets.randbelow(2**31) if wish.seed is None else wish.seed
    request = request_of(wish if bars is None else replace(wish, bars=bars), place, song, track_index, seed=seed)
    check_rules(known_rules(request, span_of(request)))
    return request


def _continuation(args: argparse.Namespace) -> GenerationRequest:
    song, track_index, parts = _tracks(args, _song(args, args.input), may_add=False)
    at_tick = None if args.from_bar is None else arguments.bar_line(song, args.from_bar)
    place = Place(kind="continue", at_tick=at_tick, parts=parts, all_parts=args.all_tracks)
    return _request(args, place, song, track_index)


def _tracks(args: argparse.Namespace, song: Song, *, may_add: bool) -> tuple[Song, int, tuple[int, ...]]:
    """The song, the track that is edited, and all that are written with it where several are named."""
    if args.tracks is None:
        return song, arguments.track_of(song, args.track), ()
    song, parts = arguments.tracks_of(song, args.tracks, may_add=may_add)
    return song, parts[0] if args.track is None else arguments.track_named(song, args.track), parts


def _phrase_from_nothing(args: argparse.Namespace) -> GenerationRequest:
    """One empty melody track in 4/4 at 120 beats a minute, and in the key where one is asked for."""
    keys = (KeyChange.of(0, args.key),) if args.key is not None else ()
    song = replace(empty_song(), tracks=(Track(name="MELODY"),), key_changes=keys)
    return _request(args, Place(kind="generate"), song)


def _bars(args: argparse.Namespace, kind: str) -> GenerationRequest:
    """For the bars of the input file that the options name; they are what a take fills."""
    song, all_parts = _song(args, args.input), False
    parts: tuple[int, ...] = ()
    if kind == "infill":
        song, track_index, parts = _tracks(args, song, may_add=True)
        all_parts = args.all_tracks
    else:
        track_index = arguments.track_of(song, args.track)
    span = arguments.bar_span(song, track_index, args.from_bar, args.to_bar)
    keep = args.keep or "" if kind == "infill" else ""
    place = Place(kind=kind, from_tick=span[0], to_tick=span[1], parts=parts, all_parts=all_parts, keep=keep)
    return _request(args, place, song, track_index, bars=arguments.bar_count(song, span))


def _phrases_between(args: argparse.Namespace) -> GenerationRequest:
    song, other = (arguments.song_to_change(path, [args.output]) for path in (args.first, args.second))
    song = arguments.with_pickup(song, args.pickup)
    track_index, other_track = arguments.track_of(song, args.track), arguments.track_of(other, args.other_track)
    span = arguments.bar_span(song, track_index, None, None)
    place = Place(kind="interpolate", from_tick=span[0], to_tick=span[1], other=other, other_track=other_track)
    request = _request(args, place, song, track_index, bars=arguments.bar_count(song, span))
    span_of(replace(request, song=other, track_index=other_track, from_tick=0, to_tick=max(1, other.end_tick)))
    return request


def _song(args: argparse.Namespace, path: Path) -> Song:
    return arguments.song_to_change(path, WORDS[args.word].paths(args), args.pickup)


def _add_from_bar(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from-bar",
        type=arguments.whole_number(1, arguments.MAX_BAR),
        metavar="A",
        help="go on with this bar, counted from 1, in place of what stands there (default: where the track ends)",
    )


def _add_keep(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep",
        choices=KEEPS,
        help="what of the notes in these bars stays: their rhythm, their pitches, or the notes, which get other "
        "velocities; pinned notes of a project always stay (default: none does)",
    )


def _add_steps(parser: argparse.ArgumentParser) -> None:
    kind, words = arguments.whole_number(1, MAX_STEPS), "how many phrases (default %(default)s)"
    parser.add_argument("--steps", dest="takes", type=kind, default=4, metavar="N", help=words)


WORDS = {
    "continue": Word(
        _continuation,
        (("input", "IN", "the phrase"),),
        (
            "bars",
            "ending",
            _add_from_bar,
            arguments.add_pickup_option,
            "takes",
            mixing.add_options,
            arguments.add_track_option,
            arguments.add_tracks_options,
        ),
        {"takes": 1},
    ),
    "infill": Word(
        partial(_bars, kind="infill"),
        (("input", "IN", "notes around the bars"),),
        (
            partial(arguments.add_bar_options, required=True),
            _add_keep,
            "takes",
            mixing.add_options,
            arguments.add_track_option,
            arguments.add_tracks_options,
        ),
        {"takes": 1},
    ),
    "vary": Word(
        partial(_bars, kind="vary"),
        (("input", "IN", "the phrase"),),
        (
            "amount",
            partial(arguments.add_bar_options, required=False),
            "takes",
            mixing.add_options,
            arguments.add_track_option,
        ),
        {"takes": 1},
    ),
    "interpolate": Word(
        _phrases_between,
        (("first", "A", "the phrase to start from"), ("second", "B", "the phrase to go to")),
        (
            _add_steps,
            arguments.add_pickup_option,
            partial(arguments.add_track_option, of="track in A"),
            partial(arguments.add_track_option, name="--other-track", of="track in B"),
        ),
        is_row=True,
    ),
    "generate": Word(
        _phrase_from_nothing, (), ("bars", "ending", "takes", mixing.add_options), {"bars": 8, "takes": 1}
    ),
}


def _is_file(model: str | None) -> bool:
    return model is not None and Path(model).suffix == CHECKPOINT_SUFFIX


def model_named(model: str | None, kind: str, *, writes_parts: bool = False) -> str:
    """The model's name; without one, that of the model preferred for this kind among the shipped ones.

    Args:
        model: What ``--model`` says.
        kind: What it is wanted for.
        writes_parts: Whether one that writes chords and several tracks is preferred.
    """
    if model is None:
        installed = FAMILIES.installed(checkpoints_folder())
        able = FAMILIES.writing_parts(installed, kind) if writes_parts else []
        return able[0].name if able else FAMILIES.default_model(installed, kind)
    return Path(model).stem if _is_file(model) else model


def models_folder(model: str | None) -> Path:
    """Where the model lies that ``--model`` names: beside the file that it is, or among the shipped ones.

    Raises:
        UsageError: The file does not exist.
    """
    if model is None or not _is_file(model):
        return checkpoints_folder()
    if not is_there(model):
        raise UsageError("The model {file} does not exist.", file=model)
    return Path(model).absolute().parent


def make_takes(request: GenerationRequest, model: str | None) -> tuple[Take, ...]:
    """The engine's answer; on a terminal it is shown how far it has come.

    Args:
        request: What is asked.
        model: What the user said for ``--model``. Nothing stands in for a model that was asked for by name.
    """
    progress = Progress()
    made = 0

    def count(_take_number: int, _note: Note) -> None:
        nonlocal made
        made += 1
        progress.say(f"{counted(made, 'note', 'notes')} ...")

    progress.say("Loading the model ...")
    engine = make_engine(models_folder(model))
    try:
        if model is None and not request.has_parts:  # what stands in for a model writes one line
            there, _ = FAMILIES.load_or_stand_in(engine.load, request.model, request.kind)
            request = replace(request, model=there)
        return engine.generate(request, on_note=count, on_progress=lambda share: progress.say(f"{share:.0%} ..."))
    finally:
        progress.close()


def take_paths(output: Path, count: int) -> list[Path]:
    """``OUT`` for one take, else ``OUT`` with the take's number before the suffix."""
    if count == 1:
        return [output]
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count + 1)]


def write_takes(request: GenerationRequest, takes: Sequence[Take], output: Path) -> list[WrittenTake]:
    """Writes the song with each take in its track, in place of what starts in its span."""
    written = []
    for path, take in zip(take_paths(output, request.takes), takes, strict=False):  # some may have been refused
        song = _song_with(request, take)
        save_song(song, path)
        written.append(WrittenTake(path, take, song.time_map))
    return written


def _song_with(request: GenerationRequest, take: Take) -> Song:
    song, write = request.song, exchange_span if request.is_reroll else replace_span
    for index, notes, amends in take.writes(request.track_index):
        song = with_amends(write(song, index, take.from_tick, take.to_tick, notes).song, index, amends)
    return write_chords(song, take.chords)


def write_row(request: GenerationRequest, takes: Sequence[Take], output: Path) -> list[WrittenTake]:
    """Writes one song with the takes one after the other, each from a bar line, in the meter where it was made."""
    song, row, start_tick = request.song, [], 0
    for take in takes:
        ticks, notes = start_tick - take.from_tick, take.notes
        later = Notes.from_columns(notes.start_tick + ticks, notes.pitch, notes.duration_ticks, notes.velocity)
        row.append(replace(take, notes=later, from_tick=start_tick, to_tick=take.to_tick + ticks))
        bar_ticks = song.time_map.bar_ticks_at(take.from_tick)
        start_tick += -(-(take.to_tick - take.from_tick) // bar_ticks) * bar_ticks
    written = _song_of_row(request, row)
    save_song(written, output)
    return [WrittenTake(output, take, written.time_map) for take in row]


def _song_of_row(request: GenerationRequest, takes: Sequence[Take]) -> Song:
    """A song of one track that holds the takes, with the meter, tempo and key that hold where A begins."""
    song, place = request.song, request.from_tick
    notes = Notes.of(note for take in takes for note in take.notes)
    meter = song.time_map.meter_at(place)
    keys = [change for change in song.key_changes if change.tick <= place][-1:]
    return Song(
        tracks=(replace(song.tracks[request.track_index], notes=notes, events=()),),
        ticks_per_beat=song.ticks_per_beat,
        tempo_changes=(tempo_change(0, song.time_map.tempo_bpm_at(place)),),
        meter_changes=(MeterChange(0, meter.numerator, meter.denominator),),
        key_changes=tuple(replace(key, tick=0) for key in keys),
    )


def remark(request: GenerationRequest, model: str | None) -> str:
    """What one should know of a model that works with less than the verb offers; empty for most."""
    if request.all_parts and any(map(request.song.is_drum_track, range(len(request.song.tracks)))):
        return "Drums repeat the song's own patterns: no drum music was learned."
    if request.kind != "infill":
        return ""
    cards = FAMILIES.installed(models_folder(model))
    is_blind = any(card.name == request.model and FAMILIES.sees_past_only(card, request.kind) for card in cards)
    return f"{request.model} sees only what stands before the bars, not what follows them." if is_blind else ""
