"""What is said of takes: their titles, what is known about them, and who put them in order."""

from __future__ import annotations

from dataclasses import replace

from musicassist.composing.request import Take
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.seam import FACT_WORDS
from musicassist.score.theory import Key
from musicassist.session.comping import MIX
from musicassist.session.further_takes import FurtherTakes
from musicassist.session.offers import Offer
from musicassist.session.takes import Takes
from musicassist.ui.foreign_text import counted, filled, translate
from musicassist.ui.model_status import title_of

KIN_WORDS = {  # what a take has of another one of its offer
    "plan": QT_TRANSLATE_NOOP("Takes", "the plan of take {number}"),
    "vary": QT_TRANSLATE_NOOP("Takes", "a variation of take {number}"),
    "ending": QT_TRANSLATE_NOOP("Takes", "take {number} with another ending"),
    "mend": QT_TRANSLATE_NOOP("Takes", "the mix with a join mended"),
}
OF_MIX_WORDS = {  # the same of the mix
    "plan": QT_TRANSLATE_NOOP("Takes", "the plan of the mix"),
    "vary": QT_TRANSLATE_NOOP("Takes", "a variation of the mix"),
    "ending": QT_TRANSLATE_NOOP("Takes", "the mix with another ending"),
}


def take_title(take: Take, offer: Offer) -> str:
    """What a take is: its kin, what its plan says, and its model where the offer has takes of several.

    Nothing is said of takes that nobody is to know.

    Args:
        take: One of the offer, or the mix.
        offer: All takes beside it.
    """
    if offer.is_blind:
        return ""
    models = {own.model for own in offer.takes if own.model}
    model = title_of(take.model) if len(models) > 1 and take.model else ""
    plan = "" if take.kin is not None and take.kin.way in ("vary", "mend") else plan_words(take)
    return " \N{MIDDLE DOT} ".join(filter(None, (", ".join(filter(None, (_kin_words(take), plan))), model)))


def _kin_words(take: Take) -> str:
    if take.kin is None:
        return ""
    words = OF_MIX_WORDS if take.kin.number == MIX and take.kin.way in OF_MIX_WORDS else KIN_WORDS
    return filled("Takes", words[take.kin.way], {"number": take.kin.number})


def further_words(further: FurtherTakes) -> str:
    """How far further takes have come; empty while none are composed."""
    if not further.is_running:
        return ""
    return translate("Takes", "Further takes: {share} % composed ...").format(share=round(100 * further.share))


def choice_words(takes: Takes) -> str:
    """That a critic chose the takes on offer, or will choose from what is composed; empty where none does."""
    if takes.current.is_blind:
        return translate("Takes", "Blind: keep one to learn which is which")
    if takes.offer and takes.offer[0].ranked_by == "kept":
        return translate("Takes", "Put in order by a critic and by what you keep")
    if takes.offer and takes.offer[0].chosen_from:
        count, shown = takes.offer[0].chosen_from, takes.request.takes if takes.request is not None else 0
        words = (
            translate("Takes", "The best {shown} of {count}, put in order by a critic")
            if count > shown
            else translate("Takes", "Put in order by a critic")
        )
        return words.format(count=count, shown=shown)
    request = takes.request
    if request is None or takes.phase != "generating" or not takes.current.composed_share:
        return ""
    words = translate("Takes", "Composing {count}, to show the best {shown} ...")
    return words.format(count=request.composed, shown=request.takes)


def plan_words(take: Take) -> str:
    """What a take is, or what its plan says, in the user's language; empty where it says neither."""
    if take.title:
        return filled("Accompaniments", take.title, {"number": take.number})
    if take.plan is None:
        return ""
    is_mixed = take.number == MIX and take.plan.intent is None  # nobody's idea, but it has an end
    said = take.plan.words[1:] if is_mixed else take.plan.words
    return ", ".join(filled("Plans", *words) for words in said)


def revealed_words(offer: Offer) -> str:
    """Which take was which, when one of those is kept that nobody was to know."""
    shown = replace(offer, is_blind=False)
    words = (f"{take.number}: {take_title(take, shown) or title_of(take.model)}" for take in offer.takes)
    return "; ".join(words)


def take_facts(take: Take, song_key: Key | None, *, is_blind: bool = False) -> str:
    """What is known about a take, in two short lines, and a third where it puts something right.

    Args:
        take: The take.
        song_key: The song's key, for takes that were made without one.
        is_blind: Whether only that is told which says nothing of its model.
    """
    notes = counted(len(take.ghosts), translate("Takes", "{count} note"), translate("Takes", "{count} notes"))
    if is_blind:
        return f"{notes}{_in_key(take, song_key)}"
    if take.title:
        where = _written_by(take) if take.new_tracks or take.parts else ""
        return f"{notes}{_in_key(take, song_key) if where else ''}\n{where}".strip()
    seed = translate("Takes", "seed {seed}").format(seed=take.seed)
    facts = f"{notes}{_in_key(take, song_key)}\n{_newness(take)} · {seed}"
    put_right = ", ".join(filled("Takes", FACT_WORDS[kind], {"value": value}) for kind, value in take.amends.facts)
    return f"{facts}\n{put_right}" if put_right else facts


def _written_by(take: Take) -> str:
    """Where an accompaniment goes."""
    if not take.new_tracks:
        return translate("Takes", "in {count} of the song's tracks").format(count=len(take.parts))
    names = ", ".join(filled("Tracks", track.name, {}) for track in take.new_tracks)
    return filled("Takes", QT_TRANSLATE_NOOP("Takes", "new tracks: {names}"), {"names": names})


def _newness(take: Take) -> str:
    """What it shares with the training music, in short; where that is not known, how much of it is no copy."""
    if take.evidence is None:
        return translate("Takes", "{share} % new").format(share=round(100 * take.originality))
    return filled("Originality", *take.evidence.short_words)


def evidence_words(take: Take) -> str:
    """What a take shares with the training music beside what is usual, in the user's language; empty if not known."""
    if take.evidence is None:
        return ""
    return "; ".join(filled("Originality", *words) for words in take.evidence.words)


def _in_key(take: Take, song_key: Key | None) -> str:
    key = take.constraints.key or song_key
    if key is None:
        return ""
    if take.in_scale_share >= 1:
        return translate("Takes", ", all in {key}").format(key=key)
    return translate("Takes", ", {share} % in {key}").format(share=round(100 * take.in_scale_share), key=key)
