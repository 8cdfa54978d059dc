"""What the critic learns from: real continuations, and the product's own takes of the same phrases.

``python -m lab.training.critic_takes DATA FILE`` reads phrases of one side of the split and writes a JSON line for each
as it composes. Half of the takes end where they are cut, half go on.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.errors import MusicAssistError
from musicassist.evaluation.phrases import FOLLOWING_BARS, SEED_BARS, Phrase, windows_of
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import Line, Report, leave_out_of, read_lines
from musicassist.resources import checkpoints_folder
from musicassist.score.keys import key_at
from musicassist.score.song import Note, Notes, Track
from musicassist.score.theory import Key
from musicassist.tokens.codec import Melody, encode
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

Row = tuple[int, int, int]  # onset step, pitch, steps
TAKES = 8
OTHER_MODELS = ("lstm", "lstm-seed", "lstm-attention", "transformer", "markov")
OTHER_SHARE = 0.35  # of the phrases, whose takes are those of another model than the default
KEY_SAID_SHARE = 0.5  # of the phrases whose key is known; else it is heard
CHORDS_TOLD_SHARE = 0.7  # of the phrases that have some
BEYOND_SHARE = 0.5  # of the requests that ask for more bars than are kept
_TICKS = 480 // STEPS_PER_BEAT
_CHORD_VELOCITY = 60


@dataclass(frozen=True)
class Example:
    """A phrase, what followed it, and takes of it, all on the grid from the phrase's first bar line on.

    Attributes:
        source: Of which piece.
        model: Whose takes.
        bar_steps: Length of each bar.
        tonic: Pitch class of the key that the engine is told of, or 12.
        goes_on: Whether the takes were asked to go on behind the cut.
        seed, real, takes: Notes.
    """

    source: str
    model: str
    bar_steps: int
    tonic: int
    goes_on: bool
    seed: tuple[Row, ...]
    real: tuple[Row, ...]
    takes: tuple[tuple[Row, ...], ...]

    def as_json(self) -> str:
        """One line."""
        return json.dumps(vars(self), separators=(",", ":"))

    @staticmethod
    def of_json(text: str) -> Example:
        """The same again."""
        row = json.loads(text)
        notes = {name: tuple(map(tuple, row[name])) for name in ("seed", "real")}
        return Example(**{**row, **notes, "takes": tuple(tuple(map(tuple, take)) for take in row["takes"])})


def read_examples(path: Path) -> list[Example]:
    """Those of a file that is being written or done."""
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    return [Example.of_json(line) for line in lines[:-1]]


def some_phrases(data: Path, split: str, leave_out: frozenset[str], count: int, seed: int) -> Iterator[Phrase]:
    """Phrases of pieces drawn at random, at most two a piece; some have its chords in a second track."""
    random = np.random.default_rng(seed)
    with (data / "split.csv").open(encoding="utf-8", newline="") as file:
        sources = sorted(f"{row['dataset']}/{row['file']}" for row in csv.DictReader(file) if row["split"] == split)
    chosen = set(random.permutation(sources)[: 2 * count].tolist())
    lines = read_lines(
        [data], Report(), splits=(split,), leave_out=leave_out | (frozenset(sources) - chosen), other_lines=False
    )
    found = [(line, phrase) for line in lines for phrase in windows_of([line], 2, seed=seed)]
    for place in random.permutation(len(found))[:count]:
        line, phrase = found[int(place)]
        yield _with_chords(phrase, line) if random.random() < CHORDS_TOLD_SHARE else phrase


def _with_chords(phrase: Phrase, line: Line) -> Phrase:
    """The phrase with the chords of its piece in a second track, as far as the bars go that are asked for."""
    first = _first_step(phrase, line)
    last = first + 2 * phrase.to_tick // _TICKS
    starts, masks = line.place.chord_starts, line.place.chord_masks
    notes = [
        Note((start - first) * _TICKS, 48 + tone, (stop - start) * _TICKS, _CHORD_VELOCITY)
        for start, stop, mask in zip(starts, (*starts[1:], last)[: len(starts)], masks, strict=True)
        for tone in range(12)
        if first <= start < last and stop > start and mask >> tone & 1
    ]
    if not notes:
        return phrase
    return replace(phrase, song=replace(phrase.song, tracks=(*phrase.song.tracks, Track("CHORDS", Notes.of(notes)))))


def _first_step(phrase: Phrase, line: Line) -> int:
    """Where in its piece the phrase begins: where its own notes stand."""
    own = encode(phrase.song.tracks[0].notes, 480)
    bars, onset = line.place.bars, line.melody.onset_step
    for bar in range(bars.bar_at(int(onset[0])), bars.bar_at(int(onset[-1])) + 1):
        start = bars.bar_start_tick(bar)
        at = int(np.searchsorted(onset, start + own.onset_step[0]))
        part = line.melody.rows(at, at + len(own))
        if np.array_equal(part.onset_step - start, own.onset_step) and np.array_equal(part.pitch, own.pitch):
            return start
    return 0


def example_of(engine: Engine, phrase: Phrase, model: str, *, takes: int, seed: int) -> Example:
    """Takes of a phrase as the window asks for them, cut where the phrase's own continuation is cut."""
    random = np.random.default_rng(seed)
    song, melody = phrase.song, phrase.song.tracks[0].notes
    if random.random() >= KEY_SAID_SHARE:
        song = replace(song, key_changes=())
    key = key_at(song, phrase.from_tick).key
    goes_on = bool(random.random() < BEYOND_SHARE)
    bar_ticks = song.time_map.bar_start_tick(1)
    line = song.time_map.bar_line_at_or_after(int(melody.end_tick.max()))
    bars = (phrase.to_tick - line) // bar_ticks + (FOLLOWING_BARS if goes_on else 0)
    request = GenerationRequest(
        "continue", song, bars=bars, takes=takes, candidates=1, seed=seed, model=model, constraints=Constraints(key=key)
    )
    made = [_rows(take.notes, phrase.to_tick) for take in engine.generate(request)]
    return Example(
        phrase.source,
        model,
        bar_ticks // _TICKS,
        key.tonic if isinstance(key, Key) else 12,
        goes_on,
        _rows(melody, phrase.from_tick),
        _rows(phrase.truth, phrase.to_tick),
        tuple(take for take in made if take),
    )


