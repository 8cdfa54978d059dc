"""What every take keeps to, whichever family made it, and requests that put it to the test."""

from __future__ import annotations

import numpy as np

from builders import phrase
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import SCALES, Key
from musicassist.score.timing import MeterChange

PHRASE = phrase(62, 66, 69, 74, 73, 71, 69, 66)


def request_of(
    notes: Notes = PHRASE,
    *,
    meters: tuple[tuple[int, int, int], ...] = ((0, 4, 4),),
    ticks_per_beat: int = 480,
    constraints: Constraints | None = None,
    **options: object,
) -> GenerationRequest:
    changes = tuple(MeterChange(*meter) for meter in meters)
    song = Song((Track("Melody", notes),), ticks_per_beat, (), changes)
    defaults: dict[str, object] = {"kind": "continue", "bars": 3, "takes": 2, "model": "tiny"}
    options = {**defaults, **options}
    return GenerationRequest(song=song, constraints=constraints or Constraints(), **options)  # type: ignore[arg-type]


def check(take: Take, request: GenerationRequest) -> None:
    """The laws of a take in the song's own ticks."""
    notes, bars, constraints = take.notes, request.song.time_map, request.constraints
    assert bars.bar_line_at_or_after(take.to_tick) == take.to_tick
    assert notes.start_tick[0] >= take.from_tick
    assert notes.end_tick[-1] <= take.to_tick  # what is left of its last bar is the rest that ends it
    assert (notes.duration_ticks >= 1).all()
    assert (notes.end_tick[:-1] <= notes.start_tick[1:]).all()
    assert (np.diff(notes.start_tick) > 0).all()
    half_step_ticks = bars.ticks_per_beat / 24  # a bar line may lie between two steps
    has_own_end = request.kind == "vary"  # its phrase may end in another bar
    last_bar_tick = bars.bar_start_tick(bars.bar_at(take.to_tick - 1))
    assert has_own_end or notes.start_tick[-1] + half_step_ticks >= last_bar_tick
    assert constraints.lowest_pitch <= notes.pitch.min()
    assert notes.pitch.max() <= constraints.highest_pitch
    assert ((notes.velocity >= 1) & (notes.velocity <= 127)).all()
    if constraints.key is not None:
        assert notes.in_key(constraints.key).all()
        assert take.in_scale_share == 1.0
    is_long = request.bars >= 3 and not has_own_end
    if is_long and constraints.highest_pitch - constraints.lowest_pitch >= 11 and constraints.density is None:
        assert len(np.unique(notes.pitch)) >= 3
    assert not has_third_equal_bar(take, request.song)


def has_third_equal_bar(take: Take, song: Song) -> bool:
    bars = song.time_map
    own = []
    for bar in range(bars.bar_at(take.from_tick), bars.bar_at(take.to_tick - 1) + 1):
        start = bars.bar_start_tick(bar)
        inside = take.notes.where(take.notes.starting_between(start, bars.bar_start_tick(bar + 1)))
        own.append([(note.start_tick - start, note.pitch) for note in inside])
    return any(a == b == c and a for a, b, c in zip(own, own[1:], own[2:], strict=False))


def wild_request(number: int) -> GenerationRequest:
    """As wild as a user could make it: any phrase, meter, division, length, temperature, scale, range and density."""
    random = np.random.default_rng(number)
    ticks_per_beat = int(random.choice([1, 4, 24, 96, 100, 120, 480, 960, 1024]))
    size = int(random.integers(1, 25))
    starts = np.cumsum(random.integers(1, 3 * ticks_per_beat + 1, size)) + int(random.choice([0, 1, 10**6]))
    durations = random.integers(1, int(random.choice([1, 3, 40])) * ticks_per_beat + 1, size)
    pitches = np.clip(np.cumsum(random.integers(-6, 7, size)) + random.integers(10, 110), 0, 127)
    meter = [(4, 4), (3, 4), (6, 8), (2, 2), (5, 4), (7, 8), (12, 8), (5, 16), (3, 32)][random.integers(9)]
    meters = [(0, *meter)]
    if random.random() < 0.3:
        meters.append((int(random.integers(1, starts[-1] + 20 * ticks_per_beat)), 3, 4))
    low = int(random.integers(0, 116))
    constraints = Constraints(
        key=Key(int(random.integers(12)), str(random.choice(list(SCALES)))) if random.random() < 0.6 else None,
        lowest_pitch=low,
        highest_pitch=low + int(random.choice([12, 24, 127])),
        density=float(random.choice([0.25, 1.0, 3.0])) if random.random() < 0.3 else None,
        only_new=bool(random.random() < 0.3),
    )
    return request_of(
        Notes.from_columns(starts, pitches, durations, np.full(size, 90)),
        meters=tuple(meters),
        ticks_per_beat=ticks_per_beat,
        constraints=constraints,
        kind="continue" if random.random() < 0.8 else "generate",
        bars=int(random.integers(1, 7)),
        seed=number,
        temperature=float(random.choice([0.01, 0.7, 1.0, 3.0])),
        top_p=float(random.choice([0.1, 0.9, 1.0])),
        style=str(random.choice(["", "folk", "hymn"])) or None,
    )
