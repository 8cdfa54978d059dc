"""Lines to learn from: melodies, top lines, inner voices and basses, each with what it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lab.form.harmony import of_chord_track, of_other_tracks
from musicassist.composing.plan import Ending, Plan, Relation, plan_of
from musicassist.errors import MidiImportError
from musicassist.families.recurrent.form_context import NO_HARMONY, Form, Harmony
from musicassist.families.recurrent.form_vocabulary import WISHES
from musicassist.learning.corpus import MAX_BARS, MIN_ONSETS, SHIPPED_LICENCES
from musicassist.learning.music_files import MusicFile, archived_files
from musicassist.midi import read_song_bytes
from musicassist.score.song import Notes, Song, Track
from musicassist.tokens.codec import Melody, Surroundings, encode, surroundings

_OPEN, _CLOSED = WISHES.index("open"), WISHES.index("closed")
_TOP_LINES = ("PIANO_RH", "SOLO", "BRIDGE", "ALTO", "TENOR", "VOICE")
_BASSES = ("BASS", "PIANO_LH")
_TOP_SHARE, _ACCOMPANIMENT_SHARE, _BASS_SHARE = 0.6, 0.25, 0.3  # of such lines that are read
_CHORD_TRACK_SHARE = 0.6  # of melodies with a chord track that are told it, not what the others play
_END_BARS = (2, 3, 4, 4, 4, 5, 6, 8, 8, 8, 12)  # how far apart the ends lie that are asked for


@dataclass(frozen=True)
class Line:
    """One line of a piece.

    Attributes:
        source: ``dataset/file``, with the track behind a ``#``.
        split: ``train`` or ``valid``.
        melody, place, form: Its notes and all that it is told.
        is_melody: Whether it is the piece's melody.
    """

    source: str
    split: str
    melody: Melody
    place: Surroundings
    form: Form
    is_melody: bool

    @property
    def has_harmony(self) -> bool:
        """Whether anything is known to sound beneath it."""
        return any(self.form.harmony.masks)


def read_lines(
    data: Path,
    splits: Sequence[str],
    leave_out: frozenset[str],
    seed: int,
    licences: Collection[str] = SHIPPED_LICENCES,
) -> Iterator[Line]:
    """The lines of some sides of the split, one piece after the other; of the valid side melodies only."""
    for number, file in enumerate(archived_files(data / "split.csv", licences, splits, Counter())):
        if f"{file.dataset}/{file.name}" not in leave_out:
            yield from _lines_of(file, np.random.default_rng((seed, number)))


def _lines_of(file: MusicFile, random: np.random.Generator) -> Iterator[Line]:
    try:
        song = read_song_bytes(file.data, file.name).song
    except MidiImportError:
        return
    tracks = [track for track in song.tracks if len(track.notes) and not track.is_drums]
    if not tracks or song.time_map.bar_at(song.end_tick) >= MAX_BARS:
        return
    key = next((change.key for change in song.key_changes if change.tick == 0), None)
    place = surroundings(song, key=key, style=file.style)
    for track in tracks:
        is_melody = track.name.upper().startswith("MELODY") or (file.dataset == "cre" and track is tracks[0])
        if is_melody and any(t.name.upper().startswith("MELODY") for t in tracks[: tracks.index(track)]):
            continue
        melody = _line(track, song, is_melody=is_melody, is_training=file.split == "train", random=random)
        if melody is None or len(melody) < MIN_ONSETS:
            continue
        harmony = _harmony(track, tracks, song, place, is_told_chords=is_melody, split=file.split, random=random)
        plan = plan_of(melody, place)
        ends, wishes = drawn_ends(melody, plan, place, random)
        source = f"{file.dataset}/{file.name}#{track.name}"
        yield Line(source, file.split, melody, place, Form(harmony, plan, ends, wishes), is_melody)


def _line(
    track: Track, song: Song, *, is_melody: bool, is_training: bool, random: np.random.Generator
) -> Melody | None:
    if is_melody:
        return encode(track.notes, song.ticks_per_beat)
    if not is_training or track.name == "CHORDS":
        return None
    if track.name.startswith(_BASSES):
        return lowest_line(track.notes, song.ticks_per_beat) if random.random() < _BASS_SHARE else None
    share = _TOP_SHARE if track.name.startswith(_TOP_LINES) or not track.name else _ACCOMPANIMENT_SHARE
    return encode(track.notes, song.ticks_per_beat) if random.random() < share else None


def lowest_line(notes: Notes, ticks_per_beat: int) -> Melody:
    """The lowest note at each onset, each cut at the next onset."""
    turned = encode(replace(notes, pitch=127 - notes.pitch), ticks_per_beat)
    return replace(turned, pitch=127 - turned.pitch)


def _harmony(
    own: Track,
    tracks: Sequence[Track],
    song: Song,
    place: Surroundings,
    *,
    is_told_chords: bool,
    split: str,
    random: np.random.Generator,
) -> Harmony:
    chords = next((track for track in tracks if track.name == "CHORDS"), None)
    others = [track.notes for track in tracks if track is not own and track is not chords]
    is_told = is_told_chords and (split != "train" or not others or random.random() < _CHORD_TRACK_SHARE)
    if chords is not None and (is_told or not others):
        return of_chord_track(chords.notes, song.ticks_per_beat)
    return of_other_tracks(others, song.ticks_per_beat, place.bars) if others else NO_HARMONY


def drawn_ends(
    melody: Melody, plan: Plan, place: Surroundings, random: np.random.Generator
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bar lines at which an end is asked for, as chance has it and at the end of the line, and what ends there."""
    first, last = plan.first_bar, plan.first_bar + len(plan.bars) - 1
    bar, found = first - 1, []
    while True:
        bar += int(random.choice(_END_BARS))
        near = [bar + shift for shift in (0, 1, -1) if plan.at(bar + shift).ending in (Ending.OPEN, Ending.CLOSED)]
        bar = near[0] if near and random.random() < 0.5 else bar
        if bar >= last:
            break
        found.append(bar)
    found.append(last)
    found = sorted(set(found))
    steps = tuple(place.bars.bar_start_tick(own + 1) for own in found)
    return steps, tuple(_CLOSED if _is_closed(plan, own) else _OPEN for own in found)


def _is_closed(plan: Plan, bar: int) -> bool:
    while plan.at(bar).relation == Relation.HELD:
        bar -= 1
    return plan.at(bar).ending == Ending.CLOSED
