"""What the composing words have in common: musical options, the engine, and how takes are written."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from musicassist.cli.output import counted, print_json
from musicassist.composing.composing_engine import compose_takes, load_or_stand_in
from musicassist.composing.model_choice import default_model, sees_past_only
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.disk import check_place, is_there
from musicassist.errors import UsageError
from musicassist.models.cards import list_cards
from musicassist.resources import checkpoints_folder
from musicassist.score.chords import Chord, parse_chord
from musicassist.score.seam import amends_words, with_amends
from musicassist.score.song import Note, Song
from musicassist.score.theory import Key, parse_key, parse_pitch
from musicassist.score.timing import TimeMap
from musicassist.terminal import Progress, say
from musicassist.tokens.vocabulary import STYLES

CHECKPOINT_SUFFIX = ".safetensors"
MOST_TAKES = 64  # LIMIT: takes are decoded as one batch
MOST_BARS = 256  # LIMIT: far more than a phrase, and still some seconds of work
T = TypeVar("T")


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """An argparse type: a whole number in lowest..highest."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if not lowest <= number <= highest:
            raise argparse.ArgumentTypeError(f"{text} is not between {lowest} and {highest}")
        return number

    return parse


def number(lowest: float, highest: float, *, is_lowest_meant: bool = False) -> Callable[[str], float]:
    """An argparse type: a number above ``lowest`` (or just that, where it is meant) and up to ``highest``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if is_lowest_meant and value == lowest:
            return value
        if not lowest < value <= highest:
            least = f"at least {lowest:g}" if is_lowest_meant else f"above {lowest:g}"
            raise argparse.ArgumentTypeError(f"{text} is not {least} and at most {highest:g}")
        return value

    return parse


def _in_words(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The parser with its own words for what is wrong, which argparse would otherwise replace."""

    def parse_or_say(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_or_say


def _chords(text: str) -> tuple[Chord, ...]:
    chords = tuple(parse_chord(symbol) for symbol in text.split())
    if not chords:
        raise ValueError('there is no chord; write them as "C G Am F"')
    return chords


def _pitch_range(text: str) -> tuple[int, int]:
    lowest, colon, highest = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is no range; write it as C4:C6")
    if parse_pitch(lowest) > parse_pitch(highest):
        raise ValueError(f"in {text!r} the lower note comes last")
    return parse_pitch(lowest), parse_pitch(highest)


def add_bars_option(parser: argparse.ArgumentParser, *, default: int) -> None:
    """How long the new notes are to be."""
    kind = whole_number(1, MOST_BARS)
    parser.add_argument("--bars", type=kind, default=default, metavar="N", help="whole bars (default %(default)s)")


def add_takes_option(parser: argparse.ArgumentParser) -> None:
    """How many files to write."""
    parser.add_argument(
        "--takes",
        type=whole_number(1, MOST_TAKES),
        default=1,
        metavar="K",
        help="how many alternatives; more than one are numbered OUT-1, OUT-2, ...",
    )


def add_musical_options(parser: argparse.ArgumentParser) -> None:
    """The options of every composing word."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")
    parser.add_argument(
        "--model",
        help="a name that 'musicassist models' lists, or a .safetensors file (default: the best one installed)",
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0, 2**63 - 1),
        metavar="N",
        help="random number; the same one gives the same notes (default: a new one, which the answer names)",
    )
    parser.add_argument(
        "--temperature", type=number(0, 10), default=1.0, metavar="T", help="below 1 is safer, above is wilder"
    )
    parser.add_argument(
        "--top-p", type=number(0, 1), default=0.95, metavar="P", help="share of probability to choose from (0.95)"
    )
    parser.add_argument(
        "--scale", type=_in_words(parse_key), metavar="KEY", help="keep to a key or scale, as C:major or Eb:minor"
    )
    parser.add_argument(
        "--chords", type=_in_words(_chords), default=(), help='one a bar, repeated, as "C G Am7 F6/9 N.C."'
    )
    parser.add_argument("--range", type=_in_words(_pitch_range), default=(0, 127), help="keep between, as C4:C6")
    parser.add_argument("--density", type=number(0, 48), metavar="N", help="notes per beat")
    parser.add_argument("--polyphony", type=whole_number(1, 128), metavar="N", help="most notes at once")
    styles = tuple(style for style in STYLES if style)
    parser.add_argument("--style", choices=styles, metavar="STYLE", help=f"one of {', '.join(styles)}")
    parser.add_argument("--only-new", action="store_true", help="do not repeat long runs of the phrase")


def constraints_of(args: argparse.Namespace) -> Constraints:
    """What the options demand of the new notes."""
    scale: Key | None = args.scale
    lowest, highest = args.range
    return Constraints(
        key=scale,
        lowest_pitch=lowest,
        highest_pitch=highest,
        chords=args.chords,
        density=args.density,
        polyphony=args.polyphony,
        only_new=args.only_new,
    )


def request_of(
    args: argparse.Namespace,
    kind: str,
    song: Song,
    track_index: int = 0,
    *,
    bars: int,
    takes: int,
    from_tick: int = 0,
    to_tick: int = 0,
    at_tick: int | None = None,
) -> GenerationRequest:
    """The request that the options make, with a new random number where none was given.

    Raises:
        CheckpointError: No model was named, and none that serves this kind is installed.
    """
    return GenerationRequest(
        kind=kind,
        song=song,
        track_index=track_index,
        bars=bars,
        takes=takes,
        from_tick=from_tick,
        to_tick=to_tick,
        at_tick=at_tick,
        seed=secrets.randbelow(2**31) if args.seed is None else args.seed,
        temperature=args.temperature,
        top_p=args.top_p,
        style=args.style,
        constraints=constraints_of(args),
        model=_model_named(args.model, kind),
    )


def _is_file(model: str | None) -> bool:
    return model is not None and Path(model).suffix == CHECKPOINT_SUFFIX


def _model_named(model: str | None, kind: str) -> str:
    """The model's name; without one, that of the model preferred for this kind among the shipped ones."""
    if model is None:
        return default_model(list_cards(checkpoints_folder()), kind)
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
    """The engine's answer; on a terminal the number of notes is shown as it grows.

    Args:
        request: What is asked.
        model: What the user said for ``--model``. Nothing stands in for a model that was asked for by name.
    """
    from musicassist.composing.engine import Engine

    progress = Progress()
    made = 0

    def count(_take_number: int, _note: Note) -> None:
        nonlocal made
        made += 1
        progress.say(f"{counted(made, 'note', 'notes')} ...")

    progress.say("Loading the model ...")
    engine = Engine(models_folder(model))
    try:
        if model is None:
            request = replace(request, model=load_or_stand_in(engine, request.model, request.kind)[0])
        return compose_takes(engine, request, on_note=count)
    finally:
        progress.close()


@dataclass(frozen=True)
class WrittenTake:
    """A take and the file that holds it."""

    path: Path
    take: Take


def take_paths(output: Path, count: int) -> list[Path]:
    """``OUT`` for one take, else ``OUT`` with the take's number before the suffix."""
    if count == 1:
        return [output]
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count + 1)]


