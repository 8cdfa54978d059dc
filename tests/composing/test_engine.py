"""Whatever is asked of the engine, the takes keep to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.engine import Engine, GenerationCancelled
from musicassist.composing.request import Constraints
from musicassist.errors import CheckpointError, ConstraintError, MusicAssistError, SeedError
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.families.registry import FAMILIES
from musicassist.models.checkpoints import save_checkpoint
from musicassist.score.meant_times import meant_notes, next_onset_tick
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import SCALES, Chord, Key, parse_chord
from musicassist.score.timing import MeterChange
from take_laws import PHRASE, check, request_of, wild_request
from tiny_models import card_of, install_tiny_model, tiny_model


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(folder)
    made = Engine(folder, FAMILIES)
    made.load("tiny")
    return made


@pytest.mark.parametrize("number", range(60))
def test_any_phrase_with_any_settings_is_continued_as_asked(engine: Engine, number: int) -> None:
    request = wild_request(number)
    for take in engine.generate(request):
        check(take, request)


@pytest.mark.parametrize("meter", [(3, 4), (6, 8), (7, 8), (5, 4), (12, 8), (2, 2)])
@pytest.mark.parametrize("ticks_per_beat", [96, 100, 960, 1024])
def test_every_meter_and_division_ends_on_the_bar_line(
    engine: Engine, meter: tuple[int, int], ticks_per_beat: int
) -> None:
    notes = phrase(60, 62, 64, step_ticks=ticks_per_beat // 2)
    request = request_of(notes, meters=((0, *meter),), ticks_per_beat=ticks_per_beat, takes=1)
    (take,) = engine.generate(request)
    check(take, request)
    bar_ticks = ticks_per_beat * 4 * meter[0] // meter[1]
    assert take.to_tick % bar_ticks == 0
    beat_ticks = ticks_per_beat * 4 // meter[1]
    assert take.notes.start_tick[0] < -(-take.from_tick // beat_ticks) * beat_ticks + bar_ticks


def test_the_meter_may_change_inside_the_span(engine: Engine) -> None:
    meters = ((0, 4, 4), (1920, 3, 4), (1920 + 1440, 7, 8))
    request = request_of(meters=meters, bars=3)
    for take in engine.generate(request):
        check(take, request)
        assert take.to_tick == 1920 + 1440 + 2 * 1680


@pytest.mark.parametrize(
    "notes",
    [
        Notes.of([Note(0, 60, 481)]),  # is let go a tick after the beat
        Notes.of([Note(0, 60, 1919)]),  # is let go a tick before the bar line
        Notes.of([Note(0, 60, 1920)]),  # ends on the bar line
        Notes.of([Note(479, 60, 1)]),  # so short that it is rounded up to its own end
        Notes.of([Note(470, 62, 5), Note(479, 60, 1)]),
        Notes.of([Note(0, 60, 100_000)]),  # far longer than the grid knows
        Notes.of([Note(0, 40, 20_000), Note(100, 72, 50)]),  # the top line stops long before the end
        Notes.of([Note(tick, pitch, 900) for tick in (0, 960) for pitch in (60, 64, 67)]),  # chords
        Notes.of([Note(10_000_000, 60, 240)]),  # far from the start
        Notes.of([Note(i * 120, 60 + i % 13, 120) for i in range(700)]),  # more notes than are read
        Notes.of([Note(0, 0, 240), Note(240, 127, 240)]),
    ],
)
def test_a_phrase_may_end_anywhere(engine: Engine, notes: Notes) -> None:
    request = request_of(notes)
    for take in engine.generate(request):
        check(take, request)
        bars = request.song.time_map
        assert take.from_tick == next_onset_tick(meant_notes(notes, bars), bars)
        assert take.notes.start_tick[0] < -(-take.from_tick // 480) * 480 + 1920  # a beat, and less than a bar


def test_a_selection_is_continued_from_its_own_end(engine: Engine) -> None:
    mask = np.array([True, True, False, False, False, False, False, False])
    request = request_of(selection=mask)
    for take in engine.generate(request):
        check(take, request)
        assert take.from_tick == 480


@pytest.mark.parametrize("scale", SCALES)
def test_no_note_leaves_the_scale(engine: Engine, scale: str) -> None:
    request = request_of(constraints=Constraints(key=Key(3, scale)), temperature=2.0)
    for take in engine.generate(request):
        check(take, request)


@pytest.mark.parametrize("pitches", [(60, 71), (64, 64), (0, 0), (127, 127), (0, 11)])
@pytest.mark.parametrize("kind", ["continue", "generate"])
def test_a_narrow_range_is_kept(engine: Engine, pitches: tuple[int, int], kind: str) -> None:
    constraints = Constraints(lowest_pitch=pitches[0], highest_pitch=pitches[1])
    request = request_of(constraints=constraints, kind=kind, bars=4)
    for take in engine.generate(request):
        check(take, request)


@pytest.mark.parametrize("kind", ["continue", "generate"])
def test_notes_on_the_beat_are_chord_tones(engine: Engine, kind: str) -> None:
    chords = tuple(parse_chord(name) for name in ("Dm7", "G7", "Cmaj7"))
    request = request_of(constraints=Constraints(chords=chords), kind=kind, bars=5)
    first_bar = 0 if kind == "generate" else 1
    for take in engine.generate(request):
        check(take, request)
        for note in take.notes:
            bar, offset = divmod(note.start_tick, 1920)
            assert offset % 480 or note.pitch % 12 in chords[(bar - first_bar) % 3].pitch_classes


@pytest.mark.parametrize("density", [0.25, 0.5, 1.0, 2.0])
def test_no_bar_is_denser_than_asked(engine: Engine, density: float) -> None:
    for kind in ("continue", "generate"):
        request = request_of(constraints=Constraints(density=density), kind=kind, bars=4)
        for take in engine.generate(request):
            check(take, request)
            _, counts = np.unique(take.notes.start_tick // 1920, return_counts=True)
            assert counts.max() <= max(1, density * 4)


def test_only_new_music_copies_no_more_than_eight_notes(engine: Engine) -> None:
    notes = phrase(*[60, 62, 64, 65, 67, 69, 71, 72] * 6)
    for take in engine.generate(request_of(notes, constraints=Constraints(only_new=True), bars=8, temperature=0.01)):
        assert take.originality == 1.0


def test_from_nothing_a_take_fills_the_first_bars(engine: Engine) -> None:
    song = Song(key_changes=(KeyChange(0, 2, "major"),), meter_changes=(MeterChange(0, 3, 4),))
    told: dict[int, list[Note]] = {1: [], 2: []}
    request = replace(request_of(kind="generate", bars=4), song=song)
    takes = engine.generate(request, on_note=lambda number, note: told[number].append(note))
    for take in takes:
        check(take, request)
        assert (take.from_tick, take.to_tick) == (0, 4 * 1440)
        assert take.notes.start_tick[0] == 0
        assert take.notes.pitch[0] % 12 in {2, 6, 9}  # a tone of the triad of the song's key
        assert told[take.number] == list(take.notes)


def test_even_one_short_bar_can_be_filled_from_nothing(engine: Engine) -> None:
    for meter in ((1, 16), (1, 8), (1, 4), (2, 4)):
        for density in (None, 0.1):
            constraints = Constraints(density=density)
            request = request_of(meters=((0, *meter),), kind="generate", bars=1, constraints=constraints)
            for take in engine.generate(request):
                check(take, request)


def test_equal_requests_give_equal_notes_and_other_seeds_others(engine: Engine) -> None:
    request = request_of(bars=4, takes=3)
    first, again = engine.generate(request), engine.generate(request)
    assert [take.notes for take in first] == [take.notes for take in again]
    assert len({tuple(take.notes) for take in first}) == 3
    assert engine.generate(replace(request, seed=8))[0].notes != first[0].notes


def test_a_fresh_engine_gives_the_same_notes(engine: Engine) -> None:
    request = request_of(bars=2)
    fresh = Engine(engine.folder, FAMILIES)
    assert [take.notes for take in fresh.generate(request)] == [take.notes for take in engine.generate(request)]


def test_every_note_is_told_once_in_order_as_the_take_has_it(engine: Engine) -> None:
    told: dict[int, list[Note]] = {number: [] for number in range(1, 5)}
    takes = engine.generate(
        request_of(bars=4, takes=4), on_note=lambda number, note: told[number].append(note), is_cancelled=lambda: False
    )
    assert {take.number: list(take.notes) for take in takes} == told


def test_the_critic_gives_the_same_order_whatever_number_is_shown(engine: Engine) -> None:
    all_of_them = engine.generate(request_of(bars=4, takes=8))
    (best,) = engine.generate(request_of(bars=4, takes=1))
    few = engine.generate(request_of(bars=4, takes=4))
    plain = engine.generate(request_of(bars=4, takes=8, candidates=1))
    assert best.notes == few[0].notes == all_of_them[0].notes
    ranks = [[take.notes for take in all_of_them].index(take.notes) for take in few]
    assert ranks == sorted(ranks) and [take.number for take in few] == [1, 2, 3, 4]
    composed = [take.notes for take in plain]
    assert [take.notes for take in all_of_them] != composed
    assert sorted(map(tuple, composed)) == sorted(tuple(take.notes) for take in all_of_them)


def test_what_keeps_to_its_phrase_comes_as_it_is() -> None:
    for kind in ("vary", "interpolate"):
        request = replace(request_of(takes=2), kind=kind)
        assert not request.is_chosen_from and request.composed == 2
    assert request_of(takes=2).composed == 8 and request_of(takes=12).composed == 12
    assert request_of(takes=2, candidates=16).composed == 16 and request_of(takes=2, candidates=1).composed == 2


def test_how_far_it_is_grows_while_notes_wait_for_the_critic(engine: Engine) -> None:
    told: list[tuple[str, float]] = []
    engine.generate(
        request_of(bars=4, takes=2),
        on_note=lambda number, _note: told.append(("note", number)),
        on_progress=lambda share: told.append(("share", share)),
    )
    first_note = told.index(("note", 1))
    shares = [value for _, value in told[:first_note]]
    assert all(kind == "share" for kind, _ in told[:first_note]) and len(shares) > 8
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert all(kind == "note" for kind, _ in told[first_note:])


def test_cancelling_stops_what_the_critic_would_choose_from(engine: Engine) -> None:
    shares: list[float] = []
    with pytest.raises(GenerationCancelled):
        engine.generate(request_of(bars=200), on_progress=shares.append, is_cancelled=lambda: len(shares) >= 2)
    assert shares[-1] < 0.1


def test_a_take_carries_what_was_asked(engine: Engine) -> None:
    constraints = Constraints(lowest_pitch=50)
    request = request_of(constraints=constraints, seed=77, revision=5)
    for number, take in enumerate(engine.generate(request), 1):
        assert (take.number, take.seed, take.model, take.revision) == (number, 77, "tiny", 5)
        assert take.constraints is constraints
        assert 0 <= take.in_scale_share <= 1
        assert 0 <= take.originality <= 1


def test_cancelling_stops_at_the_next_note(engine: Engine) -> None:
    told: list[Note] = []
    with pytest.raises(GenerationCancelled):
        engine.generate(
            request_of(bars=200, takes=1, candidates=1),
            on_note=lambda _number, note: told.append(note),
            is_cancelled=lambda: len(told) >= 3,
        )
    assert len(told) == 3
    with pytest.raises(GenerationCancelled):
        engine.generate(request_of(), is_cancelled=lambda: True)


@pytest.mark.parametrize(
    ("song", "kind"),
    [
        (Song(), "continue"),
        (Song((Track(),)), "continue"),
        (Song((Track(channel=9, notes=phrase(36, 38)),)), "continue"),
    ],
)
def test_a_song_without_a_melody_is_refused_in_words(engine: Engine, song: Song, kind: str) -> None:
    with pytest.raises(SeedError) as caught:
        engine.generate(replace(request_of(kind=kind), song=song))
    assert_words(caught.value)


@pytest.mark.parametrize(
    ("constraints", "options"),
    [
        (Constraints(lowest_pitch=80, highest_pitch=70), {}),
        (Constraints(lowest_pitch=200, highest_pitch=300), {}),
        (Constraints(key=Key(0), lowest_pitch=61, highest_pitch=61), {}),
        (Constraints(key=Key(6), chords=(Chord(0),), lowest_pitch=60, highest_pitch=64), {}),
        (Constraints(), {"style": "polka"}),
        (Constraints(), {"kind": "generate", "meters": ((0, 1, 64),), "bars": 1}),
        (Constraints(), {"bars": 0}),
    ],
)
def test_demands_that_nothing_meets_are_refused_in_words(
    engine: Engine, constraints: Constraints, options: dict[str, object]
) -> None:
    notes = Notes.of([Note(0, 60, 1920)])
    with pytest.raises(ConstraintError) as caught:
        engine.generate(request_of(notes, constraints=constraints, **options))  # type: ignore[arg-type]
    assert_words(caught.value)


@pytest.mark.parametrize("name", ["no-such-model", "../tiny", "", "a/b", "a\\b", "a\0b", "x" * 300, "ö" * 5000])
def test_a_model_that_is_not_there_is_refused_in_words(engine: Engine, name: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        engine.generate(request_of(model=name))
    assert_words(caught.value)
    assert "tiny" in str(caught.value)


def assert_words(error: MusicAssistError) -> None:
    text = str(error)
    assert text[0].isupper()
    assert text.endswith(".")
    assert "None" not in text
    assert "{" not in text


def test_the_installed_models_are_known_by_their_cards(engine: Engine, tmp_path: Path) -> None:
    assert [card.name for card in engine.models()] == ["tiny"]
    assert Engine(tmp_path / "nowhere", FAMILIES).models() == ()


def test_a_model_of_other_columns_is_refused(tmp_path: Path) -> None:
    config = tiny_model().config
    model = RecurrentModel(replace(config, heads=config.heads[:2]))
    save_checkpoint(model, card_of(model, "odd"), tmp_path / "odd.safetensors")
    with pytest.raises(CheckpointError):
        Engine(tmp_path, FAMILIES).load("odd")


def test_no_takes_are_no_work(engine: Engine) -> None:
    assert engine.generate(request_of(takes=0)) == ()


def test_a_song_with_more_tracks_is_continued_in_the_one_asked_for(engine: Engine) -> None:
    song = Song((Track("Bass", phrase(40, 43)), Track("Melody", PHRASE)))
    (take,) = engine.generate(replace(request_of(takes=1), song=song, track_index=0))
    assert take.from_tick == 480


def test_what_was_read_ahead_is_not_read_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_of(Notes.of([Note(i * 120, 60 + i % 13, 120) for i in range(90)]), seed=2)
    takes = engine.generate(request)
    net, events = engine.ready("tiny").model.net, []
    read = net.read
    monkeypatch.setattr(net, "read", lambda *given: events.append(1) or read(*given))
    other = request_of(Notes.of([Note(i * 120, 61 + i % 11, 120) for i in range(90)]), seed=2)
    engine.read_ahead(other, lambda: False)
    assert events
    events.clear()
    engine.generate(replace(other, bars=3, seed=5))
    assert len(events) <= 2  # the bars that are left to another end change what the last notes say
    assert [take.notes for take in engine.generate(request)] == [take.notes for take in takes]


def test_reading_ahead_of_what_makes_no_sense_says_nothing(engine: Engine) -> None:
    engine.read_ahead(request_of(Notes.of()), lambda: False)
    engine.read_ahead(request_of(model="missing"), lambda: False)
    engine.read_ahead(request_of(), lambda: True)


def test_the_reading_of_a_seed_can_be_cancelled(engine: Engine) -> None:
    request = request_of(Notes.of([Note(i * 120, 50 + i % 17, 120) for i in range(300)]))
    looks = iter([False] * 5)
    with pytest.raises(GenerationCancelled):
        engine.generate(request, is_cancelled=lambda: next(looks, True))
    assert next(looks, None) is None
