"""``musicassist again`` and ``credits``: kept bars composed exactly so once more; who composed what, as a page."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.arguments import MAX_BAR, bar_line, track_named, whole_number
from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.request import ACCOMPANY, GenerationRequest, Take
from musicassist.disk import check_place
from musicassist.document.edits import replace_span
from musicassist.document.entry import Entry
from musicassist.document.project_file import is_project
from musicassist.document.project_reading import read_project
from musicassist.errors import CheckpointError, UsageError
from musicassist.families.registry import FAMILIES, make_engine
from musicassist.midi import save_song
from musicassist.resources import checkpoints_folder
from musicassist.score.origins import Origin
from musicassist.session.again import notes_of_part, outcome_of
from musicassist.session.credits import credits_of, write_credits
from musicassist.session.stories import earlier, story_at
from musicassist.session.story_words import bar_words, edits_since, in_english, regions, story_words
from musicassist.terminal import counted, print_json, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The project, and what is written of it."""
    parser.add_argument("input", type=Path, metavar="IN", help="a project")
    if parser.get_default("word") == "credits":
        words = "the page to write: HTML with pictures, or text where it ends in .txt"
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=words)
        return
    bar = whole_number(0, MAX_BAR)
    parser.add_argument("--bar", type=bar, required=True, metavar="N", help="a bar that a take was kept in")
    parser.add_argument("--track", metavar="NAME", help="name or number (from 1) of its track; default: the first such")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")


def run(args: argparse.Namespace) -> int:
    """Writes the page, or the song with these bars as they are composed again."""
    check_place(args.output)
    entry = entry_of(args.input)
    return _write_credits(args, entry) if args.word == "credits" else _write_again(args, entry)


def _write_credits(args: argparse.Namespace, entry: Entry) -> int:
    cards = FAMILIES.installed(checkpoints_folder())
    page = credits_of(args.input.stem, entry.song, entry.pages, cards)
    write_credits(page, args.output)
    if args.json:
        told = [{"bars": own.title, "words": own.words} for own in page.bars]
        licences = {model: None if lines is None else list(lines) for model, lines in page.licences}
        print_json({"file": str(args.output), "summary": list(page.summary), "regions": told, "licences": licences})
    else:
        say(f"{args.output}: {' '.join(page.summary)}")
    return 0


def _write_again(args: argparse.Namespace, entry: Entry) -> int:
    song = entry.song
    index, origin = _region_at(entry, bar_line(song, args.bar), args)
    story = story_at(entry.pages, origin)
    if story is None:
        raise UsageError("Who composed bar {bar} is not known any more.", bar=args.bar)
    outcome = outcome_of(story, composed_again(story.request))
    if not outcome.is_same or outcome.take is None:
        template, values = outcome.words(story)
        raise CheckpointError(template.split(". ")[0].rstrip(".") + ".", **values)
    notes = notes_of_part(outcome.take, story.request, story.facts.part)
    assert notes is not None
    shift = origin.shift_ticks
    inside = notes.where(notes.starting_between(origin.from_tick - shift, origin.to_tick - shift))
    song = replace_span(song, index, origin.from_tick, origin.to_tick, earlier(inside, -shift)).song
    save_song(song, args.output)
    first = bar_words(song.time_map, origin.from_tick, origin.to_tick)
    if args.json:
        print_json({"file": str(args.output), "notes": len(inside), "is_same": True, **facts_of(entry, index, origin)})
    else:
        same = "the very same as when it was kept" if len(inside) == 1 else "the very same as when they were kept"
        say(f"{args.output}: {in_english((first,))}, {counted(len(inside), 'note', 'notes')}, {same}")
    return 0


def entry_of(path: Path) -> Entry:
    """What a project holds.

    Raises:
        UsageError: The file is none.
        MidiImportError: It cannot be opened.
    """
    if not is_project(path):
        raise UsageError("{file} is no project, and only projects know where their bars come from.", file=path)
    return read_project(path).entry


def composed_again(request: GenerationRequest) -> tuple[Take, ...]:
    """The takes of a request that was made some day.

    Raises:
        CheckpointError: Its model is missing.
        MusicAssistError: It makes no sense any more.
    """
    if request.kind == ACCOMPANY:
        return accompaniment_takes(request, lambda: False)
    return make_engine(checkpoints_folder()).generate(request)


def _region_at(entry: Entry, tick: int, args: argparse.Namespace) -> tuple[int, Origin]:
    of_track = None if args.track is None else track_named(entry.song, args.track)
    bar_end = entry.song.time_map.bar_line_at_or_after(tick + 1)
    for index, origin in regions(entry.song):
        if of_track in (None, index) and origin.from_tick < bar_end and tick < origin.to_tick:
            return index, origin
    raise UsageError("No take was kept in bar {bar}.", bar=args.bar)


def facts_of(entry: Entry, index: int, origin: Origin) -> dict[str, object]:
    """The JSON of some bars that a take was kept in; ``story`` is null where nobody knows it any more."""
    song = entry.song
    story = story_at(entry.pages, origin)
    first = {
        "track": index + 1,
        "from_beat": song.time_map.tick_to_beats(origin.from_tick),
        "to_beat": song.time_map.tick_to_beats(origin.to_tick),
        "bars": in_english((bar_words(song.time_map, origin.from_tick, origin.to_tick),)),
        "story": None,
    }
    if story is None:
        return first
    edits = edits_since(story, origin, song.tracks[index].notes)
    facts, request = story.facts, story.request
    return {
        **first,
        "story": {
            "words": in_english((*story_words(story), *edits.words)),
            "kept_unix_seconds": facts.at_unix_seconds,
            "program": facts.program,
            "kind": request.kind,
            "model": facts.model,
            "weights": {own.name: own.sha256 for own in facts.weights},
            "seed": request.seed,
            "take": facts.number,
            "offered": facts.offered,
            "chosen_from": facts.chosen_from,
            "notes": edits.count,
            "edited": edits.edited,
            "removed": edits.removed,
            "added": edits.added,
        },
    }
