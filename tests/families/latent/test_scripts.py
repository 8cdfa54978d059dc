"""Varying, going from phrase to phrase and writing anew with a latent model: the takes keep to what was asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from builders import phrase
from musicassist.composing.engine import Engine, GenerationCancelled
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.errors import CheckpointError, SeedError
from musicassist.families.latent.net import VaeModel
from musicassist.families.latent.scripts import latent_config
from musicassist.families.latent.vae_learning import VaeSettings, VaeTrainee, batch_of, window_nats
from musicassist.families.registry import FAMILIES
from musicassist.learning.windows import Windows
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import Key, parse_chord
from musicassist.tokens.codec import encode
from musicassist.tokens.vocabulary import METERS, MODES
from musicassist.tokens.windows import Span, fields_of
from take_laws import check, request_of, wild_request
from tiny_latent_models import install_tiny_vae, tiny_vae
from tiny_models import install_tiny_model

BAR = 1920
# ends as every take must: on the tonic's triad, with a note of a beat
TUNE = phrase(60, 64, 67, 72, 71, 67, 65, 62, 64, 65, 67, 64, 62, 59).plus(Notes.of([Note(14 * 240, 60, 480)]))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_vae(folder)
    install_tiny_model(folder)
    return Engine(folder, FAMILIES)


def asked(kind: str = "vary", notes: Notes = TUNE, **options: object) -> GenerationRequest:
    defaults: dict[str, object] = {"model": "tiny-vae", "from_tick": 0, "to_tick": 2 * BAR, "bars": 2}
    return request_of(notes, kind=kind, **{**defaults, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("number", range(40))
def test_whatever_is_asked_new_phrases_keep_to_it(engine: Engine, number: int) -> None:
    request = replace(wild_request(number), kind="generate", model="tiny-vae")
    for take in engine.generate(request):
        check(take, request)


@pytest.mark.parametrize("number", range(40))
def test_whatever_is_asked_variations_keep_to_it(engine: Engine, number: int) -> None:
    """Any bars of any phrase, with and without notes before them."""
    request = replace(wild_request(number), kind="vary", model="tiny-vae", amount=number / 40)
    notes, bars = request.song.tracks[0].notes, request.song.time_map
    first = bars.bar_at(int(notes.start_tick[len(notes) // 2]))
    span = bars.bar_start_tick(first), bars.bar_start_tick(first + request.bars)
    request = replace(request, from_tick=span[0], to_tick=span[1])
    for take in engine.generate(request):
        check(take, request)
        assert (take.from_tick, take.to_tick) == span


def test_chords_scale_and_range_are_kept(engine: Engine) -> None:
    chords = (parse_chord("C"), parse_chord("G"))
    request = asked(
        constraints=Constraints(key=Key(0), lowest_pitch=55, highest_pitch=79, chords=chords), amount=1.0, takes=4
    )
    for take in engine.generate(request):
        check(take, request)
        for note in take.notes:
            bar, offset = divmod(note.start_tick, BAR)
            assert offset % 480 or note.pitch % 12 in chords[bar].pitch_classes


def test_equal_requests_give_equal_notes_and_other_seeds_others(engine: Engine) -> None:
    for kind in ("vary", "generate"):
        first, again = (engine.generate(asked(kind, amount=0.8)) for _ in range(2))
        assert [take.notes for take in first] == [take.notes for take in again]
        assert engine.generate(asked(kind, amount=0.8, seed=9))[0].notes != first[0].notes


def test_a_take_does_not_hang_on_how_many_there_are(engine: Engine) -> None:
    one, three = engine.generate(asked(takes=1)), engine.generate(asked(takes=3))
    assert one[0].notes == three[0].notes


def test_it_varies_and_does_not_continue(engine: Engine) -> None:
    with pytest.raises(CheckpointError, match="does not continue"):
        engine.generate(asked("continue"))
    with pytest.raises(CheckpointError):
        engine.generate(between(asked(model="tiny"), Song((Track("M", TUNE),)), 0, 3))


# a model that has learned two phrases


def learned(*phrases: Notes) -> VaeModel:
    """A small model that writes some phrases of two bars of C major again."""
    torch.manual_seed(2)
    config = latent_config(latent=32, part=32, hidden=48, head_hidden=64)
    config = replace(config, dropout=0.0)
    fields = np.zeros((len(phrases), 32, 3), dtype=np.uint8)
    count = np.array([len(notes) for notes in phrases])
    for row, notes in enumerate(phrases):
        fields[row, : len(notes)] = fields_of(encode(notes, 480), Span(0, 96, 1), 60)
    condition = np.array([[METERS.index("4/4"), MODES.index("major"), 0]] * len(phrases), dtype=np.uint8)
    windows = Windows(fields, count, condition)
    settings = VaeSettings(config, free_nats=2.0, hidden_events_share=0.0)
    trainee = VaeTrainee(settings, windows, windows, windows, 1)
    batch = batch_of(windows)
    optimiser = torch.optim.Adam(trainee.parts()["model"], 1e-2)
    for step in range(80):
        for _, loss in trainee.losses(batch, step):
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    _, _, hits = window_nats(trainee.model.eval(), batch, sampled=False)
    assert hits.mean() == 1.0
    return trainee.model


OTHER = phrase(72, 71, 69, 67, 65, 64, 62, 60, step_ticks=480)


def between(request: GenerationRequest, other: Song, track: int, phrases: int) -> GenerationRequest:
    return replace(request, kind="interpolate", other=other, other_track=track, takes=phrases)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("taught")
    install_tiny_vae(folder, learned(TUNE, OTHER))
    return Engine(folder, FAMILIES)


def moved(notes: Notes, *, ticks: int = 0, semitones: int = 0) -> Notes:
    return Notes.from_columns(notes.start_tick + ticks, notes.pitch + semitones, notes.duration_ticks, notes.velocity)


def rows(notes: Notes) -> list[tuple[int, int, int]]:
    return [(note.start_tick, note.pitch, note.duration_ticks) for note in notes]


@pytest.mark.parametrize("shift", [0, 2, 12])
def test_nothing_varied_is_the_phrase_itself_in_every_key(taught: Engine, shift: int) -> None:
    notes = moved(TUNE, semitones=shift)
    constraints = Constraints(key=Key(shift % 12))
    (take,) = taught.generate(asked(notes=notes, takes=1, amount=0.0, constraints=constraints))
    assert rows(take.notes) == rows(notes)


def test_four_bars_are_two_windows_behind_what_stands_before(taught: Engine) -> None:
    before = phrase(60, 64, 67, 64, step_ticks=480)
    notes = before.plus(moved(TUNE, ticks=BAR)).plus(moved(OTHER, ticks=3 * BAR))
    request = asked(notes=notes, takes=1, amount=0.0, from_tick=BAR, to_tick=5 * BAR)
    request = replace(request, constraints=Constraints(key=Key(0)))
    (take,) = taught.generate(request)
    assert rows(take.notes) == rows(notes.where(notes.start_tick >= BAR))


def test_the_further_the_less_of_the_phrase_is_left(taught: Engine) -> None:
    kept = []
    for amount in (0.0, 0.5, 1.0):
        takes = taught.generate(asked(takes=8, amount=amount, constraints=Constraints(key=Key(0))))
        kept.append(np.mean([len(set(rows(take.notes)) & set(rows(TUNE))) for take in takes]))
    assert len(TUNE) == kept[0] >= kept[1] > kept[2]


def song_of(notes: Notes, *, shift: int = 0) -> Song:
    track = Track("Melody", moved(notes, semitones=shift))
    return Song((track,), key_changes=(KeyChange(0, shift % 12, "major"),))


def test_the_way_leads_from_the_first_phrase_to_the_other_in_the_key_of_the_first(taught: Engine) -> None:
    request = asked(constraints=Constraints(key=Key(0)))
    takes = taught.generate(between(request, song_of(OTHER, shift=3), 0, 5))
    assert [take.number for take in takes] == [1, 2, 3, 4, 5]
    assert rows(takes[0].notes) == rows(TUNE)
    assert rows(takes[-1].notes) == rows(OTHER)
    for take in takes:
        check(take, request)
        assert (take.from_tick, take.to_tick) == (0, 2 * BAR)


def test_a_shorter_phrase_comes_as_often_as_it_fits(taught: Engine) -> None:
    twice = TUNE.plus(moved(TUNE, ticks=2 * BAR))
    request = asked(notes=twice, to_tick=4 * BAR, bars=4, constraints=Constraints(key=Key(0)))
    last = taught.generate(between(request, song_of(OTHER), 0, 2))[-1]
    assert rows(last.notes) == rows(OTHER.plus(moved(OTHER, ticks=2 * BAR)))


def test_of_one_step_there_is_the_middle(taught: Engine) -> None:
    request = asked(constraints=Constraints(key=Key(0)))
    (middle,) = taught.generate(between(request, song_of(OTHER), 0, 1))
    assert middle.notes == taught.generate(between(request, song_of(OTHER), 0, 3))[1].notes


def test_notes_are_told_and_it_can_be_cancelled(taught: Engine) -> None:
    told: dict[int, list[Note]] = {1: [], 2: []}
    takes = taught.generate(
        between(asked(), song_of(OTHER), 0, 2), on_note=lambda number, note: told[number].append(note)
    )
    assert told == {take.number: list(take.notes) for take in takes}
    with pytest.raises(GenerationCancelled):
        taught.generate(between(asked(), song_of(OTHER), 0, 2), is_cancelled=lambda: True)


@pytest.mark.parametrize(
    ("other", "track"),
    [(Song(), 0), (Song((Track(),)), 0), (song_of(OTHER), 1), (Song((Track(channel=9, notes=TUNE),)), 0)],
)
def test_without_a_second_phrase_it_says_so(engine: Engine, other: Song, track: int) -> None:
    with pytest.raises(SeedError, match="second phrase"):
        engine.generate(between(asked(), other, track, 3))


def test_nothing_to_vary_is_said(engine: Engine) -> None:
    with pytest.raises(SeedError, match="vary"):
        engine.generate(between(asked(from_tick=8 * BAR, to_tick=10 * BAR), song_of(OTHER), 0, 3))


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    install_tiny_vae(tmp_path)
    model, own = Engine(tmp_path, FAMILIES).ready("tiny-vae").net(), tiny_vae()
    for name, weight in own.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], weight.half().float())
