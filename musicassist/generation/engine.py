"""The composing engine: a request in, takes out. Used by one thread at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from musicassist.errors import CheckpointError, ConstraintError
from musicassist.generation.melody_takes import MelodyTake, Row, Sampler, compose
from musicassist.generation.request import Constraints, GenerationRequest, Take
from musicassist.generation.span import ContinuationSpan, continuation_span
from musicassist.models.cards import ModelCard, list_cards
from musicassist.models.checkpoints import load_checkpoint
from musicassist.models.recurrent import RecurrentModel
from musicassist.score.song import Note, Notes, Song
from musicassist.score.theory import Key, detect_key
from musicassist.tokens.codec import Melody, Surroundings, decode, decode_note, encode, surroundings
from musicassist.tokens.grammar import LONGEST_COPY, Demands
from musicassist.tokens.vocabulary import LONGEST_STEPS, STEPS_PER_BEAT, STYLES, vocabulary_hash

OnNote = Callable[[int, Note], None]
_FEWEST_NOTES_FOR_KEY = 6  # LIMIT: from fewer notes no key is guessed
_FIRST_PITCH_DEGREES = (0, 2, 4)  # of the scale: from nothing, a melody starts on one of them
_MIDDLE_PITCH = 67


class GenerationCancelled(Exception):
    """The work was stopped because somebody asked for it."""


class Engine:
    """Holds the models that were used; loads each at its first use.

    Args:
        folder: Where the checkpoints lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, RecurrentModel] = {}

    def models(self) -> tuple[ModelCard, ...]:
        """The cards of the installed models."""
        return list_cards(self.folder)

    def is_loaded(self, name: str) -> bool:
        """Whether a request for this model can start at once."""
        return name in self._loaded

    def model(self, name: str) -> RecurrentModel:
        """A model, loaded if need be; for measuring."""
        self.load(name)
        return self._loaded[name]

    def load(self, name: str) -> None:
        """Loads a model and runs it once, so that the first request is fast.

        Raises:
            CheckpointError: It is missing, damaged or of another vocabulary.
        """
        if name in self._loaded:
            return
        torch.set_num_threads(1)  # decoding is too small to share out, and the other core belongs to window and sound
        path = self.folder / f"{name}.safetensors"
        if "/" in name or "\\" in name or not path.exists():
            known = ", ".join(card.name for card in self.models()) or "none"
            raise CheckpointError("There is no model named {name}. Installed: {known}.", name=name, known=known)
        model, _ = load_checkpoint(path, vocabulary=vocabulary_hash())
        self._loaded[name] = model

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_note: OnNote | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> tuple[Take, ...]:
        """The takes that were asked for.

        Args:
            request: What is wanted.
            on_note: Told of each note as it is made: the take's number (from 1) and the note.
            is_cancelled: Asked before each note.

        Raises:
            SeedError: There is nothing to continue.
            ConstraintError: The demands leave no pitch.
            CheckpointError: The model cannot be loaded.
            GenerationCancelled: ``is_cancelled`` said so.
        """
        span = _span_of(request)
        song = request.song
        self.load(request.model)
        place, key = _place(request, span)
        seed = _seed_melody(span.seed, song, span.from_tick)
        demands = _demands(request, place, span)
        place = replace(place, last_bar=place.bars.bar_at(demands.to_step - 1))

        def tell(index: int, row: Row) -> None:
            if on_note is not None:
                on_note(index + 1, decode_note(*row, song.ticks_per_beat))

        for number in range(1, request.takes + 1) if request.kind == "generate" and on_note is not None else ():
            on_note(number, span.seed[0])
        takes = compose(
            self._loaded[request.model],
            seed,
            place,
            [demands] * request.takes,
            Sampler(request.temperature, request.top_p, request.seed),
            on_note=tell,
            is_cancelled=is_cancelled or (lambda: False),
        )
        if takes is None:
            raise GenerationCancelled
        return tuple(_take(request, span, made, number, key) for number, made in enumerate(takes, 1))


def _span_of(request: GenerationRequest) -> ContinuationSpan:
    if request.kind == "generate":
        return _empty_span(request)
    return continuation_span(request.song, request.track_index, request.selection, request.bars)


def _empty_span(request: GenerationRequest) -> ContinuationSpan:
    """From nothing: the takes begin with the song, on a tone of the tonic's triad."""
    song = request.song
    key = request.constraints.key or Key(0)
    scale = sorted(key.pitch_classes, key=lambda pitch_class: (pitch_class - key.tonic) % 12)
    degree = _FIRST_PITCH_DEGREES[np.random.default_rng(request.seed).integers(len(_FIRST_PITCH_DEGREES))]
    low, high = request.constraints.lowest_pitch, request.constraints.highest_pitch
    near = max(low, min(high, _MIDDLE_PITCH))
    pitches = [p for p in range(128) if p % 12 == scale[min(degree, len(scale) - 1)]]
    first = Note(0, min(pitches, key=lambda p: abs(p - near)), song.ticks_per_beat)
    return ContinuationSpan(Notes.of([first]), 0, song.time_map.bar_start_tick(request.bars))


