"""What is asked of the composing engine, and what it gives back: frozen values that may cross threads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musicassist.score.chords import Chord
from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import Notes, Song
from musicassist.score.theory import Key

KINDS = ("continue", "generate", "infill", "vary", "interpolate")


@dataclass(frozen=True)
class Constraints:
    """Demands on the new notes. They are a mask on the sampler, so what is made always meets them.

    Attributes:
        key: New notes stay in this scale; None allows all pitches.
        lowest_pitch, highest_pitch: Range of the new notes, both inclusive, MIDI numbers.
        chords: One chord a bar from the first new bar on, repeated; notes on a beat are then chord tones.
        density: Most notes per beat, on the average of a bar; None leaves it to the model.
        polyphony: Most notes at once; a melody model makes one whatever is allowed.
        only_new: No more than eight notes in a row are copied from what stands before them.
        begins_at_once: The first note starts with the span.
    """

    key: Key | None = None
    lowest_pitch: int = 0
    highest_pitch: int = 127
    chords: tuple[Chord, ...] = ()
    density: float | None = None
    polyphony: int | None = None
    only_new: bool = False
    begins_at_once: bool = False


@dataclass(frozen=True)
class GenerationRequest:
    """One press of the button.

    Attributes:
        kind: One of ``KINDS``: ``continue``, ``generate`` (from nothing), ``infill`` (a gap between what stands before
            and behind it), ``vary`` (what stands in the span) or ``interpolate`` (from there to another phrase).
        song: The song as it was at the press.
        track_index: The track that is continued.
        selection: Mask over that track's notes; None means the whole track.
        bars: Whole bars wanted: after the bar that is begun, or from nothing. The other kinds have their span.
        takes: How many alternatives; of ``interpolate``, how many phrases on the way.
        seed: Random number; equal requests give equal notes on one machine.
        temperature: 1 samples from the model as it is, less is safer.
        top_p: Share of probability that is sampled from (nucleus).
        style: A name of ``tokens.vocabulary.STYLES``, or None.
        constraints: Demands on the new notes.
        model: Name of the model.
        revision: The document's revision at the press.
        from_tick, to_tick: The span of ``infill``, ``vary`` and ``interpolate``, from bar line to bar line; what
            starts in it goes. ``generate`` begins at ``from_tick``.
        amount: How far a variation goes from its phrase, 0..1.
        other, other_track: Where the second phrase of ``interpolate`` stands.
        at_tick: Where ``continue`` goes on, from what starts before it; None: where the notes end.
    """

    kind: str
    song: Song
    track_index: int = 0
    selection: NDArray[np.bool_] | None = None
    bars: int = 4
    takes: int = 4
    seed: int = 0
    temperature: float = 1.0
    top_p: float = 0.95
    style: str | None = None
    constraints: Constraints = field(default_factory=Constraints)
    model: str = "lstm"
    revision: int = 0
    from_tick: int = 0
    to_tick: int = 0
    amount: float = 0.5
    other: Song | None = None
    other_track: int = 0
    at_tick: int | None = None


@dataclass(frozen=True)
class Take:
    """One alternative.

    Attributes:
        notes: The new notes, in the song's ticks.
        from_tick, to_tick: The span they fill; ``to_tick`` is a bar line.
        model: Name of the model that made it.
        seed: The request's random number.
        number: 1 for the first take of a request.
        in_scale_share: Share of the notes in the key that was asked for or, without one, detected; 1.0 without notes.
        originality: Share of its notes that continue no run of more than eight notes copied from what stands before.
        constraints: What it was made under.
        revision: The document's revision that it continues.
        amends: What puts volume, bend, pedals and tempo right for its notes, where the phrase left them otherwise.
    """

    notes: Notes
    from_tick: int
    to_tick: int
    model: str
    seed: int
    number: int
    in_scale_share: float
    originality: float
    constraints: Constraints
    revision: int = 0
    amends: Amends = NO_AMENDS
