"""How a field of what may be asked for is said on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from musicassist.tokens.vocabulary import STYLES

# what options do, for --help
STRENGTH = (
    "how the song's chords bind the new notes: off, heard (told to the model; the default), strong (chord tones on "
    "strong beats) or always"
)
SCALE_STRENGTH = (
    "how the scale binds the new notes: off, tend (notes outside are less likely; by itself in the song's own key) or "
    "keep (the default)"
)
RHYTHM = (
    "where notes start: kept (bars with the rhythm of a bar of the phrase), free (the default), straight (no triplets, "
    "no swing), triplets (on beats and their thirds) or swing (on beats and eighths, as late as the phrase plays them)"
)
ENDING = (
    "how they end: open (may go on at once), closed (come home), loop (lead back into the first bar) or auto (closed "
    "where a period of eight bars is full; the default); of several parts together all end so"
)
TAKES = "how many alternatives; more than one are numbered OUT-1, OUT-2, ..."
CANDIDATES = (
    "how many are composed, of which a critic gives the best, the best first; 1 gives them as they come (default "
    "%(default)s; not fewer than the takes)"
)
AMOUNT = "how far from the phrase, 0 (near) to 1 (far); default %(default)s"
CLOSENESS = "from -1 (further from the phrase) to 1 (closer to it); default %(default)s"
SURPRISE = "from -1 (what the model expects) to 1 (what surprises it); default %(default)s"
STYLE = f"one of {', '.join(STYLES[1:])}"
INTENT = (
    "the idea of every take: answer the phrase, repeat it and close, go on, contrast, or a sequence upwards (default: "
    "takes get different ones)"
)
NEW_TO_TRAINING = (
    "refuse takes that have a longer run of notes in common with the music that the models learned from than 95 %% of "
    "human pieces have"
)
SEED = "random number; the same one gives the same notes (default: a new one, which the answer names)"
MODEL = "a name that 'musicassist models' lists, or a .safetensors file (default: the best one installed)"


@dataclass(frozen=True)
class Option:
    """How a field is said on the command line.

    Attributes:
        flag: As it is written there.
        help: What it does.
        metavar: What stands for its value; None lets the flag say it.
        limits: The least and the most.
        is_least_meant: Whether a number that need not be whole may be the least; else it must be above it.
        parse: Reads the value, with a ValueError in words; None reads it as what the field is.
        choices: All values that there are; empty where that is not a list.
        fills: The fields that the parts of its value go to, where it has several.
        words: The composing words that have it; empty for all.
    """

    flag: str
    help: str
    metavar: str | None = None
    limits: tuple[float, float] | None = None
    is_least_meant: bool = False
    parse: Callable[[str], object] | None = None
    choices: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def said(*said: Any, **more: Any) -> dict[str, Option]:
    """What a field has that the command line offers; the arguments are those of ``Option``."""
    return {"option": Option(*said, **more)}
