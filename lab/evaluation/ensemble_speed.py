"""What takes of all parts cost beside takes of a line, in one run: ``python -m lab.evaluation.ensemble_speed SONG``.

SONG is a MIDI file with several tracks; its melody is continued alone by the default model, then all tracks together.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import default_track_index
from musicassist.families.registry import FAMILIES, make_engine
from musicassist.midi import read_song

TAKES, BARS = 4, 4


def timed(engine: Engine, request: GenerationRequest, times: int) -> tuple[float, float]:
    """Median seconds of a request with another random number each time, and notes of all tracks in a second."""
    took, notes = [], 0
    for number in range(times + 1):  # the first one reads the seed anew, the others as a second press does
        began = time.perf_counter()
        takes = engine.generate(replace(request, seed=request.seed + number))
        took.append(time.perf_counter() - began)
        notes = sum(len(take.notes) + sum(len(part.notes) for part in take.parts) for take in takes)
    return float(np.median(took[1:])), notes / took[-1]


def main() -> None:
    """Prints a JSON line for each request."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("song", type=Path)
    words.add_argument("--times", type=int, default=5)
    words.add_argument("--line", help="the model of the line (default: the one that continues by itself)")
    given = words.parse_args()
    song, engine = read_song(given.song).song, make_engine()
    line = given.line or FAMILIES.default_model(engine.models(), "continue")
    track = default_track_index(song)
    # no more are composed than are shown: four takes, as before a critic chose
    own = GenerationRequest("continue", song, track, bars=BARS, takes=TAKES, candidates=1, model=line, seed=1)
    alone, _ = timed(engine, own, given.times)
    print(json.dumps({"model": line, "takes": TAKES, "bars": BARS, "seconds": round(alone, 3)}), flush=True)
    for takes in (TAKES, 1):
        request = replace(own, model="ensemble", all_parts=True, takes=takes)
        seconds, rate = timed(engine, request, given.times)
        tracks = 1 + len(engine.generate(request)[0].parts)
        page = {"model": "ensemble", "takes": takes, "bars": BARS, "tracks": tracks, "seconds": round(seconds, 3)}
        page |= {"times the line": round(seconds / alone, 2), "notes a second": round(rate)}
        print(json.dumps(page), flush=True)


if __name__ == "__main__":
    main()
