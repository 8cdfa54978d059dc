"""Who composed which bars of a take: the request, the take as it came, and the files that had a say in it.

A take is often put together of others: a mix, another ending, a join that was mended. Each stretch of it knows its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

if TYPE_CHECKING:
    from musicassist.composing.request import GenerationRequest, Take

HELPERS = ("critic", "chord-detector", "progressions")  # files that may have a say in takes of any model
_BLOCK_BYTES = 2**20


@dataclass(frozen=True)
class WeightsFile:
    """A file of learned numbers.

    Attributes:
        name: Without its suffix: what ``--model`` takes, or one of the helpers.
        sha256: Of its content, in hexadecimal.
    """

    name: Annotated[str, Meta(max_length=200)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


def weights_file(path: Path) -> WeightsFile | None:
    """What identifies a file; None where it cannot be read. Takes a hundredth of a second for each 10 MB, once."""
    try:
        status = path.stat()
        return WeightsFile(path.stem, _sha256(path, status.st_mtime_ns, status.st_size))
    except OSError:
        return None


@lru_cache(maxsize=64)
def _sha256(path: Path, _mtime_ns: int, _size: int) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            hashed.update(block)
    return hashed.hexdigest()


@dataclass(frozen=True, eq=False)
class Composed:
    """How a take came into being.

    Attributes:
        request: What was asked, of the model that composed.
        take: As it was composed, all of it; its number is that among the takes of the request.
        weights: The files that had a say: the model first, then its parts and helpers; none for what no model made.
        part: The one of its tracks that this is, as ``session.stories.Facts`` has it; None where it is all of them.
    """

    request: GenerationRequest
    take: Take
    weights: tuple[WeightsFile, ...] = ()
    part: int | None = None


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some bars of a take, and how they came into being.

    Attributes:
        from_tick, to_tick: Where they lie in the song.
        composed: How.
        shift_ticks: How much later they lie than they were composed.
    """

    from_tick: int
    to_tick: int
    composed: Composed
    shift_ticks: int = 0


Stretches = tuple[Stretch, ...]


def with_composed(take: Take, request: GenerationRequest, weights: tuple[WeightsFile, ...] = ()) -> Take:
    """A take that was just composed, all of it so."""
    return replace(take, composed=(Stretch(take.from_tick, take.to_tick, Composed(request, take, weights)),))


def between(stretches: Stretches, from_tick: int, to_tick: int) -> Stretches:
    """What of them lies in [from_tick, to_tick)."""
    cut = (replace(s, from_tick=max(s.from_tick, from_tick), to_tick=min(s.to_tick, to_tick)) for s in stretches)
    return tuple(s for s in cut if s.from_tick < s.to_tick)


def shifted(stretches: Stretches, ticks: int) -> Stretches:
    """All of them later by some ticks."""
    return tuple(Stretch(s.from_tick + ticks, s.to_tick + ticks, s.composed, s.shift_ticks + ticks) for s in stretches)


def laid_over(stretches: Stretches, others: Iterable[Stretch]) -> Stretches:
    """With others in their place, in order of time."""
    kept = stretches
    for other in others:
        last = max((s.to_tick for s in kept), default=0)
        kept = (*between(kept, 0, other.from_tick), other, *between(kept, other.to_tick, last))
    return tuple(sorted(kept, key=lambda s: s.from_tick))
