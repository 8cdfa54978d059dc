"""Compose exactly this again: takes of every model are kept in projects, and composed anew in a new process.

``python -m lab.evaluation.composed_again --seeds 3`` keeps, closes, opens in another process, and counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.engine import Engine
from musicassist.composing.request import ACCOMPANY, VERBS, Constraints, GenerationRequest, Take
from musicassist.document.document import Document
from musicassist.document.entry import Entry
from musicassist.document.project_file import begin_project
from musicassist.document.project_reading import read_project
from musicassist.errors import MusicAssistError
from musicassist.families.registry import make_engine
from musicassist.midi import read_song
from musicassist.resources import checkpoints_folder, demo_song
from musicassist.score.keys import key_at
from musicassist.score.song import Song
from musicassist.session.again import outcome_of
from musicassist.session.stories import story_at, write_take
from musicassist.session.story_words import regions

TAKES = 3


def main() -> None:
    """The command; with ``--check`` the process that opens the projects."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--check", type=Path)
    args = parser.parse_args()
    if args.check is not None:
        print(json.dumps({path.stem: is_same(path) for path in sorted(args.check.glob("*.musicassist"))}))
        return
    with tempfile.TemporaryDirectory() as folder:
        kept = keep(Path(folder), args.seeds)
        command = [sys.executable, "-m", "lab.evaluation.composed_again", "--check", folder]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(said.stdout)
    same = sum(row["same"] for row in found.values())
    all_regions = sum(row["regions"] for row in found.values())
    print(f"{kept} kept takes of {len({name.split('.')[0] for name in found})} models, {all_regions} regions in all:")
    print(f"identical in a new process: {same} of {all_regions}")
    for name, row in found.items():
        if row["same"] != row["regions"]:
            print(f"  {name}: {row}")


def keep(folder: Path, seeds: int, only: tuple[str, ...] = ()) -> int:
    """Keeps a take of each model and verb in a project of its own; how many there are."""
    engine, song, count = make_engine(checkpoints_folder()), read_song(demo_song()).song, 0
    for card in engine.models():
        if only and card.name not in only:
            continue
        for verb in card.verbs:
            for seed in range(seeds):
                takes, request = _takes(engine, song, card.name, verb, seed)
                if takes:
                    _write(folder / f"{card.name}.{verb}.{seed}.musicassist", song, takes, request, seed)
                    count += 1
    for seed in range(seeds):
        request = GenerationRequest(ACCOMPANY, song, 0, to_tick=song.time_map.bar_start_tick(4), seed=seed)
        takes = accompaniment_takes(request, lambda: False)
        _write(folder / f"accompaniment.{ACCOMPANY}.{seed}.musicassist", song, takes, request, seed)
        count += 1
    return count


def _takes(engine: Engine, song: Song, model: str, verb: str, seed: int) -> tuple[tuple[Take, ...], GenerationRequest]:
    """Takes under rules that are drawn at random."""
    random = np.random.default_rng(seed)
    bars = song.time_map
    request = GenerationRequest(
        verb,
        song,
        0,
        model=model,
        seed=int(random.integers(2**31)),
        takes=TAKES,
        bars=int(random.integers(2, 5)),
        candidates=int(random.choice([1, 4])),
        temperature=float(random.uniform(0.7, 1.3)),
        from_tick=bars.bar_start_tick(1) if verb in VERBS[1:] else 0,
        to_tick=bars.bar_start_tick(3) if verb in VERBS[1:] else 0,
        constraints=Constraints(
            key=key_at(song).key if random.random() < 0.5 else None,
            lowest_pitch=int(random.choice([0, 55])),
            only_new=bool(random.random() < 0.3),
        ),
        other=song if verb == "interpolate" else None,
    )
    if verb == "continue" and seed % 2 == 1 and len(song.tracks) > 1:
        try:
            return engine.generate(replace(request, all_parts=True)), replace(request, all_parts=True)
        except MusicAssistError:
            pass  # it writes one line
    try:
        return engine.generate(request), request
    except MusicAssistError as error:
        print(f"{model} {verb}: {error}", file=sys.stderr)
        return (), request


def _write(path: Path, song: Song, takes: tuple[Take, ...], request: GenerationRequest, seed: int) -> None:
    document = Document(song)
    write_take(document, takes[seed % len(takes)], request, song, request.track_index, offered=len(takes))
    entry = Entry(document.song, path, document.selected_track, undo=document.undo_list, pages=document.pages)
    project = begin_project(path, entry)
    project.save()
    project.close()


def is_same(path: Path) -> dict[str, int]:
    """How many regions a project has, and how many of them are composed again note for note."""
    entry = read_project(path).entry
    engine, same, rows = make_engine(checkpoints_folder()), 0, regions(entry.song)
    for _, origin in rows:
        story = story_at(entry.pages, origin)
        assert story is not None
        request = story.request
        is_arranged = request.kind == ACCOMPANY
        made = accompaniment_takes(request, lambda: False) if is_arranged else engine.generate(request)
        same += outcome_of(story, made).is_same
    return {"regions": len(rows), "same": same}


if __name__ == "__main__":
    main()
