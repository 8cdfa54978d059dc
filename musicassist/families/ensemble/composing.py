"""Takes of all parts, note by note and side by side, and the net's place among the families."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.drums import drum_notes
from musicassist.composing.family import Decoding, IsCancelled, Loaded, OnNote, OnShare
from musicassist.composing.leaning import surprisal_bits
from musicassist.composing.melody_task import MelodyTask
from musicassist.composing.plan import NO_PLAN, Plan
from musicassist.composing.planning import PLANNED, with_plans
from musicassist.composing.predictor import probabilities, samples
from musicassist.composing.request import GenerationRequest, Part, Take
from musicassist.composing.seed_reading import ReadingCancelled
from musicassist.composing.take_plan import TakePlan
from musicassist.families.ensemble.arrangement import Arrangement, arrangement_of, end_of, home_step, left_of
from musicassist.families.ensemble.columns import config_of, features_hash
from musicassist.families.ensemble.decoding import Decoder, Floats, Memory
from musicassist.families.ensemble.following import Follower
from musicassist.families.ensemble.habits import Habits
from musicassist.families.ensemble.leading import Leading
from musicassist.families.ensemble.rules import Rules
from musicassist.families.ensemble.vocabulary import (
    GAPS,
    LENGTHS_STEPS,
    PITCHES,
    STEPS_PER_BEAT,
    VELOCITY_BINS,
    velocity_class,
)
from musicassist.models.weights import Weights
from musicassist.score.seam import amends_for
from musicassist.score.song import Note, Notes
from musicassist.tokens.grammar import MAX_COPY

HEAT_SHARE = 0.85  # of the heat that is asked for: parts that go together forgive less than a line
_FIRST_SHARE = 0.5  # of the work, where there are more tracks than can be written at once
_LOOK = 16  # notes of a seed that are read between two looks at whether to go on
_VELOCITY_HEAT, _VELOCITY_SHARE = 0.7, 0.9
_HELD_STEPS = 2 * STEPS_PER_BEAT  # a part that ends so near to the end of the take is held up to it


@dataclass
class Model:
    """The net, and what was read last: whoever asks again need not wait for it.

    Attributes:
        decoder: On NumPy.
        read: The notes before, as bytes, with the follower and the memory after them.
    """

    decoder: Decoder
    read: tuple[bytes, Follower, Memory] | None = None


@dataclass
class _Stream:
    """One take while it grows."""

    rules: Rules
    leading: Leading
    follower: Follower
    random: np.random.Generator
    rows: list[list[int]] = field(default_factory=list)  # onset step, role, pitch, length in steps, velocity bin
    copied: list[int] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)  # how little the net expected each
    told: int = 0
    gap: int = 0
    role: int = 0
    pitch: int = 0
    length: int = 0


def compose(
    loaded: Loaded,
    request: GenerationRequest,
    task: MelodyTask,
    on_note: OnNote,
    on_share: OnShare,
    is_cancelled: IsCancelled,
) -> tuple[Take, ...] | None:
    """As many takes as a request composes; see ``composing.family.Decoding.composer``."""
    drafts: tuple[TakePlan, ...] = ()
    if request.kind in PLANNED:
        task, drafts = with_plans(task, request, request.composed)
    own = arrangement_of(request, task.proposed, end_of(task), task.key)
    plans = task.passage.plans if drafts else (NO_PLAN,) * request.composed
    share = _FIRST_SHARE if own.left else 1.0
    takes = _written(loaded.model, own, plans, on_note, lambda done: on_share(share * done), is_cancelled)
    if takes is None:
        return None
    whole = []
    for number, take in enumerate(takes, 1):
        all_parts = _with_left(loaded.model, own, take, is_cancelled)
        if all_parts is None:
            return None
        on_share(share + (1 - share) * number / len(takes))
        whole.append(replace(all_parts, chords=task.proposed, plan=drafts[number - 1] if drafts else None))
    return tuple(whole)


def _written(
    model: Model,
    own: Arrangement,
    plans: Sequence[Plan],
    on_note: OnNote,
    on_share: OnShare,
    is_cancelled: IsCancelled,
) -> tuple[Take, ...] | None:
    """A take for each plan, of all parts that are written at once; None if it was cancelled."""
    try:
        follower, memory = _read(model, own, is_cancelled)
    except ReadingCancelled:
        return None
    habits, streams = Habits(own), []
    for number, plan in enumerate(plans):
        random = np.random.default_rng((own.request.seed, number))
        rules, leading = Rules(own, habits, home_step(own, random)), Leading(own, habits, plan)
        streams.append(_Stream(rules, leading, follower.copy(), random))
    live, memory = list(range(len(streams))), memory.of([0] * len(streams))
    while live:
        if is_cancelled():
            return None
        chosen = [streams[index] for index in live]
        memory, goes_on = _write_note(model.decoder, own, chosen, memory)
        for index in live:
            _tell(own, streams[index], partial(on_note, index + 1))
        on_share(_share(own, streams))
        live = [index for index, on in zip(live, goes_on, strict=True) if on]
        memory = memory.of([place for place, on in enumerate(goes_on) if on])
    for stream in streams:
        _hold(own, stream)
    for index, stream in enumerate(streams):
        _tell(own, stream, partial(on_note, index + 1), is_all=True)
    return tuple(_take(own, stream, number) for number, stream in enumerate(streams, 1))


def _with_left(model: Model, own: Arrangement, take: Take, is_cancelled: IsCancelled) -> Take | None:
    """The take with the tracks that were left, which hear it; None if it was cancelled."""
    while own.left:
        own = left_of(own, take)
        written = _written(Model(model.decoder), own, (NO_PLAN,), _nobody, _nobody, is_cancelled)
        if written is None:
            return None
        (more,) = written
        lead = Part(own.request.track_index, more.notes, more.amends)
        take = replace(take, parts=(*take.parts, lead, *more.parts))
    return take


def _nobody(*_told: object) -> None:
    """Of the tracks that were left only whole takes are told."""


def _share(own: Arrangement, streams: Sequence[_Stream]) -> float:
    """How far the takes have come, on the average."""
    reached = [max(0, stream.rules.step - own.from_step) for stream in streams]
    return min(1.0, sum(reached) / (len(reached) * (own.to_step - own.from_step)))


def _read(model: Model, own: Arrangement, is_cancelled: IsCancelled) -> tuple[Follower, Memory]:
    """The follower and the memory after the notes before; those of the last asking where they are the same."""
    seed = own.seed
    bins = np.minimum(velocity_class(seed.velocity), VELOCITY_BINS - 1)
    columns = np.stack([seed.onset_step, seed.role, seed.pitch, seed.length, bins], 1)
    given = own.given
    around = [given.notes.onset_step, given.notes.role, given.notes.pitch, given.notes.length]
    facts = [sorted(own.parts), own.begin_step, own.has_velocities, own.chord_starts, own.chord_masks, given.bars_key]
    key = repr(facts).encode() + columns.tobytes() + b"".join(column.tobytes() for column in around)
    if model.read is not None and model.read[0] == key:
        return model.read[1], model.read[2]
    follower = Follower(own.parts.keys(), given, own.begin_step, has_velocities=own.has_velocities)
    memory, states, numbers = model.decoder.begin(1), [], []
    for place, (onset, role, pitch, length, velocity) in enumerate(columns.tolist()):
        row = follower.gap_row()
        states.append(row.state)
        numbers.append(row.state_numbers)
        follower.read(onset, role, pitch, length, velocity)
        if len(states) == _LOOK or place == len(columns) - 1:
            if is_cancelled():
                raise ReadingCancelled
            _, memory = model.decoder.read_all(np.array(states), np.stack(numbers), memory)
            states, numbers = [], []
    model.read = key, follower, memory
    return follower, memory


def _write_note(
    decoder: Decoder, own: Arrangement, streams: Sequence[_Stream], memory: Memory
) -> tuple[Memory, list[bool]]:
    """One more note in each stream, field by field; says which go on."""
    request = own.request

    def drawn(scores: Floats, masks: Sequence[NDArray[np.bool_]], heat: float, share: float) -> list[int]:
        weights = probabilities(scores, np.stack(masks), heat, share)
        return samples(weights, [float(stream.random.random()) for stream in streams])

    heat, top = request.heat * HEAT_SHARE, request.top_p
    gaps = [stream.follower.gap_row() for stream in streams]
    output, memory = decoder.read(
        np.array([row.state for row in gaps]), np.stack([row.state_numbers for row in gaps]), memory
    )
    scores = decoder.gap(output, np.array([row.columns for row in gaps]), np.stack([row.numbers for row in gaps]))
    masks, goes_on = [], []
    expected = [scores]
    scores = scores.copy()
    for row, stream in zip(scores, streams, strict=True):
        possible, ends = stream.rules.gaps()
        masks.append(possible | ends)
        row += stream.leading.gaps(
            stream.rules.step, stream.role, stream.rules.earliest, is_begun=stream.rules.count > 0
        )
    for stream, gap, row, mask in zip(streams, drawn(scores, masks, heat, top), scores, masks, strict=True):
        step = stream.rules.step + gap
        if not stream.rules.count and not mask[: GAPS - 1].any():
            step = stream.rules.first_step()  # the seed lies too far back
        while gap < GAPS - 1 and step < own.to_step and not stream.rules.roles(step).any():
            mask[gap] = False  # all pitches that the parts may begin there sound already
            gap = (
                samples(probabilities(row[None], mask[None], heat, top), [stream.random.random()])[0]
                if mask.any()
                else GAPS - 1
            )
            step = stream.rules.step + gap
        goes_on.append((gap < GAPS - 1 and step < own.to_step) or not stream.rules.count)
        stream.gap = step - stream.follower.step
    if not any(goes_on):
        return memory, goes_on
    for stream, on in zip(streams, goes_on, strict=True):
        if not on:
            stream.gap = 0
    steps = [stream.follower.step + stream.gap for stream in streams]
    roles = [stream.follower.role_row(stream.gap) for stream in streams]
    scores = decoder.role(
        output,
        np.array([row.columns for row in roles]),
        np.stack([row.numbers for row in roles]),
        np.array([row.least_role for row in roles]),
        np.stack([stream.follower.free_roles for stream in streams]),
    )
    expected.append(scores.copy())
    led = [s for s, on in zip(streams, goes_on, strict=True) if on]
    going = np.flatnonzero(goes_on)
    scores[going] += np.stack([s.leading.roles(s.follower.step + s.gap) for s in led])
    every = np.ones(scores.shape[1], dtype=bool)
    masks = [s.rules.roles(step) if on else every for s, step, on in zip(streams, steps, goes_on, strict=True)]
    for stream, role in zip(streams, drawn(scores, masks, heat, top), strict=True):
        stream.role = role
    pitches = [stream.follower.pitch_row(stream.role) for stream in streams]
    classes = np.stack([row.classes for row in pitches])
    scores = decoder.pitch(
        output,
        np.array([row.columns for row in pitches]),
        np.array([row.anchors for row in pitches]),
        np.array([row.candidates for row in pitches]),
        classes,
        np.array([row.tonic for row in gaps]),
        np.array([row.least_pitch for row in pitches]),
    )
    expected.append(scores.copy())
    scores[going] += np.stack([s.leading.pitches(s.role, s.follower.step + s.gap) for s in led])
    masks = []
    for stream, step, row, on in zip(streams, steps, pitches, goes_on, strict=True):
        mask = stream.rules.pitches(stream.role, step) if on else np.ones(PITCHES, dtype=bool)
        if request.constraints.only_new and stream.follower.copied[stream.role] >= MAX_COPY:
            mask = _without(mask, row.candidates[-1])
        masks.append(mask)
    for stream, chosen in zip(streams, drawn(scores, masks, heat, top), strict=True):
        stream.pitch = chosen
    pitch = np.array([stream.pitch for stream in streams])
    columns = np.array([stream.follower.length_row(stream.pitch) for stream in streams])
    scores = decoder.length(output, columns, classes, pitch)
    expected.append(scores.copy())
    scores[going] += np.stack([s.leading.lengths(s.role, s.follower.step + s.gap) for s in led])
    masks = [
        stream.rules.lengths(stream.role, step, stream.pitch) if on else np.ones(scores.shape[1], dtype=bool)
        for stream, step, on in zip(streams, steps, goes_on, strict=True)
    ]
    for stream, length in zip(streams, drawn(scores, masks, heat, top), strict=True):
        stream.length = length
    columns = np.array([stream.follower.velocity_row(stream.length) for stream in streams])
    scores = decoder.velocity(output, columns)
    loud = drawn(scores, [np.ones(scores.shape[1], dtype=bool)] * len(streams), _VELOCITY_HEAT, _VELOCITY_SHARE)
    chosen_fields = zip(*((min(s.gap, GAPS - 1), s.role, s.pitch, s.length) for s in streams), strict=True)
    bits = np.sum([surprisal_bits(row, own) for row, own in zip(expected, chosen_fields, strict=True)], axis=0)
    for number, (stream, velocity, step, on) in enumerate(zip(streams, loud, steps, goes_on, strict=True)):
        if on:
            stream.bits.append(float(bits[number]))
            stream.follower.add(velocity)
            length = int(LENGTHS_STEPS[stream.length])
            stream.rules.add(step, stream.role, stream.pitch, length)
            stream.leading.add(step, stream.role, stream.pitch, stream.length)
            stream.rows.append([step, stream.role, stream.pitch, length, velocity])
            stream.copied.append(stream.follower.copied[stream.role])
    return memory, goes_on


def _without(mask: NDArray[np.bool_], pitch: int) -> NDArray[np.bool_]:
    """The mask without a pitch where others are left."""
    if not 0 <= pitch < PITCHES or not mask[pitch] or mask.sum() == 1:
        return mask
    fewer = mask.copy()
    fewer[pitch] = False
    return fewer


def _hold(own: Arrangement, stream: _Stream) -> None:
    """What ends near to the end of a closed take is held up to it, but for a breath of the edited part."""
    if not own.end.is_last:
        return
    for role in own.parts:
        rows = [row for row in stream.rows if row[1] == role]
        if not rows:
            continue
        last = max(row[0] for row in rows)
        end = max(row[0] + row[3] for row in rows)
        if role == own.lead or own.to_step - end > _HELD_STEPS:
            continue
        hands = own.roles_of(own.parts[role].track_index)
        for row in rows:
            if row[0] == last:
                again = [
                    other[0] for other in stream.rows if other[1] in hands and other[2] == row[2] and other[0] > last
                ]
                row[3] = min([own.to_step, *again]) - last


def _tell(own: Arrangement, stream: _Stream, on_note: Callable[[Note], None], *, is_all: bool = False) -> None:
    """Tells of the notes of the edited track that are final: all but the last ones, which may be held."""
    final = len(stream.rows)
    if not is_all:
        last = max((row[0] for row in stream.rows if row[1] in own.edited_roles), default=0)
        final = next((at for at, row in enumerate(stream.rows) if row[0] >= last), final)
    for row in stream.rows[stream.told : final]:
        if row[1] in own.edited_roles:
            on_note(_note(own, row))
    stream.told = max(stream.told, final)


def _note(own: Arrangement, row: Sequence[int]) -> Note:
    """A row in the song's ticks; what ends with the take ends exactly there."""
    step, role, pitch, length, velocity = row
    ticks_per_beat = own.request.song.ticks_per_beat
    start = round(step * ticks_per_beat / STEPS_PER_BEAT)
    end = round((step + length) * ticks_per_beat / STEPS_PER_BEAT) if step + length < own.to_step else own.span.to_tick
    loud = min(127, velocity * 128 // VELOCITY_BINS + 4) if own.has_velocities else own.parts[role].velocity
    return Note(start, pitch, max(1, end - start), max(1, loud))


def _take(own: Arrangement, stream: _Stream, number: int) -> Take:
    request, song, span = own.request, own.request.song, own.span
    notes = {
        index: Notes.of(_note(own, row) for row in stream.rows if row[1] in own.roles_of(index))
        for index in own.written.tracks
    }
    edited = notes[request.track_index]
    parts = []
    for index in own.written.tracks:
        if index != request.track_index:
            before = song.tracks[index].notes
            before = before.where(before.start_tick < span.from_tick)
            amends = amends_for(song, index, before, notes[index], span.from_tick, span.to_tick)
            parts.append(Part(index, notes[index], amends))
    for index in own.written.drums:
        drums = drum_notes(song.tracks[index].notes, song.time_map, span.from_tick, span.to_tick, stream.random)
        parts.append(Part(index, drums))
    allowed = np.ones(PITCHES, dtype=bool)
    if own.key is not None:
        allowed = np.any([own.parts[role].allowed for role in own.edited_roles], axis=0)
    return Take(
        notes=edited,
        from_tick=span.from_tick,
        to_tick=span.to_tick,
        model=request.model,
        seed=request.seed,
        number=number,
        in_scale_share=float(allowed[edited.pitch].mean()) if len(edited) else 1.0,
        originality=1 - sum(run > MAX_COPY for run in stream.copied) / max(1, len(stream.copied)),
        constraints=request.constraints,
        revision=request.revision,
        amends=amends_for(song, request.track_index, span.seed, edited, span.from_tick, span.to_tick),
        parts=tuple(parts),
        surprisal_bits=float(np.mean(stream.bits)) if stream.bits else 0.0,
    )


def _model(page: Mapping[str, object], weights: Weights) -> Model:
    return Model(Decoder(config_of(page), weights))


DECODING = Decoding(model=_model, composer=compose, vocabulary=features_hash)
