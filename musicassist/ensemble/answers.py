"""The answers of call and response that sound: in the track of the call, wherever that is, until they are in it."""

from __future__ import annotations

from dataclasses import replace

from musicassist.document.track_place import TrackPlace
from musicassist.ensemble.conversation import Plan
from musicassist.score.song import Notes
from musicassist.sound.client import SoundClient


class Answers:
    """The one that sounds, and the one that will next. Main thread only."""

    def __init__(self, sound: SoundClient, place: TrackPlace) -> None:
        """None sounds.

        Args:
            sound: Lets them be heard.
            place: Their track.
        """
        self._sound = sound
        self._place = place
        self._heard_index: int | None = None
        self._answers: list[tuple[Plan, Notes]] = []

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def notes(self) -> Notes:
        """All their notes."""
        return Notes.of(note for _, answer in self._answers for note in answer)

    def add(self, plan: Plan, answer: Notes) -> None:
        """Lets an answer sound next; a better one takes the place of the one before."""
        if self._answers and self._answers[-1][0] is plan:
            self._answers.pop()
        self._answers.append((plan, answer))
        self.hear()

    def withdraw(self) -> None:
        """The next one does not sound."""
        self._answers = self._answers[:-1]
        self.hear()

    def cut(self, to_tick: int) -> None:
        """The one that sounds ends there."""
        plan, answer = self._answers[0]
        self._answers[0] = (replace(plan, to_tick=to_tick), _before(answer, to_tick))
        self.hear()

    def take(self, from_tick: int, until_tick: int) -> Notes:
        """The one that began at a place goes, as far as it sounded; no notes if there is none."""
        is_there = bool(self._answers) and self._answers[0][0].from_tick == from_tick
        answer = self._answers.pop(0)[1] if is_there else Notes.of()
        return _before(answer, until_tick)

    def clear(self) -> None:
        """None sounds."""
        if self._answers:
            self._answers = []
            self.hear()

    def follow_track(self) -> None:
        """The tracks may have changed their places."""
        if self._answers and self._place.index != self._heard_index:
            self.hear()

    def hear(self) -> None:
        """Beside them, the sound is that of the song."""
        if not self._answers:
            self._sound.clear_audition()
            return
        song, index = self._place.song_with_it()
        self._heard_index = self._place.index
        span = self._answers[0][0].from_tick, self._answers[-1][0].to_tick
        self._sound.audition(self.notes, self._heard_index, *span, track=song.tracks[index])


def _before(notes: Notes, tick: int) -> Notes:
    """What sounds before a tick: held notes end there."""
    return notes.without_span(tick, max(tick + 1, int(notes.end_tick.max()) + 1)) if len(notes) else notes
