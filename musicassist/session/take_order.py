"""The order that takes lie in: as they came, by what the user keeps, or by chance while nobody knows whose they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from musicassist.composing.request import Take
from musicassist.session.comping import Comp
from musicassist.session.offers import Offer
from musicassist.session.takes import Takes

_ORDER_STREAM = 2 << 32  # of the random numbers of a seed; takes and plans have others
Likes = Callable[[Take], float]


class TakeOrder:
    """Puts takes in order when they come. Main thread only.

    Attributes:
        is_blind: Whether models and ideas of the next takes are hidden, and their order is chance.
        likes: How likely the user keeps a take, by which the next ones are put in order; None leaves them as they come.
    """

    def __init__(self, takes: Takes) -> None:
        self._takes = takes
        self.is_blind = False
        self.likes: Likes | None = None
        takes.arrange = self.arranged

    def arranged(self, offer: Offer) -> Offer:
        """An offer whose takes have just come, in the order that is wanted."""
        if any(take.title for take in offer.takes):  # accompaniments say what they are
            return offer
        if self.likes is not None:
            offer = ranked(offer, self.likes)
        return hidden(offer) if self.is_blind else offer

    def set_blind(self, *, is_blind: bool) -> None:
        """Hides whose takes are, from now on, or says it again."""
        self.is_blind = is_blind
        offer = self._takes.current
        if offer.phase == "offered" and offer.is_blind != is_blind:
            self._takes.put_on_offer(self.arranged(offer) if is_blind else replace(offer, is_blind=False))


def hidden(offer: Offer) -> Offer:
    """With its takes in an order of chance, always the same one of a seed, and nobody told whose they are."""
    assert offer.request is not None
    random = np.random.default_rng((offer.request.seed, len(offer.takes), _ORDER_STREAM))
    order = random.permutation(len(offer.takes)).tolist()
    return replace(in_order(offer, order, ranked_by="chance"), is_blind=True)


def ranked(offer: Offer, likes: Likes) -> Offer:
    """With the takes first that the user is likeliest to keep; those that are as likely stay as they were."""
    order = sorted(range(len(offer.takes)), key=lambda row: -likes(offer.takes[row]))
    return in_order(offer, order, ranked_by="kept")


def in_order(offer: Offer, order: Sequence[int], *, ranked_by: str) -> Offer:
    """An offer with its takes in another order, and numbered anew; its mix stays what it is.

    Args:
        offer: Some takes.
        order: For each place, which take comes there, from 0.
        ranked_by: See ``Take``.
    """
    new = {offer.takes[row].number: place for place, row in enumerate(order, start=1)}

    def renumbered(take: Take) -> Take:
        kin = take.kin
        kin = replace(kin, number=new.get(kin.number, kin.number)) if kin is not None else None
        return replace(take, number=new[take.number], kin=kin, ranked_by=ranked_by)

    takes = tuple(renumbered(offer.takes[row]) for row in order)
    heard = offer.auditioned
    made = replace(offer, takes=takes, auditioned=new.get(heard, heard) if heard is not None else None)
    if offer.comp is None:
        return made
    comp = Comp(tuple(replace(piece, take=new[piece.take]) for piece in offer.comp.pieces))
    return replace(made.mixed(comp), auditioned=made.auditioned)
