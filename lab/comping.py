"""What becomes of notes when real takes are mixed at random, and whether keeping a mix is one step of undo."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest, Take
from musicassist.document.document import Document
from musicassist.errors import MusicAssistError
from musicassist.evaluation.figures import Figure
from musicassist.midi import read_song
from musicassist.resources import demo_song
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.comping import Comp, Mix
from musicassist.session.offers import CONTINUE, CONTINUE_SONG, Controls, Offer, request_for
from musicassist.session.session import Session
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings

OFFERS, OFFERS_A_REQUEST, TAKES = 1_000, 10, 4
LINES = ("lstm-form", "transformer", "lstm", "gru", "markov", "lstm-seed")
PARTS, PARTS_SHARE = "ensemble", 0.1
MAX_SWIPES = 6
SEED = 0


class Asked:
    """A generator that makes nothing."""

    is_ready = True

    def start(self, request: GenerationRequest) -> None:
        """Makes nothing of it."""

    def read_ahead(self, request: GenerationRequest) -> None:
        """Reads nothing."""

    def cancel(self) -> None:
        """Nothing runs."""


def measure_comps(engine: Engine, offers: int = OFFERS) -> list[Figure]:
    """Random mixes of takes that the shipped models made, lines and arrangements; some minutes for a thousand.

    Args:
        engine: Of the shipped models.
        offers: How many.
    """
    chance, counts, count = random.Random(SEED), Counter[str](), 0
    for asked, made in _requests(engine, chance, offers):
        for first in range(0, len(made) - TAKES + 1, TAKES):
            takes = tuple(replace(take, number=n) for n, take in enumerate(made[first : first + TAKES], start=1))
            comp, mix, is_one_step = _mixed_and_kept(asked, takes, chance)
            count += 1
            counts += faults(comp, mix, takes)
            counts["joins"] += len(mix.joins)
            counts["joins where no bound was drawn"] += sum(join.tick != join.asked_tick for join in mix.joins)
            counts["rough joins"] += sum(join.is_rough for join in mix.joins)
            counts["notes"] += len(mix.take.notes) + sum(len(part.notes) for part in mix.take.parts)
            counts["arrangements"] += bool(mix.take.parts)
            counts["mixes that were not one undo step"] += not is_one_step
    names: tuple[str, ...] = (
        "notes cut",
        "notes doubled",
        "notes lost",
        "mixes that were not one undo step",
        "notes",
        "arrangements",
    )
    names += ("joins", "joins where no bound was drawn", "rough joins")
    return [Figure(name, "", counts[name], "", count, SEED) for name in names]


def _requests(
    engine: Engine, chance: random.Random, offers: int
) -> Iterator[tuple[GenerationRequest, tuple[Take, ...]]]:
    """Continuations of the demo and of phrases that a model wrote, and takes of each for several offers."""
    count, made, demo = max(1, offers // OFFERS_A_REQUEST), 0, read_song(demo_song()).song
    while made < count:
        is_song, model = made < round(count * PARTS_SHARE), chance.choice(LINES)
        song = demo if is_song or chance.random() < 0.3 else _phrase(engine, chance)
        controls = Controls(
            model=PARTS if is_song else model,
            models={"parts": PARTS},
            bars=chance.choice((2, 4, 4, 8)),
            takes=TAKES * OFFERS_A_REQUEST,
            candidates=1,
        )
        ask, seed = CONTINUE_SONG if is_song else CONTINUE, chance.randrange(2**31)
        try:
            request = request_for(ask, song, 0, controls, seed=seed, revision=0)
            takes = engine.generate(request)
        except MusicAssistError:  # there are phrases that a model does not go on with
            continue
        made += 1
        yield request, takes


def _phrase(engine: Engine, chance: random.Random) -> Song:
    """A song of one track with four bars that a model wrote."""
    seed, empty = chance.randrange(2**31), Song(tracks=(Track("Melody"),))
    request = GenerationRequest("generate", empty, bars=4, takes=1, candidates=1, model="gru", seed=seed)
    return empty.with_track(0, Track("Melody", engine.generate(request)[0].notes))


def _mixed_and_kept(asked: GenerationRequest, takes: tuple[Take, ...], chance: random.Random) -> tuple[Comp, Mix, bool]:
    """A random mix of takes on offer in a session, and whether keeping it is one step that undo takes back."""
    document = Document(asked.song)
    session = Session(document, SoundClient(SoundSettings(silent=True)), Asked())
    session.takes.put_on_offer(Offer("offered", asked).with_takes(takes), asked.track_index)
    bars, beat, one = asked.song.time_map, asked.song.ticks_per_beat, takes[0]
    comp = Comp.of(one.from_tick, one.to_tick, chance.randint(1, TAKES))
    for _ in range(chance.randint(1, MAX_SWIPES)):
        beats = sorted(chance.randint(one.from_tick // beat, one.to_tick // beat) for _ in range(2))
        from_tick, to_tick = beats[0] * beat, (beats[1] + 1) * beat
        if chance.random() < 0.7:
            from_tick, to_tick = bars.bar_line_before(from_tick + 1), bars.bar_line_at_or_after(to_tick)
        comp = comp.swiped(from_tick, to_tick, chance.randint(1, TAKES))
    session.mixing.mix(comp)
    mix, before, steps = session.takes.current.mix, document.song, len(document.undo_list.done)
    assert mix is not None
    session.takes.accept()
    is_one = len(document.undo_list.done) == steps + 1
    document.undo()
    return comp, mix, is_one and document.song is before


def faults(comp: Comp, mix: Mix, takes: Sequence[Take]) -> Counter[str]:
    """How many notes of a mix are cut, doubled or lost, in the edited track and in each part.

    A note of the edited track is lost where its take has it between the joins of its piece. A part joins where none of
    its own notes is held; of each piece the notes between the first and the last that are there must all be there.
    """
    by_number = {take.number: take for take in takes}
    bounds = [mix.take.from_tick, *(join.tick for join in mix.joins), mix.take.to_tick]
    wanted = [
        note
        for piece, (start, stop) in zip(comp.pieces, pairwise(bounds), strict=True)
        for note in _between(by_number[piece.take].notes, start, stop)
    ]
    found = Counter({"notes lost": len(set(wanted) - set(mix.take.notes))})
    found += _told(mix.take.notes, [take.notes for take in takes])
    for part in mix.take.parts:
        rows = {take.number: p.notes for take in takes for p in take.parts if p.track_index == part.track_index}
        found += _told(part.notes, rows.values())
        there = set(part.notes)
        for piece in comp.pieces:
            own = _between(rows[piece.take], piece.from_tick, piece.to_tick) if piece.take in rows else []
            starts = [note.start_tick for note in own if note in there]
            if starts:
                found["notes lost"] += sum(
                    min(starts) < note.start_tick < max(starts) and note not in there for note in own
                )
    return found


def _between(notes: Notes, from_tick: int, to_tick: int) -> list[Note]:
    return list(notes.where(notes.starting_between(from_tick, to_tick)))


def _told(notes: Notes, sources: Iterable[Notes]) -> Counter[str]:
    """Notes that no source has as they are, and those that begin together on one key."""
    known = {note for source in sources for note in source}
    heads = {(note.start_tick, note.pitch) for note in notes}
    return Counter({"notes cut": sum(note not in known for note in notes), "notes doubled": len(notes) - len(heads)})
