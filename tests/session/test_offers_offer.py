"""What is on offer, as a value."""

from __future__ import annotations

from musicassist.score.song import Note
from musicassist.session.offers import Offer


def test_notes_stream_into_their_takes_in_any_order() -> None:
    offer = Offer().with_note(3, Note(0, 60, 10)).with_note(1, Note(5, 61, 10)).with_note(3, Note(10, 62, 10))
    assert [len(offer.notes(number)) for number in range(5)] == [0, 1, 0, 2, 0]
    assert list(offer.notes(3)) == [Note(0, 60, 10), Note(10, 62, 10)]
    assert offer.audition is None
