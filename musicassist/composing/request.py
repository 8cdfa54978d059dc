"""What is asked of the composing engine, and what it gives back: frozen values that may cross threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicassist.composing import option
from musicassist.composing.composed import Stretches
from musicassist.composing.option import Option, said
from musicassist.composing.originality import Evidence
from musicassist.composing.plan import BarPlan
from musicassist.composing.take_plan import INTENTS, TakePlan
from musicassist.score.chord_track import ChordSpan
from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import Chord, Key, parse_chords, parse_key, parse_pitch_range
from musicassist.tokens.vocabulary import STYLES

VERBS = ("continue", "infill", "vary", "interpolate", "generate")  # kinds of request, in the order of menus
ACCOMPANY = "accompany"  # a kind of request as well, which needs no model: see ``accompaniment_takes``
RECORDED, ANSWERED, PLACED = GIVEN = ("recorded", "answered", "placed")  # kinds of what nobody composes for it: rounds
# that were played, answers that were heard, and takes that are put into another place
MAX_TAKES = 64  # LIMIT: takes are decoded as one batch
CHOSEN_KINDS = ("continue", "infill", "generate")  # more are composed than are shown; the others keep to their phrase
DEFAULT_CANDIDATES, MANY_CANDIDATES = 8, 16
SURPRISE_HEAT = 1.6  # times the temperature at a surprise of 1
MAX_BARS = 256  # LIMIT: far more than a phrase, and still some seconds of work
KEEPS = ("rhythm", "pitches", "notes")  # what of notes stays that are composed anew; "notes": all but how loud they are
ENDINGS = ("auto", "open", "closed", "loop")
CHORD_STRENGTHS = ("off", "heard", "strong", "always")
SCALE_STRENGTHS = ("off", "tend", "keep")
RHYTHMS = ("kept", "free", "straight", "triplets", "swing")
_RANGE = ("lowest_pitch", "highest_pitch")
_NUMBERED = ("continue", "generate", "infill", "vary")


@dataclass(frozen=True)
class Constraints:
    """Demands on the new notes. They are a mask on the sampler, so what is made always meets them.

    Attributes:
        key: The scale that ``scale_strength`` is about; None allows all pitches.
        scale_strength: How the scale counts, one of ``SCALE_STRENGTHS``: not at all, as a bias, or as a mask.
        chords: One chord a bar from the first new bar on, repeated; notes on a beat are then chord tones.
        chord_strength: How the song's own chords count, one of ``CHORD_STRENGTHS``: not at all, told to the model, or
            a mask as well, on strong beats or for every note. Chords that are asked for count on beats at least.
        lowest_pitch, highest_pitch: Range of the new notes, both inclusive, MIDI numbers.
        density: Most notes per beat, on the average of a bar; None leaves it to the model.
        largest_leap: Most semitones from one note of the edited part to its next, of chords from lowest to lowest; None
            for any. The first one comes as near to the phrase as it can.
        rhythm: Where notes start, one of ``RHYTHMS``: see ``tokens.rhythm``.
        polyphony: Most notes at once in a track; a melody model makes one whatever is allowed, others no more than the
            track had before.
        only_new: No more than eight notes in a row are copied from what stands before them.
        new_to_training: Takes whose longest run shared with the training music is above what is usual are refused.
        begins_at_once: The first note starts with the span.
    """

    key: Key | None = field(
        default=None,
        metadata=said("--scale", "keep to a key or scale, as C:major or Eb:minor", "KEY", parse=parse_key),
    )
    scale_strength: str = field(
        default="keep", metadata=said("--scale-strength", option.SCALE_STRENGTH, choices=SCALE_STRENGTHS)
    )
    chords: tuple[Chord, ...] = field(
        default=(),
        metadata=said("--chords", 'one a bar, repeated, as "C G Am7 F6/9 N.C."', "CHORDS", parse=parse_chords),
    )
    chord_strength: str = field(
        default="heard", metadata=said("--chord-strength", option.STRENGTH, choices=CHORD_STRENGTHS)
    )
    lowest_pitch: int = field(
        default=0, metadata=said("--range", "keep between, as C4:C6", "RANGE", parse=parse_pitch_range, fills=_RANGE)
    )
    highest_pitch: int = 127
    density: float | None = field(default=None, metadata=said("--density", "notes per beat", "N", limits=(0.0, 48)))
    largest_leap: int | None = field(
        default=None, metadata=said("--largest-leap", "most semitones between two notes", "N", limits=(1, 127))
    )
    polyphony: int | None = field(
        default=None, metadata=said("--polyphony", "most notes at once", "N", limits=(1, 128))
    )
    rhythm: str = field(default="free", metadata=said("--rhythm", option.RHYTHM, choices=RHYTHMS))
    only_new: bool = field(default=False, metadata=said("--only-new", "do not repeat long runs of the phrase"))
    new_to_training: bool = field(default=False, metadata=said("--new-to-training", option.NEW_TO_TRAINING))
    begins_at_once: bool = False

    @property
    def kept_key(self) -> Key | None:
        """The scale that no new note leaves; None where there is none."""
        return self.key if self.scale_strength == "keep" else None

    @property
    def binds_chords(self) -> bool:
        """Whether some notes must be chord tones."""
        return bool(self.chords) or self.chord_strength in ("strong", "always")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for, whatever the song. The window's controls and the command line's options come from it.

    A new field is written here alone: a request takes all fields over, and with an ``Option`` the command line has it.

    Attributes:
        bars: Whole bars wanted: after the bar that is begun, or from nothing. The other kinds have their span.
        ending: How ``continue`` and ``generate`` end, one of ``ENDINGS``: see ``composing.endings``.
        takes: How many alternatives; of ``interpolate``, how many phrases on the way.
        candidates: How many takes are composed, of which the critic chooses those that are given and puts them in
            order (see ``composing.critic``); 1 gives them as they come, each note as soon as it is made. Variations
            and blends always come as they are.
        amount: How far a variation goes from its phrase, 0..1.
        model: Name of the model.
        seed: Random number; equal requests give equal notes on one machine. None takes a new one each time.
        temperature: 1 samples from the model as it is, less is safer.
        closeness: How takes lean to the phrase, from -1, away from it, to 1: by a bias on what is sampled, and by which
            takes are chosen; see ``composing.leaning``.
        surprise: How takes lean to what the model expects little, from -1, much, to 1: by heat and by choice.
        top_p: Share of probability that is sampled from (nucleus).
        constraints: Demands on the new notes.
        style: A name of ``tokens.vocabulary.STYLES``, or None.
        intent: The idea of every take, one of ``take_plan.INTENTS``; empty: takes get different ones.
    """

    bars: int = field(
        default=4,
        metadata=said("--bars", "whole bars (default %(default)s)", "N", (1, MAX_BARS), words=("continue", "generate")),
    )
    ending: str = field(
        default="auto", metadata=said("--ending", option.ENDING, choices=ENDINGS, words=("continue", "generate"))
    )
    takes: int = field(default=4, metadata=said("--takes", option.TAKES, "K", (1, MAX_TAKES), words=_NUMBERED))
    candidates: int = field(
        default=DEFAULT_CANDIDATES,
        metadata=said("--candidates", option.CANDIDATES, "N", (1, MAX_TAKES), words=CHOSEN_KINDS),
    )
    amount: float = field(
        default=0.5, metadata=said("--amount", option.AMOUNT, "X", (0.0, 1), is_least_meant=True, words=("vary",))
    )
    model: str = field(default="lstm", metadata=said("--model", option.MODEL, "MODEL"))
    seed: int | None = field(default=None, metadata=said("--seed", option.SEED, "N", (0, 2**63 - 1)))
    temperature: float = field(
        default=1.0, metadata=said("--temperature", "below 1 is safer, above is wilder", "T", (0.0, 10))
    )
    closeness: float = field(
        default=0.0, metadata=said("--closeness", option.CLOSENESS, "X", (-1.0, 1.0), is_least_meant=True)
    )
    surprise: float = field(
        default=0.0, metadata=said("--surprise", option.SURPRISE, "X", (-1.0, 1.0), is_least_meant=True)
    )
    top_p: float = field(
        default=0.95, metadata=said("--top-p", "share of probability to choose from (0.95)", "P", (0.0, 1))
    )
    constraints: Constraints = field(default_factory=Constraints)
    style: str | None = field(default=None, metadata=said("--style", option.STYLE, "STYLE", choices=STYLES[1:]))
    intent: str = field(
        default="", metadata=said("--intent", option.INTENT, choices=INTENTS, words=("continue", "generate", "infill"))
    )

    @property
    def heat(self) -> float:
        """What divides the model's logits. Of all distributions with one mean surprisal this is the most even one."""
        return float(self.temperature * SURPRISE_HEAT**self.surprise)


