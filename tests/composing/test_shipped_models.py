"""Every model that comes with the program does what its card says, under the same laws, and its card tells enough."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ensemble_songs import check_rules
from musicassist.composing.engine import Engine
from musicassist.composing.request import VERBS, Constraints, GenerationRequest
from musicassist.families.registry import FAMILIES
from musicassist.midi import read_song
from musicassist.resources import checkpoints_folder, demo_song
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange, tempo_change
from musicassist.tokens.grammar import MAX_COPY
from take_laws import check, request_of

CARDS = FAMILIES.installed(checkpoints_folder())
MAX_BYTES = 80_000_000  # of all files that ship with the models together
SMALL_MOST_BYTES = 2_000_000
BAR_TICKS = 1920
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(checkpoints_folder(), FAMILIES)


@pytest.mark.parametrize(("name", "verb"), [(card.name, verb) for card in CARDS for verb in card.verbs])
def test_each_model_does_what_its_card_says(engine: Engine, name: str, verb: str) -> None:
    song = read_song(demo_song()).song
    if verb == "generate":
        song = Song((Track("Melody"),), 480, (), (MeterChange(0, 4, 4),), (KeyChange(0, 2, "major"),))
    request = request_of(
        song.tracks[0].notes,
        kind=verb,
        model=name,
        seed=3,
        constraints=Constraints(key=Key(2)),
        from_tick=BAR_TICKS if verb in ("infill", "vary", "interpolate") else 0,
        to_tick=3 * BAR_TICKS,
        bars=4 if verb in ("continue", "generate") else 2,
    )
    if verb == "interpolate":
        request = replace(request, other=song, takes=3)
    takes, again = engine.generate(request), engine.generate(request)
    writes_parts = FAMILIES.variant(next(card.variant for card in CARDS if card.name == name)).writes_parts
    for take, other in zip(takes, again, strict=True):
        (check_rules if writes_parts else check)(take, request)
        assert take.notes == other.notes
    assert {take.model for take in takes} == {name}


def test_loading_a_model_does_not_load_half_of_torch() -> None:
    program = (
        "import sys; from musicassist.composing.engine import Engine;"
        "from musicassist.families.registry import FAMILIES;"
        "from musicassist.resources import checkpoints_folder as folder; engine = Engine(folder(), FAMILIES);"
        "before = len(sys.modules); [engine.load(card.name) for card in engine.models()];"
        "print(len(sys.modules) - before)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(answer.stdout) < 50


def test_every_verb_has_a_model_and_every_family_that_learns_from_music_is_there() -> None:
    assert {verb for card in CARDS for verb in card.verbs} == set(VERBS)
    assert {card.variant for card in CARDS} == {
        variant.mark for family in FAMILIES.families for variant in family.variants
    }


def test_the_cards_tell_what_was_learned_and_whom_to_thank() -> None:
    for card in CARDS:
        assert card.licences, card.name
        assert card.metrics, card.name
        assert card.recipe, card.name
        assert card.bytes == (checkpoints_folder() / f"{card.name}.safetensors").stat().st_size


def test_the_checkpoints_are_small() -> None:
    assert sum(path.stat().st_size for path in checkpoints_folder().iterdir()) <= MAX_BYTES
    assert all(card.bytes <= SMALL_MOST_BYTES for card in CARDS if card.family in ("rnn", "gru", "markov"))


@pytest.mark.parametrize("swing", [0.667, 0.6])
@pytest.mark.parametrize("rests", [False, True])
def test_a_played_shuffle_goes_on_as_a_shuffle(engine: Engine, swing: float, rests: bool) -> None:
    random = np.random.default_rng(1)
    rows = []
    for i in range(48):
        if rests and i % 8 == 3:
            continue
        start = i // 2 * 480 + (i % 2) * round(swing * 480) + int(random.integers(-14, 15))
        pitch = (60, 63, 65, 66, 67, 70, 72, 70, 67, 66, 65, 63)[i % 12]
        rows.append(Note(max(0, start), pitch, (150 if i % 2 else 310) + int(random.integers(-30, 30))))
    song = Song((Track(notes=Notes.of(rows)),), tempo_changes=(tempo_change(0, 100),))
    request = GenerationRequest(
        "continue", song, bars=4, takes=8, seed=1, model=FAMILIES.default_model(CARDS, "continue")
    )
    places = np.concatenate([take.notes.start_tick % 480 for take in engine.generate(request)])
    off_beat = places[places > 0]
    assert len(off_beat) > 40
    assert (np.abs(off_beat - swing * 480) <= 12).mean() >= 0.9  # where this hand plays it


def counted_share_new(seed: Notes, new: Notes, longest: int) -> float:
    """By plain comparison: the share of new notes that end no run of more than ``longest`` that stood before."""
    notes = seed.plus(new)
    steps = list(zip(np.diff(notes.start_tick).tolist(), np.diff(notes.pitch).tolist(), strict=True))
    copied = 0
    for row in range(len(seed) - 1, len(steps)):
        run = steps[row - longest : row + 1]
        copied += any(steps[other - longest : other + 1] == run for other in range(longest, row))
    return 1 - copied / len(new)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_how_much_of_a_take_is_new_is_what_a_plain_count_finds(engine: Engine, name: str) -> None:
    figure = [60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 65, 62]
    seed = Notes.of(Note(place * 240, pitch, 240) for place, pitch in enumerate(figure * 2))
    takes = engine.generate(request_of(seed, model=name, seed=4, temperature=1.1, bars=12, takes=8))
    shares, one_less, one_more = (
        [counted_share_new(seed, take.notes, MAX_COPY + more) for take in takes] for more in (0, -1, 1)
    )
    assert [take.originality for take in takes] == pytest.approx(shares)
    assert shares != one_less and shares != one_more  # so that a count that is off by a note would be seen
