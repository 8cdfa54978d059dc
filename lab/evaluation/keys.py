"""How often the printed key is heard, beside Krumhansl's profiles and music21."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lab.evaluation.labelled_keys import WHOLE, LabelledKey, contradicts, labelled_keys
from musicassist.evaluation.figures import Figure
from musicassist.score.evidence import KeyEvidence
from musicassist.score.keys import key_heard
from musicassist.score.theory import Key, parse_pitch_class

OURS, KRUMHANSL, MUSIC21 = "musicassist", "Krumhansl's profiles", "music21"
LENGTHS = {4: "first four bars", WHOLE: "whole piece"}
SPLITS = ("valid", "test")
PRINTED = ("cre", "folk_bysa", "mutopia", "nottingham", "openhymnal", "pop909")  # sets whose pieces name their keys
Finder = Callable[[LabelledKey], Key | None]

# Source: Krumhansl (1990), Cognitive Foundations of Musical Pitch, table 2.1 (probe-tone profiles).
_MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def krumhansl_key(evidence: KeyEvidence) -> Key | None:
    """The key by Krumhansl and Schmuckler's method: the profile that correlates best with the time of each pitch class.

    Source: Krumhansl (1990), chapter 4.
    """
    time = evidence.time_ticks - evidence.time_ticks.mean()
    keys = [Key(tonic, scale) for scale in ("major", "minor") for tonic in range(12)]
    rows = np.array(
        [np.roll(p, key.tonic) for p, key in zip([_MAJOR_PROFILE] * 12 + [_MINOR_PROFILE] * 12, keys, strict=True)]
    )
    rows -= rows.mean(axis=1, keepdims=True)
    scores = rows @ time / np.linalg.norm(rows, axis=1)
    return keys[int(np.argmax(scores))] if time.any() else None


def music21_key(stretch: LabelledKey) -> Key | None:
    """What music21's ``analyze('key')`` says, which weighs pitches by their time.

    Raises:
        ImportError: music21 is not installed; it belongs to the extra ``lab``.
    """
    from music21 import note, stream

    beats: dict[int, float] = {}
    for notes in stretch.parts:
        for pitch, ticks in zip(notes.pitch.tolist(), notes.duration_ticks.tolist(), strict=True):
            beats[pitch] = beats.get(pitch, 0.0) + ticks / 480
    line = stream.Stream([note.Note(pitch, quarterLength=length) for pitch, length in sorted(beats.items())])
    found = line.analyze("key")
    return Key(parse_pitch_class(found.tonic.name.replace("-", "b")), found.mode)


def key_figures(folders: Sequence[Path]) -> list[Figure]:
    """Shares of answers that are right, right or relative, and against the notes, by set and for all sets together.

    An answer is right with the printed tonic and the same third, and relative with the printed seven tones; no answer
    is wrong. Sets whose files call every key major print signatures, so for them only the seven tones count.
    """
    finders: dict[str, Finder] = {OURS: _ours, KRUMHANSL: _krumhansl}
    if _has_music21():
        finders[MUSIC21] = music21_key
    else:
        print(f"{MUSIC21} is not installed (pip install musicassist[lab]); its rows are left out.", file=sys.stderr)
    stretches = labelled_keys(folders, SPLITS, tuple(LENGTHS))
    answers = {name: [find(stretch) for stretch in stretches] for name, find in finders.items()}
    return [row for name, own in answers.items() for row in _figures(name, stretches, own)]


def _ours(stretch: LabelledKey) -> Key | None:
    return key_heard(stretch.evidence)


def _krumhansl(stretch: LabelledKey) -> Key | None:
    return krumhansl_key(stretch.evidence) if stretch.evidence is not None else None


def _has_music21() -> bool:
    try:
        import music21  # noqa: F401
    except ImportError:
        return False
    return True


def _figures(name: str, stretches: Sequence[LabelledKey], answers: Sequence[Key | None]) -> list[Figure]:
    rows: list[Figure] = []

    def add(metric: str, split: str, hits: Sequence[bool]) -> None:
        if hits:
            rows.append(Figure(metric, name, float(np.mean(hits)), "share", len(hits), split=split))

    sides = {**{split: (split,) for split in SPLITS}, " and ".join(SPLITS): SPLITS}
    for bars, words in LENGTHS.items():
        for side, splits in sides.items():
            own = [(s, a) for s, a in zip(stretches, answers, strict=True) if s.bars == bars and s.split in splits]
            named = [(s, a) for s, a in own if s.names_tonic]
            add(f"key of the {words}, right or relative, all sets", side, [s.is_right_or_relative(a) for s, a in own])
            add(
                f"key of the {words}, right or relative, sets that print tonics",
                side,
                [s.is_right_or_relative(a) for s, a in named],
            )
            add(
                f"key of the {words}, right or relative, sets that name keys",
                side,
                [s.is_right_or_relative(a) for s, a in own if s.dataset in PRINTED],
            )
            add(f"key of the {words}, right, sets that print tonics", side, [s.is_right(a) for s, a in named])
            known = [(s.evidence, a) for s, a in own if a is not None]
            add(
                f"key of the {words} contradicts a degree of the notes, all sets",
                side,
                [evidence is not None and contradicts(a, evidence) for evidence, a in known],
            )
        for dataset in sorted({s.dataset for s in stretches}):
            own = [(s, a) for s, a in zip(stretches, answers, strict=True) if s.bars == bars and s.dataset == dataset]
            side = " and ".join(SPLITS)
            add(f"key of the {words}, right or relative, {dataset}", side, [s.is_right_or_relative(a) for s, a in own])
            if own and own[0][0].names_tonic:
                add(f"key of the {words}, right, {dataset}", side, [s.is_right(a) for s, a in own])
    return rows