def options() -> dict[str, tuple[Option, Any]]:
    """By field of a wish and of its constraints, the option and the default of those that have one; switches last."""
    rows = [row for whole in fields(Wish) for row in (fields(Constraints) if whole.name == "constraints" else [whole])]
    asked = sorted((row for row in rows if "option" in row.metadata), key=lambda row: row.default is False)
    return {row.name: (row.metadata["option"], row.default) for row in asked}


def wish_of(values: Mapping[str, Any]) -> Wish:
    """A wish from values of some of its fields and of its constraints' ones, all by name."""
    demands = {row.name for row in fields(Constraints)} & values.keys()
    own = {name: value for name, value in values.items() if name not in demands}
    return Wish(constraints=Constraints(**{name: values[name] for name in demands}), **own)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which kind of notes, and where in a song. It means the same bars after the song was edited elsewhere.

    Attributes:
        kind: One of ``VERBS``: ``continue``, ``generate`` (from nothing), ``infill`` (a gap between what stands before
            and behind it), ``vary`` (what stands in the span) or ``interpolate`` (from there to another phrase). Or
            ``ACCOMPANY``: other tracks play the chords under the edited one. Or one of ``GIVEN``: the takes are there.
        from_tick, to_tick: The span, from bar line to bar line; what starts in it goes. ``generate`` begins at
            ``from_tick``; ``continue`` finds its own.
        other, other_track: Where the second phrase of ``interpolate`` stands.
        at_tick: Where ``continue`` goes on, from what starts before it; None: where the notes end.
        parts: Indexes of further tracks that are written together with the edited one, for ``continue`` and ``infill``.
        all_parts: Whether every track that plays there is written, drums by their own patterns.
        plan: What each of its bars is to take up; empty: each take gets a plan of its own.
        chords: Those that an accompaniment plays, which are kept with it; empty: those of the song.
        keep: Of an infill, one of ``KEEPS``: what stays of the notes; empty: nothing.
    """

    kind: str = "continue"
    from_tick: int = 0
    to_tick: int = 0
    other: Song | None = None
    other_track: int = 0
    at_tick: int | None = None
    plan: tuple[BarPlan, ...] = ()
    parts: tuple[int, ...] = ()
    all_parts: bool = False
    chords: tuple[ChordSpan, ...] = ()
    keep: str = ""

    @property
    def has_parts(self) -> bool:
        """Whether further tracks may be written."""
        return self.all_parts or bool(self.parts)


@dataclass(frozen=True)
class GenerationRequest(Wish, Place):
    """A wish for a place of a song, as it was at the press of the button.

    Attributes:
        song: The song as it was at the press.
        track_index: The track that is continued.
        selection: Mask over that track's notes; None means the whole track. Of an infill it says which notes of the
            span are composed anew, while all others there stay.
        revision: The document's revision at the press.
    """

    kind: str = field()  # without the default that a place has
    song: Song
    track_index: int = 0
    selection: NDArray[np.bool_] | None = None
    revision: int = 0
    seed: int = field(default=0, kw_only=True)

    @property
    def is_reroll(self) -> bool:
        """Whether only some notes of the span are composed anew, or not all of each."""
        return self.kind == "infill" and (bool(self.keep) or self.selection is not None)

    @property
    def is_chosen_from(self) -> bool:
        """Whether the critic chooses and orders the takes; it needs all of them for that."""
        return self.candidates > 1 and self.kind in CHOSEN_KINDS

    @property
    def composed(self) -> int:
        """How many takes are composed."""
        return max(self.takes, self.candidates) if self.is_chosen_from else self.takes


def request_of(
    wish: Wish,
    place: Place,
    song: Song,
    track_index: int = 0,
    *,
    seed: int,
    selection: NDArray[np.bool_] | None = None,
    revision: int = 0,
) -> GenerationRequest:
    """The request that a wish makes for a place of a song; window, call and response and command line come here.

    Args:
        wish: What is asked for; of a subclass, what it adds is left out.
        place: Where.
        song: The song as it is.
        track_index: The track that gets the notes.
        seed: The random number, also where the wish has none.
        selection: Mask over the track's notes, for ``continue``; None means all of them.
        revision: The document's revision.
    """
    asked = {row.name: getattr(wish, row.name) for row in fields(Wish)}
    asked |= {row.name: getattr(place, row.name) for row in fields(Place)}
    given = {"song": song, "track_index": track_index, "seed": seed, "selection": selection, "revision": revision}
    return GenerationRequest(**{**asked, **given})


@dataclass(frozen=True)
class Part:
    """What a take writes into one more track.

    Attributes:
        track_index: Of the request's song.
        notes: In the song's ticks, inside the take's span.
        amends: See ``Take``.
    """

    track_index: int
    notes: Notes
    amends: Amends = NO_AMENDS


@dataclass(frozen=True)
class Kin:
    """What a take has of another one of its offer.

    Attributes:
        way: ``plan`` (the same plan), ``vary`` (a variation of it), ``ending`` (another ending for it) or ``mend`` (the
            mix with a join composed anew).
        number: Of the other take; 0 is the mix.
    """

    way: str
    number: int = 0


@dataclass(frozen=True)
class Take:
    """One alternative.

    Attributes:
        notes: The new notes, in the song's ticks.
        from_tick, to_tick: The span they fill; ``to_tick`` is a bar line, or the end of the melody that is accompanied.
        model: Name of the model that made it; empty where none did.
        seed: The request's random number.
        number: 1 for the first take of a request, and of those that a critic put in order for the best.
        in_scale_share: Share of the notes in the key that was asked for or, without one, detected; 1.0 without notes.
        originality: Share of its notes that continue no run of more than eight notes copied from what stands before.
        likeness: How much of it stands in the phrase, 0..1: see ``composing.leaning``.
        surprisal_bits: How little the model expected its notes, bits a note; None where that is not known.
        evidence: What it has in common with the training music; None where there is no index of that.
        constraints: What it was made under.
        revision: The document's revision that it continues.
        amends: What puts volume, bend, pedals and tempo right for its notes, where the phrase left them otherwise.
        parts: What it writes into further tracks; they are heard and kept together.
        chords: Those that were proposed for its bars, where the song's own end; they are written when it is kept.
        chosen_from: How many were composed, where a critic chose among them and put them in order; else 0.
        plan: What its bars take up; None where the model has no use for one.
        is_part_alone: Whether only the parts are wanted, and nothing for the edited track.
        new_tracks: Tracks that it adds, with their notes; their channels are chosen when they are heard or kept.
        title: What it is, as a template of the context ``Accompaniments``; empty where its plan says that.
        kin: What it has of another take of its offer; None where it was composed by itself.
        ranked_by: What put it in order: ``critic``, ``kept`` (the critic and what the user keeps) or ``chance``; empty
            where it stands as it was composed.
        composed: How each stretch of it came into being; empty where nobody knows.
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
    parts: tuple[Part, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    chosen_from: int = 0
    plan: TakePlan | None = None
    is_part_alone: bool = False
    new_tracks: tuple[Track, ...] = ()
    title: str = ""
    evidence: Evidence | None = None
    kin: Kin | None = None
    ranked_by: str = ""
    composed: Stretches = field(default=(), compare=False, repr=False)
    likeness: float | None = None
    surprisal_bits: float | None = None

    @property
    def ghosts(self) -> Notes:
        """What is seen of it where it is wanted as a whole: its notes, or all that it has for other tracks."""
        if not self.is_part_alone:
            return self.notes
        rows = (*(part.notes for part in self.parts), *(track.notes for track in self.new_tracks))
        return reduce(Notes.plus, rows, Notes.of())

    def writes(self, track_index: int) -> tuple[tuple[int, Notes, Amends], ...]:
        """Track, notes and what puts things right, for all that it writes; ``track_index`` is that of the request."""
        own = (track_index, self.notes, self.amends)
        return (own, *((part.track_index, part.notes, part.amends) for part in self.parts))