def _place(request: GenerationRequest, span: ContinuationSpan) -> tuple[Surroundings, Key | None]:
    """Bars, key, style and chords, and the key that the model is told of."""
    stated = [change for change in request.song.key_changes if change.tick <= span.from_tick]
    key = request.constraints.key
    if key is None and stated:
        key = Key(stated[-1].tonic, stated[-1].scale)
    if key is None and len(span.seed) >= _FEWEST_NOTES_FOR_KEY:
        key = detect_key(span.seed)
    style = request.style or ""
    if style not in STYLES:
        raise ConstraintError("{style} is no style we know. Known: {known}.", style=style, known=", ".join(STYLES[1:]))
    place = surroundings(request.song, key=key, style=style)
    starts, masks = _chords(request.constraints, place, span, request.song)
    return replace(place, chord_starts=starts, chord_masks=masks), key


def _chords(
    constraints: Constraints, place: Surroundings, span: ContinuationSpan, song: Song
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the chords that were asked for begin, in steps, and their tones: one a bar from the bar of the first new note."""
    if not constraints.chords:
        return (), ()
    first_bar, last_bar = (song.time_map.bar_at(tick) for tick in (span.from_tick, span.to_tick - 1))
    bars = range(first_bar, last_bar + 1)
    starts = tuple(place.bars.bar_start_tick(bar) for bar in bars)
    chords = [constraints.chords[i % len(constraints.chords)] for i in range(len(bars))]
    masks = tuple(sum(1 << pitch_class for pitch_class in chord.pitch_classes) for chord in chords)
    return starts, masks


def _seed_melody(seed: Notes, song: Song, from_tick: int) -> Melody:
    """The seed's top line; a last note that is longer than the grid knows counts from where it comes into reach."""
    melody = encode(seed, song.ticks_per_beat)
    latest = from_tick * STEPS_PER_BEAT // song.ticks_per_beat - LONGEST_STEPS // 2
    onset = melody.onset_step.copy()
    onset[-1] = max(onset[-1], latest)
    return replace(melody, onset_step=onset)


def _demands(request: GenerationRequest, place: Surroundings, span: ContinuationSpan) -> Demands:
    constraints = request.constraints
    scale = STEPS_PER_BEAT / request.song.ticks_per_beat
    from_step = int(np.ceil(span.from_tick * scale - 1e-9))
    to_step = place.bars.bar_line_at_or_after(round(span.to_tick * scale))
    allowed = np.zeros(128, dtype=bool)
    allowed[max(0, constraints.lowest_pitch) : min(127, constraints.highest_pitch) + 1] = True
    if constraints.key is not None:
        allowed &= np.isin(np.arange(128) % 12, list(constraints.key.pitch_classes))
    if not allowed.any():
        raise ConstraintError("No pitch of {key} lies in the range that was asked for. Widen the range.", key=constraints.key)
    return Demands(
        bars=place.bars,
        from_step=from_step,
        to_step=to_step,
        pitch_allowed=allowed,
        first_onset_step=_first_beat(place, from_step) if request.kind == "continue" else None,
        notes_per_beat=constraints.density,
        on_beat_in_chord=bool(constraints.chords),
        only_new=constraints.only_new,
    )


def _first_beat(place: Surroundings, from_step: int) -> int:
    """The first beat of the meter that is not before ``from_step``."""
    bar, offset = place.bars.bar_and_offset_ticks(from_step)
    meter = place.bars.meter_at(from_step)
    beat_steps = max(1, 4 * STEPS_PER_BEAT // meter.denominator)
    start = place.bars.bar_start_tick(bar)
    return min(start + -(-offset // beat_steps) * beat_steps, place.bars.bar_start_tick(bar + 1))


def _take(request: GenerationRequest, span: ContinuationSpan, made: MelodyTake, number: int, key: Key | None) -> Take:
    notes = decode(made.rows, request.song.ticks_per_beat)
    if request.kind == "generate":
        notes = span.seed.plus(notes)
    in_scale = np.isin(notes.pitch % 12, list(key.pitch_classes)) if key else np.ones(len(notes), dtype=bool)
    copied = np.array(made.copied, dtype=np.int64) > LONGEST_COPY
    return Take(
        notes=notes,
        from_tick=span.from_tick,
        to_tick=span.to_tick,
        model=request.model,
        seed=request.seed,
        number=number,
        in_scale_share=float(in_scale.mean()) if len(notes) else 1.0,
        originality=float(1 - copied.mean()) if len(copied) else 1.0,
        constraints=request.constraints,
        revision=request.revision,
    )