def check_takes_places(output: Path, count: int) -> None:
    """Refuses places that cannot be written before any work is done.

    Raises:
        UsageError: Which one, and why.
    """
    for path in take_paths(output, count):
        check_place(path)


def write_takes(request: GenerationRequest, takes: Sequence[Take], output: Path) -> list[WrittenTake]:
    """Writes the song with each take in its track, in place of what starts in its span."""
    from musicassist.document.edits import replace_span
    from musicassist.midi.files import save_song

    written = []
    for path, take in zip(take_paths(output, len(takes)), takes, strict=True):
        index = request.track_index
        song = replace_span(request.song, index, take.from_tick, take.to_tick, take.notes).song
        save_song(with_amends(song, index, take.amends), path)
        written.append(WrittenTake(path, take))
    return written


def answer(
    request: GenerationRequest,
    written: Sequence[WrittenTake],
    *,
    as_json: bool,
    remark: str = "",
    time_map: TimeMap | None = None,
) -> None:
    """Says what was written, in words (with a remark) or as ``{model, seed, track, track_number, takes}``."""
    time_map = time_map or request.song.time_map  # that of the file which was written
    model = written[0].take.model if written else request.model
    track = request.song.tracks[request.track_index]
    if as_json:
        takes = [
            {
                "file": str(one.path),
                "notes": len(one.take.notes),
                "from_beat": time_map.tick_to_beats(one.take.from_tick),
                "to_beat": time_map.tick_to_beats(one.take.to_tick),
                **({"put_right": list(amends_words(one.take.amends))} if one.take.amends.facts else {}),
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
        if model != request.model:
            document["instead_of"] = request.model
        print_json(document)
        return
    if model != request.model:
        say(f"The model {request.model} could not be used; {model} was taken instead.")
    for one in written:
        new = one.take.notes
        first_tick = int(new.start_tick[0]) if len(new) else one.take.from_tick
        first, last = (time_map.bar_number(time_map.bar_at(tick)) for tick in (first_tick, one.take.to_tick - 1))
        bars = f"bar {first}" if first == last else f"bars {first} to {last}"
        where = f"{bars} of track {request.track_index + 1}" + (f", {track.name}" if track.name else "")
        put_right = "".join(f", {words}" for words in amends_words(one.take.amends))
        say(f"{one.path}: {counted(len(new), 'new note', 'new notes')} in {where}{put_right}")
    say(f"Model {model}, seed {request.seed}. {remark}".rstrip())


def remark(request: GenerationRequest, folder: Path) -> str:
    """What one should know of a model that works with less than the verb offers; empty for most."""
    is_blind = any(card.name == request.model and sees_past_only(card, request.kind) for card in list_cards(folder))
    return f"{request.model} sees only what stands before the bars, not what follows them." if is_blind else ""