def _rows(notes: Notes, to_tick: int) -> tuple[Row, ...]:
    melody: Melody = encode(notes.where(notes.start_tick < to_tick), 480)
    end = to_tick // _TICKS
    return tuple((onset, pitch, min(steps, end - onset)) for onset, pitch, steps, _ in melody if onset < end)


def examples(
    engine: Engine, phrases: Sequence[Phrase], default: str, others: Sequence[str], *, seed: int
) -> Iterator[Example]:
    """One of each phrase; most by the default model."""
    for number, phrase in enumerate(phrases):
        random = np.random.default_rng((seed, number))
        is_other = bool(others) and random.random() < OTHER_SHARE
        model = others[int(random.integers(len(others)))] if is_other else default
        try:
            yield example_of(engine, phrase, model, takes=TAKES, seed=int(random.integers(2**31)))
        except MusicAssistError:  # a phrase that the window would refuse as well
            continue


def main() -> None:
    """Composes and writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("file", type=Path)
    words.add_argument("--split", default="train", choices=("train", "valid"))
    words.add_argument("--benchmark", type=Path, help="a splits.json whose test tunes are left out")
    words.add_argument("--phrases", type=int, default=1500)
    words.add_argument("--model", help="whose takes most are (default: the one that continues by itself)")
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    engine = Engine(checkpoints_folder(), FAMILIES)
    default = given.model or FAMILIES.default_model(FAMILIES.installed(checkpoints_folder()), "continue")
    left_out = leave_out_of(given.benchmark) if given.benchmark else frozenset()
    phrases = list(some_phrases(given.data, given.split, left_out, given.phrases, given.seed))
    print(len(phrases), "phrases of", SEED_BARS, "bars", flush=True)
    there = {card.name for card in engine.models()}
    others = [name for name in OTHER_MODELS if name in there and name != default]
    with given.file.open("w", encoding="utf-8") as file:
        for example in examples(engine, phrases, default, others, seed=given.seed):
            file.write(example.as_json() + "\n")
            file.flush()


if __name__ == "__main__":
    main()
