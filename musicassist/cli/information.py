"""``musicassist info`` and ``models``: what is in a MIDI file, and which models are installed."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from musicassist.cli.arguments import add_pickup_option, with_pickup
from musicassist.cli.provenance import entry_of
from musicassist.cli.provenance import facts_of as region_facts
from musicassist.document.entry import Entry
from musicassist.document.instruments import programs_heard
from musicassist.document.opening import read_file
from musicassist.document.pages import under
from musicassist.document.project_file import is_project
from musicassist.families.registry import FAMILIES
from musicassist.midi import ImportedSong
from musicassist.models.cards import ModelCard
from musicassist.resources import checkpoints_folder
from musicassist.score.keys import key_at
from musicassist.score.meant_times import meant_end_line_tick
from musicassist.score.pickup import suspected_pickup_ticks
from musicassist.score.song import Song
from musicassist.score.timing import spoken_bpm
from musicassist.session.shelf import FOLDER, read_page
from musicassist.session.story_words import UNTOLD, regions
from musicassist.terminal import counted, print_json, print_table, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``info``; ``models`` has none."""
    if parser.get_default("word") == "info":
        parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project")
        add_pickup_option(parser)


def run(args: argparse.Namespace) -> int:
    """Says what is in the file, or lists the models."""
    if args.word == "models":
        _list_models(as_json=args.json)
        return 0
    imported = read_file(args.input)
    imported = replace(imported, song=with_pickup(imported.song, args.pickup))
    facts = facts_of(imported)
    if is_project(args.input):
        entry = entry_of(args.input)
        facts["regions"] = [region_facts(entry, index, origin) for index, origin in regions(entry.song)]
        facts["shelf"] = shelf_facts(entry)
    if args.json:
        print_json(facts)
    else:
        _print_in_words(imported, facts)
    return 0


def facts_of(imported: ImportedSong) -> dict[str, object]:
    """The JSON of ``info``. The key is written as ``--scale`` takes it; without a key in the file it is estimated."""
    song = imported.song
    key = key_at(song).key
    pickup_ticks = suspected_pickup_ticks(song)
    return {
        "format": imported.format,
        "ticks_per_beat": song.ticks_per_beat,
        "note_ons": imported.note_on_count,
        "notes": song.note_count,
        "bars": bar_count(song),
        "key": None if key is None else f"{key.tonic_name}:{key.scale}",
        "tempo_bpm": round(spoken_bpm(song.time_map.tempo_bpm_at(0)), 3),
        "tracks": [
            {"name": track.name, "program": program, "channel": track.channel, "notes": len(track.notes)}
            for track, program in zip(song.tracks, programs_heard(song), strict=True)
        ],
        "warnings": [str(warning) for warning in imported.warnings],
        "suspected_pickup_beats": None if pickup_ticks is None else song.time_map.tick_to_beats(pickup_ticks),
    }


def shelf_facts(entry: Entry) -> dict[str, int]:
    """How many earlier offers a project keeps, with how many takes; how many have a star, and how many are damaged."""
    read = [read_page(page).shelved for page in under(entry.pages, FOLDER).values()]
    kept = [shelved for shelved in read if shelved is not None]
    return {
        "offers": len(kept),
        "takes": sum(len(shelved.offer.takes) for shelved in kept),
        "starred": sum(shelved.is_pinned for shelved in kept),
        "damaged": len(read) - len(kept),
    }


def bar_count(song: Song) -> int:
    """Bars up to the last note's end as it is meant; 0 without notes."""
    return song.time_map.bar_at(meant_end_line_tick(song))


def _print_in_words(imported: ImportedSong, facts: dict[str, object]) -> None:
    song = imported.song
    found = key_at(song)
    key = "no key" if found.key is None else str(found.key) + ("" if found.is_stated else " (estimated)")
    seconds = song.time_map.tick_to_seconds(song.end_tick)
    say(
        f"Format {imported.format}, {song.ticks_per_beat} ticks per beat, {counted(song.note_count, 'note', 'notes')}, "
        f"{counted(bar_count(song), 'bar', 'bars')}, {seconds:.1f} s, {song.time_map.meter_at(0)}, {key}, "
        f"{spoken_bpm(song.time_map.tempo_bpm_at(0)):g} bpm"
    )
    rows = [
        (index + 1, track.name, "drums" if song.is_drum_track(index) else program, track.channel + 1, len(track.notes))
        for index, (track, program) in enumerate(zip(song.tracks, programs_heard(song), strict=True))
    ]
    if rows:
        print_table(rows, header=("track", "name", "program", "channel", "notes"))
    if facts["suspected_pickup_beats"] is not None:
        beats = facts["suspected_pickup_beats"]
        length = "1 beat" if beats == 1 else f"{beats:g} beats"
        print(f"It seems to begin with a pickup of {length}, so its bar lines are off: --pickup {beats:g}")
    for region in facts.get("regions", ()):  # type: ignore[attr-defined]
        story = region["story"]
        told = story["words"] if story is not None else UNTOLD
        say(f"Track {region['track']}, {region['bars']}: {told}")
    for warning in imported.warnings:
        say(f"Warning: {warning}")


def _list_models(*, as_json: bool) -> None:
    """From their cards."""
    cards = FAMILIES.installed(checkpoints_folder())
    if as_json:
        print_json([facts_of_model(card) for card in cards])
        return
    if not cards:
        say(f"No models are installed in {checkpoints_folder()}.")
        return
    rows = [(card.name, card.family, ", ".join(card.verbs), card.parameters, card.bytes) for card in cards]
    print_table(rows, header=("name", "family", "does", "parameters", "bytes"))
    for card in cards:
        say("")
        say(card.name)
        say(f"  trained on {_music_in_words(card.data)}")
        for name, value in card.metrics.items():
            say(f"  {name}: {_in_words(value)}")
        for licence in card.licences:
            say(f"  licence: {licence}")


def facts_of_model(card: ModelCard) -> dict[str, object]:
    """The JSON of one model."""
    return {
        "name": card.name,
        "family": card.family,
        "verbs": list(card.verbs),
        "parameters": card.parameters,
        "bytes": card.bytes,
        "data": dict(card.data),
        "licences": list(card.licences),
        "metrics": dict(card.metrics),
    }


def _music_in_words(data: Mapping[str, object]) -> str:
    """How much music a model has learned from."""
    read = data.get("read")
    counts = read if isinstance(read, dict) else {}
    pieces, notes = (
        sum(count for side, count in counts.get(what, {}).items() if side.startswith("train"))
        for what in ("pieces", "notes")
    )
    return f"{counted(pieces, 'piece', 'pieces')}, {counted(notes, 'note', 'notes')}"


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_in_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
