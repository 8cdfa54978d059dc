"""Compose exactly this again: the bars of a kept take from what was asked then, or why that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from musicassist.composing.composed import Stretch, WeightsFile
from musicassist.composing.request import PLACED, GenerationRequest, Take
from musicassist.document.document import Document
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.origins import Origin
from musicassist.score.seam import NO_AMENDS
from musicassist.score.song import Notes, Song
from musicassist.session.offers import Generator, Offer
from musicassist.session.stories import Story, composed_of, earlier, story_at
from musicassist.session.takes import Takes

_SAME_NOTE, _SAME_NOTES = (
    QT_TRANSLATE_NOOP("Session", "Composed again: {count} note, the very same as when it was kept."),
    QT_TRANSLATE_NOOP("Session", "Composed again: {count} notes, the very same as when they were kept."),
)
_MISSING = QT_TRANSLATE_NOOP(
    "Session", "The weights of {names} are missing here. The notes that were kept are on offer instead."
)
_OTHERS = QT_TRANSLATE_NOOP(
    "Session",
    "The weights of {names} are others than those that composed these bars. The notes that were kept are on offer "
    "instead.",
)
_CHANGED = QT_TRANSLATE_NOOP(
    "Session",
    "This version of musicassist composes these bars otherwise than {program} did. The notes that were kept are on "
    "offer instead.",
)
_ANY_REVISION = -1


@dataclass(frozen=True, eq=False)
class Outcome:
    """What composing again came to.

    Attributes:
        take: The take that was kept, composed anew; None where there is none of its number.
        is_same: Whether its notes are the very same.
        missing, others: Names of files of weights that are not there, or others than those of then.
    """

    take: Take | None = None
    is_same: bool = False
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def words(self, story: Story) -> tuple[str, dict[str, object]]:
        """What to say: a template of the context "Session", and what fills it."""
        if self.is_same:
            count = len(story.composed)
            return _SAME_NOTE if count == 1 else _SAME_NOTES, {"count": count}
        if self.missing:
            return _MISSING, {"names": ", ".join(self.missing)}
        if self.others:
            return _OTHERS, {"names": ", ".join(self.others)}
        return _CHANGED, {"program": story.facts.program}


def outcome_of(story: Story, takes: tuple[Take, ...]) -> Outcome:
    """Compares what was composed anew with what was kept."""
    facts = story.facts
    take = next((own for own in takes if own.number == facts.number), None)
    there: tuple[WeightsFile, ...] = takes[0].composed[0].composed.weights if takes and takes[0].composed else ()
    marks = {own.name: own.sha256 for own in there}
    missing = tuple(own.name for own in facts.weights if own.name not in marks)
    others = tuple(own.name for own in facts.weights if marks.get(own.name, own.sha256) != own.sha256)
    if take is not None and take.model != facts.model:  # another model stood in
        missing, take = (facts.model,), None
    notes = notes_of_part(take, story.request, facts.part) if take is not None else None
    if notes is None:
        return Outcome(missing=missing, others=others)
    own = notes.where(notes.starting_between(facts.from_tick, facts.to_tick))
    is_same = bool(story.composed.among(own).all()) and (len(own) == len(story.composed) or not facts.is_whole)
    return Outcome(take, is_same=is_same, missing=missing, others=others)


def notes_of_part(take: Take, request: GenerationRequest, part: int) -> Notes | None:
    """What a take has for one of its tracks, see ``Facts.part``; None where that is nothing."""
    if part < 0:
        return take.new_tracks[-1 - part].notes if -part <= len(take.new_tracks) else None
    if part == request.track_index and not take.is_part_alone:
        return take.notes
    return next((own.notes for own in take.parts if own.track_index == part), None)


def offer_of(story: Story, origin: Origin, song: Song, track_index: int, outcome: Outcome | None) -> Offer:
    """The bars of an origin as an offer of one take, in their place in the song as it is now.

    Args:
        story: Of the bars.
        origin: Where they are.
        song: As it is now.
        track_index: Their track.
        outcome: What composing again came to; where it is not the same, what was kept is offered.
    """
    facts, request, shift = story.facts, story.request, origin.shift_ticks
    placed = replace(
        request,
        kind=PLACED,
        from_tick=origin.from_tick,
        to_tick=origin.to_tick,
        song=song,
        track_index=track_index,
        selection=None,
        other=None,
        at_tick=None,
        plan=(),
        parts=(),
        all_parts=False,
        chords=(),
        revision=_ANY_REVISION,
    )
    notes = story.composed if outcome is not None and outcome.is_same else story.written
    notes = notes.where(notes.starting_between(origin.from_tick - shift, origin.to_tick - shift))
    take = Take(
        earlier(notes, -shift),
        origin.from_tick,
        origin.to_tick,
        facts.model,
        request.seed,
        max(1, facts.number),
        1.0,
        1.0,
        request.constraints,
        _ANY_REVISION,
        NO_AMENDS,
        plan=facts.plan if shift == 0 else None,
        evidence=facts.evidence,
    )
    composed = composed_of(story)
    take = replace(take, composed=(Stretch(origin.from_tick, origin.to_tick, composed, shift),))
    return Offer("offered", placed, takes=(take,), auditioned=take.number)


class Again:
    """Composes kept bars again. Main thread only; nothing here waits."""

    def __init__(
        self,
        document: Document,
        takes: Takes,
        generator: Generator,
        *,
        say: Callable[..., None],
        on_problem: Callable[[MusicAssistError], None],
    ) -> None:
        """Asks for nothing yet.

        Args:
            document: Holds the bars and their stories.
            takes: Gets what was composed.
            generator: Composes.
            say: Tells the user something in words.
            on_problem: Tells the user what went wrong.
        """
        self._document = document
        self._takes = takes
        self._generator = generator
        self._say, self._on_problem = say, on_problem
        self._asked: tuple[Story, Origin] | None = None

    def origin_at(self, tick: float) -> Origin | None:
        """The bars of the selected track that come from a take, at a place."""
        return next((own for own in self._document.track.origins if own.from_tick <= tick < own.to_tick), None)

    def story(self, origin: Origin) -> Story:
        """What is told of them.

        Raises:
            MusicAssistError: Nothing that can be read.
        """
        story = story_at(self._document.pages, origin)
        if story is None:
            raise MusicAssistError(QT_TRANSLATE_NOOP("Errors", "Who composed these bars is not known any more."))
        return story

    def compose(self, origin: Origin) -> None:
        """Composes the bars again; they are on offer when they come, or the ones that were kept, with a word why.

        Raises:
            MusicAssistError: Nothing is known of them any more.
        """
        story = self.story(origin)
        self._takes.dismiss()
        self._asked = story, origin
        self._generator.start(story.request)

    def on_takes(self, request: GenerationRequest, takes: tuple[Take, ...]) -> None:
        """They are composed; ignored where they are for something else."""
        asked = self._answered(request)
        if asked is not None:
            outcome = outcome_of(asked[0], takes)
            self._offer(*asked, outcome)
            template, values = outcome.words(asked[0])
            self._say(template, **values)

    def on_failure(self, request: GenerationRequest, problem: MusicAssistError) -> None:
        """They cannot be composed: what was kept is on offer; ignored where it is for something else."""
        asked = self._answered(request)
        if asked is not None:
            self._offer(*asked, None)
            self._on_problem(problem)

    def _answered(self, request: GenerationRequest) -> tuple[Story, Origin] | None:
        asked = self._asked
        if asked is None or asked[0].request is not request:
            return None
        self._asked = None
        return asked if self._takes.phase == "idle" else None

    def _offer(self, story: Story, origin: Origin, outcome: Outcome | None) -> None:
        """In the track that has the bars now; they may have moved or gone meanwhile."""
        song = self._document.song
        found = [
            (index, own)
            for index, track in enumerate(song.tracks)
            for own in track.origins
            if own.story == origin.story and own.shift_ticks == origin.shift_ticks
        ]
        for index, own in found[:1]:
            self._takes.put_on_offer(offer_of(story, own, song, index, outcome), index)
