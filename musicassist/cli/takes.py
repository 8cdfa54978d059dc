"""Takes on the command line: made while the notes are counted, written as files, and told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.cli.output import counted, print_json
from musicassist.composing.composing_engine import load_or_stand_in
from musicassist.composing.request import GenerationRequest, Take
from musicassist.disk import is_there
from musicassist.errors import UsageError
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.seam import amends_words, with_amends
from musicassist.score.song import Note, Notes, Song
from musicassist.score.timing import MeterChange, TimeMap, tempo_change
from musicassist.terminal import Progress, say

CHECKPOINT_SUFFIX = ".safetensors"


def _is_file(model: str | None) -> bool:
    return model is not None and Path(model).suffix == CHECKPOINT_SUFFIX


def model_named(model: str | None, kind: str) -> str:
    """The model's name; without one, that of the model preferred for this kind among the shipped ones."""
    if model is None:
        return FAMILIES.default_model(FAMILIES.installed(checkpoints_folder()), kind)
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
    engine = Engine(models_folder(model), FAMILIES)
    try:
        if model is None:
            there, _ = load_or_stand_in(engine, request.model, FAMILIES.stand_in(request.kind))
            request = replace(request, model=there)
        return engine.generate(request, on_note=count)
    finally:
        progress.close()


@dataclass(frozen=True)
class WrittenTake:
    """A take, the file that holds it, and the times of that."""

    path: Path
    take: Take
    time_map: TimeMap


def take_paths(output: Path, count: int) -> list[Path]:
    """``OUT`` for one take, else ``OUT`` with the take's number before the suffix."""
    if count == 1:
        return [output]
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count + 1)]


def write_takes(request: GenerationRequest, takes: Sequence[Take], output: Path) -> list[WrittenTake]:
    """Writes the song with each take in its track, in place of what starts in its span."""
    from musicassist.document.edits import replace_span
    from musicassist.midi import save_song

    written = []
    for path, take in zip(take_paths(output, len(takes)), takes, strict=True):
        index = request.track_index
        song = replace_span(request.song, index, take.from_tick, take.to_tick, take.notes).song
        save_song(with_amends(song, index, take.amends), path)
        written.append(WrittenTake(path, take, song.time_map))
    return written


def write_row(request: GenerationRequest, takes: Sequence[Take], output: Path) -> list[WrittenTake]:
    """Writes one song with the takes one after the other, each from a bar line, in the meter where it was made."""
    from musicassist.midi import save_song

    song, row, start_tick = request.song, [], 0
    for take in takes:
        ticks, notes = start_tick - take.from_tick, take.notes
        later = Notes.from_columns(notes.start_tick + ticks, notes.pitch, notes.duration_ticks, notes.velocity)
        row.append(replace(take, notes=later, from_tick=start_tick, to_tick=take.to_tick + ticks))
        bar_ticks = song.time_map.meter_at(take.from_tick).bar_ticks(song.ticks_per_beat)
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


def answer(
    request: GenerationRequest,
    written: Sequence[WrittenTake],
    *,
    as_json: bool,
    remark: str = "",
) -> None:
    """Says what was written, in words (with a remark) or as ``{model, seed, track, track_number, takes}``."""
    model = written[0].take.model if written else request.model
    track = request.song.tracks[request.track_index]
    if as_json:
        takes = [
            {
                "file": str(one.path),
                "notes": len(one.take.notes),
                "from_beat": one.time_map.tick_to_beats(one.take.from_tick),
                "to_beat": one.time_map.tick_to_beats(one.take.to_tick),
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
        time_map = one.time_map
        first, last = (time_map.bar_number(time_map.bar_at(tick)) for tick in (first_tick, one.take.to_tick - 1))
        bars = f"bar {first}" if first == last else f"bars {first} to {last}"
        where = f"{bars} of track {request.track_index + 1}" + (f", {track.name}" if track.name else "")
        put_right = "".join(f", {words}" for words in amends_words(one.take.amends))
        say(f"{one.path}: {counted(len(new), 'new note', 'new notes')} in {where}{put_right}")
    say(f"Model {model}, seed {request.seed}. {remark}".rstrip())


def remark(request: GenerationRequest, model: str | None) -> str:
    """What one should know of a model that works with less than the verb offers; empty for most."""
    if request.kind != "infill":
        return ""
    folder = models_folder(model)
    cards = FAMILIES.installed(folder)
    is_blind = any(card.name == request.model and FAMILIES.sees_past_only(card, request.kind) for card in cards)
    return f"{request.model} sees only what stands before the bars, not what follows them." if is_blind else ""
