"""Kept bars are composed exactly so again, or it is said why they cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.composed import Stretch, WeightsFile, with_composed
from musicassist.composing.engine import Engine
from musicassist.composing.request import Take
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.errors import CheckpointError, MusicAssistError
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Notes
from session_desk import Desk
from tiny_models import install_tiny_model

BAR = 1920


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(made)
    return made


@pytest.fixture
def desk(folder: Path) -> Desk:
    """The second of three takes was kept, and the project opened anew."""
    desk = Desk()
    takes = desk.session.takes
    takes.set_controls(replace(takes.controls, model="tiny", candidates=4, takes=3))
    takes.ask()
    assert takes.request is not None
    takes.on_takes(takes.request, Engine(folder, FAMILIES).generate(takes.request))
    takes.audition(2)
    takes.accept()
    document = desk.document
    entry = Entry(document.song, None, 0, undo=document.undo_list, pages=document.pages)
    read = unpack_entry(pack_entry(entry, None), None)
    desk.session.open_project(read, Path("x.musicassist"), is_kept=True)
    return desk


def compose(desk: Desk, folder: Path) -> tuple[Take, ...]:
    (origin,) = desk.document.track.origins
    desk.session.again.compose(origin)
    return Engine(folder, FAMILIES).generate(desk.generator.asked[-1])


def said(desk: Desk) -> str:
    last = desk.changes[-1]
    return last.template.format(**last.values)


def test_the_same_take_is_on_offer_and_keeping_it_changes_nothing(desk: Desk, folder: Path) -> None:
    kept, (origin,) = desk.document.track.notes, desk.document.track.origins
    takes = compose(desk, folder)
    desk.session.again.on_takes(desk.generator.asked[-1], takes)
    heard = desk.session.takes.heard
    assert heard is not None and (heard.from_tick, heard.to_tick, heard.number) == (origin.from_tick, origin.to_tick, 2)
    assert said(desk).startswith("Composed again:") and "the very same" in said(desk)
    desk.session.takes.accept()
    assert desk.document.track.notes == kept
    (again,) = desk.document.track.origins
    story = desk.session.again.story(again)
    assert (story.facts.number, story.request.kind) == (2, "continue")


def test_edited_bars_that_were_moved_are_composed_where_they_lie_now(desk: Desk, folder: Path) -> None:
    kept = desk.document.track.notes
    rows = [int(row) for row in (kept.start_tick >= BAR).nonzero()[0]]
    desk.select(*rows)
    desk.session.notes.nudge_ticks(2 * BAR)
    desk.select(rows[0])
    desk.session.notes.transpose(5)
    takes = compose(desk, folder)
    desk.session.again.on_takes(desk.generator.asked[-1], takes)
    desk.session.takes.accept()
    moved = desk.document.track.notes
    inside = moved.where(moved.start_tick >= BAR)
    assert (inside.start_tick - 2 * BAR).tolist() == kept.start_tick[rows].tolist()
    assert inside.pitch.tolist() == kept.pitch[rows].tolist()


def with_weights(takes: tuple[Take, ...], *weights: WeightsFile) -> tuple[Take, ...]:
    rows = []
    for take in takes:
        (stretch,) = take.composed
        rows.append(replace(take, composed=(Stretch(0, 1, replace(stretch.composed, weights=weights)),)))
    return tuple(rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("model", "The weights of tiny are missing here."),
        ("weights", "The weights of tiny are others than those that composed these bars."),
        ("program", "This version of musicassist composes these bars otherwise than"),
    ],
)
def test_what_cannot_be_composed_the_same_is_said_and_what_was_kept_is_offered(
    desk: Desk, folder: Path, change: str, words: str
) -> None:
    kept = desk.document.track.notes
    desk.document.apply("Clear", desk.document.song)
    takes = tuple(replace(take, notes=Notes.of()) for take in compose(desk, folder))
    if change == "model":
        takes = tuple(replace(take, model="other") for take in takes)
    if change == "weights":
        (old, *others) = takes[0].composed[0].composed.weights
        takes = with_weights(takes, replace(old, sha256="0" * 64), *others)
    desk.session.again.on_takes(desk.generator.asked[-1], takes)
    assert said(desk).startswith(words) and said(desk).endswith("on offer instead.")
    heard = desk.session.takes.heard
    assert heard is not None and heard.notes == kept.where(kept.start_tick >= BAR)


def test_a_failure_is_said_and_what_was_kept_is_offered(desk: Desk, folder: Path) -> None:
    compose(desk, folder)
    desk.session.again.on_failure(desk.generator.asked[-1], CheckpointError("There is no model named tiny."))
    assert said(desk) == "There is no model named tiny." and desk.session.takes.phase == "offered"


def test_answers_to_others_are_passed_over(desk: Desk, folder: Path) -> None:
    takes = compose(desk, folder)
    desk.session.again.on_takes(replace(desk.generator.asked[-1]), takes)
    assert desk.session.takes.phase == "idle"


def test_bars_whose_story_is_lost_say_so(desk: Desk) -> None:
    (origin,) = desk.document.track.origins
    desk.document.keep_page(f"made/{origin.story}", None)
    with pytest.raises(MusicAssistError, match="not known any more"):
        desk.session.again.compose(origin)
    assert desk.session.again.origin_at(origin.from_tick) == origin
    assert desk.session.again.origin_at(origin.to_tick) is None


def test_a_part_of_an_accompaniment_is_composed_again_in_its_track(desk: Desk) -> None:
    desk.session.harmonising.accompany()
    takes = desk.session.takes
    assert takes.request is not None
    takes.on_takes(takes.request, accompaniment_takes(takes.request, lambda: False))
    takes.accept()
    desk.document.select_track(len(desk.document.song.tracks) - 1)
    track = desk.document.track
    desk.session.again.compose(track.origins[0])
    asked = desk.generator.asked[-1]
    desk.session.again.on_takes(asked, accompaniment_takes(asked, lambda: False))
    assert "the very same" in said(desk)
    takes.accept()
    assert desk.document.track.notes == track.notes
    assert desk.session.again.story(desk.document.track.origins[0]).facts.part < 0


def test_notes_without_a_take_of_that_number_are_not_the_same(desk: Desk, folder: Path) -> None:
    takes = compose(desk, folder)
    asked = desk.generator.asked[-1]
    desk.session.again.on_takes(asked, (with_composed(takes[0], asked),))
    assert "on offer instead" in said(desk)


def test_notes_that_were_picked_out_of_a_take_are_offered_alone(desk: Desk, folder: Path) -> None:
    desk.document.undo()
    takes = desk.session.takes
    takes.ask()
    assert takes.request is not None
    takes.on_takes(takes.request, Engine(folder, FAMILIES).generate(takes.request))
    desk.session.picking.pick_bars(2 * BAR, 3 * BAR)
    picked = desk.session.picking.notes
    assert 0 < desk.session.picking.keep() == len(picked)
    takes.dismiss()
    (origin,) = desk.document.track.origins
    story = desk.session.again.story(origin)
    assert story.composed == picked and not story.facts.is_whole
    made = compose(desk, folder)
    desk.session.again.on_takes(desk.generator.asked[-1], made)
    assert "the very same" in said(desk) and takes.heard is not None and takes.heard.notes == picked
