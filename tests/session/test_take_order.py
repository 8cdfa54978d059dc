"""Takes in another order: by chance while nobody is to know them, or by what the user keeps."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.composing.request import Kin
from musicassist.session.comping import Comp
from musicassist.session.take_kin import of_models
from musicassist.session.take_order import hidden, in_order, ranked
from session_desk import BAR, SPAN, Desk, desk_with, made


def pitches(desk: Desk) -> list[int]:
    return [int(take.notes.pitch[0]) for take in desk.session.takes.offer]


@given(st.permutations(range(4)))
def test_another_order_changes_neither_mix_nor_kin(order: list[int]) -> None:
    offer = desk_with(60, 62, 64, 65).session.takes.current
    offer = replace(offer, takes=(*offer.takes[:3], replace(offer.takes[3], kin=Kin("plan", 2))))
    offer = offer.mixed(Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 3))
    other = in_order(offer, order, ranked_by="chance")
    assert [take.number for take in other.takes] == [1, 2, 3, 4]
    assert [int(take.notes.pitch[0]) for take in other.takes] == [[60, 62, 64, 65][row] for row in order]
    assert offer.mix is not None and other.mix is not None and other.mix.take.notes == offer.mix.take.notes
    kin = next(take.kin for take in other.takes if take.kin is not None)
    assert other.takes[kin.number - 1].notes.pitch[0] == 62


def test_blind_takes_come_in_an_order_of_their_seed_and_are_told_when_one_is_kept() -> None:
    desk = desk_with(60)
    desk.session.order.set_blind(is_blind=True)
    desk.session.takes.again()
    desk.makes(4)
    takes, lengths = desk.session.takes, [len(take.notes) for take in desk.session.takes.offer]
    assert sorted(lengths) == [1, 2, 3, 4] and takes.current.is_blind and takes.auditioned == 1
    assert {take.ranked_by for take in takes.offer} == {"chance"}
    plain = replace(takes.current, takes=tuple(sorted(takes.offer, key=lambda take: len(take.notes))))
    plain = in_order(plain, range(4), ranked_by="")
    assert [len(take.notes) for take in hidden(plain).takes] == lengths
    takes.audition(2)
    takes.accept()
    desk.document.undo()
    assert takes.phase == "offered" and not takes.current.is_blind


def test_takes_of_several_models_come_together_and_are_shuffled_with_the_others() -> None:
    desk = desk_with(60, 61)
    desk.session.order.set_blind(is_blind=True)
    further = desk.session.further
    further.ask(of_models(desk.session.takes.current, ["gru", "markov"]), is_held=True)
    made(desk, phrase(70, from_tick=BAR), phrase(71, from_tick=BAR))
    assert len(desk.session.takes.offer) == 2
    made(desk, phrase(80, from_tick=BAR), phrase(81, from_tick=BAR))
    assert sorted(pitches(desk)) == [60, 61, 70, 71, 80, 81] != pitches(desk)


def test_what_was_held_back_is_not_lost_when_the_rest_is_cancelled() -> None:
    desk = desk_with(60, 61)
    desk.session.order.is_blind = True
    desk.session.further.ask(of_models(desk.session.takes.current, ["gru", "markov"]), is_held=True)
    made(desk, phrase(70, from_tick=BAR))
    desk.session.further.cancel()
    assert sorted(pitches(desk)) == [60, 61, 70]


def test_who_is_likelier_to_be_kept_comes_first_and_others_stay_as_they_were() -> None:
    offer = desk_with(60, 62, 64).session.takes.current
    other = ranked(offer, lambda take: float(take.notes.pitch[0] == 64))
    assert [int(take.notes.pitch[0]) for take in other.takes] == [64, 60, 62]
    assert {take.ranked_by for take in other.takes} == {"kept"}


def test_the_switch_hides_and_shows_what_is_on_offer() -> None:
    desk = desk_with(60, 62, 64, 65)
    order, takes = desk.session.order, desk.session.takes
    order.set_blind(is_blind=True)
    shuffled = pitches(desk)
    assert takes.current.is_blind and sorted(shuffled) == [60, 62, 64, 65]
    order.set_blind(is_blind=False)
    assert not takes.current.is_blind and pitches(desk) == shuffled
