"""What became of takes is counted by model and idea, and can put the next ones in order."""

from __future__ import annotations

from dataclasses import replace

from builders import phrase
from musicassist.session.comping import Comp
from musicassist.session.take_counts import MIN_KEPT, TakeCounts
from musicassist.session.take_kin import of_models
from musicassist.settings import MAX_TAKE_COUNTS, TakeCount
from session_desk import BAR, PLAN, SPAN, Desk, made


def asked(count: int = 2) -> Desk:
    desk = Desk()
    desk.session.takes.ask()
    desk.makes(count, PLAN)
    return desk


def row(desk: Desk, model: str | None = None) -> TakeCount:
    counts, model = desk.session.take_counts, model or desk.session.takes.controls.model
    return next(own for own in counts.rows if own.model == model)


def test_takes_are_offered_heard_and_dismissed() -> None:
    desk = asked(3)
    assert row(desk) == TakeCount("lstm", "answer", offered=3)
    desk.session.takes.audition(2)
    desk.session.takes.audition(2)
    desk.session.takes.audition(3)
    assert row(desk).heard == 2
    desk.session.takes.dismiss()
    assert (row(desk).offered, row(desk).dismissed, row(desk).kept) == (3, 3, 0)


def test_what_others_take_the_place_of_was_dismissed_and_what_joins_is_offered() -> None:
    desk = asked(2)
    desk.session.further.ask(of_models(desk.session.takes.current, ["gru"]))
    made(desk, phrase(70, from_tick=BAR), phrase(71, from_tick=BAR))
    assert (row(desk).offered, row(desk, "gru").offered) == (2, 2)
    desk.session.takes.again()
    assert (row(desk).dismissed, row(desk, "gru").dismissed) == (2, 2)


def test_a_kept_take_counts_with_how_much_of_it_was_edited_till_the_next_save() -> None:
    desk = asked(4)
    desk.session.takes.audition(4)
    desk.session.takes.accept()
    assert row(desk).kept == 0  # it may still be taken back
    desk.select(4)
    desk.session.notes.transpose(1)
    desk.session.take_counts.settle()
    assert (row(desk).kept, row(desk).kept_notes, row(desk).changed_notes) == (1, 4, 1)
    assert row(desk).edited_share == 0.25 and row(desk).dismissed == 0


def test_a_take_that_is_taken_back_was_not_kept_and_is_not_offered_twice() -> None:
    desk = asked(2)
    desk.session.takes.accept()
    desk.document.undo()
    assert desk.session.takes.phase == "offered"
    desk.session.take_counts.settle()
    assert (row(desk).kept, row(desk).offered) == (0, 2)
    desk.session.takes.accept()
    desk.session.take_counts.settle()
    assert row(desk).kept == 1


def test_of_a_mix_each_take_counts_by_its_share() -> None:
    desk = asked(2)
    takes = desk.session.takes
    one, two = (phrase(*[pitch] * 8, step_ticks=960, from_tick=BAR) for pitch in (60, 64))
    other = replace(takes.offer[1], model="gru", notes=two)
    takes.put_on_offer(replace(takes.current, takes=(replace(takes.offer[0], notes=one), other)))
    desk.session.mixing.mix(Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 2))
    takes.accept()
    desk.session.take_counts.settle()
    assert (row(desk).kept, row(desk, "gru").kept) == (0.75, 0.25)
    assert (row(desk).kept_notes, row(desk, "gru").kept_notes) == (6, 2)


def test_accompaniments_of_no_model_are_not_counted() -> None:
    desk = asked(2)
    before = desk.session.take_counts.rows
    takes = desk.session.takes
    takes.put_on_offer(replace(takes.current, takes=tuple(replace(t, title="Bass", model="") for t in takes.offer)))
    takes.dismiss()
    assert desk.session.take_counts.rows == before


def test_who_is_kept_more_and_edited_less_is_liked_more() -> None:
    desk = asked(1)
    counts, take = desk.session.take_counts, desk.session.takes.offer[0]
    counts.show(
        [
            TakeCount("lstm", "answer", offered=20, kept=12, kept_notes=80, changed_notes=80),
            TakeCount("gru", "answer", offered=20, kept=12, kept_notes=80),
            TakeCount("markov", "answer", offered=20),
        ]
    )
    likes = [counts.likes(replace(take, model=model)) for model in ("gru", "lstm", "new", "markov")]
    assert likes == sorted(likes, reverse=True) and len(set(likes)) == 4
    assert counts.likes_model("gru") > counts.likes_model("markov") and counts.has_learned
    counts.erase()
    assert not counts.rows and not counts.has_learned


def test_counts_are_bounded() -> None:
    desk = asked(1)
    counts: TakeCounts = desk.session.take_counts
    counts.show([TakeCount(str(number), "", offered=number + 1) for number in range(MAX_TAKE_COUNTS)])
    desk.session.takes.again()
    desk.makes(2, PLAN)
    assert len(counts.rows) == MAX_TAKE_COUNTS and row(desk).offered == 2 and MIN_KEPT > 1
