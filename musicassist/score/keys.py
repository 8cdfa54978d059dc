"""The key that people hear in notes, and the key at a place of a song: what window, engine and command line ask.

A key is heard by a sum of weights for each tonic and mode, the same in every transposition: the *profile* of how long
each degree sounds (the square root of its share, so that a few long notes do not drown the rest), which degrees occur
at all, on which degree the phrase opens and ends (its lowest notes), and how often a degree is followed by the pitch a
semitone above it, as a leading note is. Dorian, mixolydian, lydian and phrygian have the profile of the mode with
their third, with the one degree exchanged in which they differ; they start lower, for they are rarer, and gain where a
phrase opens or ends on their tonic.

The weights are those of a multinomial logistic regression on the training pieces of ten sets (4 bars, 8 bars and whole
pieces, all parts or the melody alone); ``evaluation.key_fitting`` finds them again, ``musicassist evaluate --measure
keys`` measures them on the other pieces. Above the weights stands one rule: a key that excludes notes of the phrase is
not chosen where another holds them all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.score.evidence import KeyEvidence, joined
from musicassist.score.song import KeyChange, Notes, Song
from musicassist.score.theory import SCALES, Key

Floats = NDArray[np.float64]
HEARD_MODES = ("major", "minor", "dorian", "mixolydian", "lydian", "phrygian")
FEATURES = ("time", "occurs", "opens", "ends", "leads up")
# The weight of each degree in semitones above the tonic, for each of FEATURES.
MAJOR_WEIGHTS = (
    (5.8, -3.2, 0.8, -2.7, 5.8, -0.2, -6.4, 6.7, -1.1, 0.5, -6.9, -0.8),
    (-0.2, -1.0, 0.7, -0.9, 0.2, 1.0, 0.0, -0.7, -0.7, 1.1, -0.1, 1.0),
    (1.0, -0.1, 0.0, 0.0, 0.5, -0.7, 0.0, 1.2, 0.2, -0.1, -1.3, -0.6),
    (0.5, -0.2, 0.0, 0.1, -0.1, -0.1, 0.1, 0.1, -0.1, -0.2, -0.3, 0.1),
    (-0.3, 1.5, -1.6, 0.9, 0.5, -0.5, 0.9, -0.9, 0.9, -1.5, 0.4, 0.6),
)
MINOR_WEIGHTS = (
    (6.8, -4.2, 0.8, 1.9, -5.0, 0.6, -0.4, 6.6, -0.3, -7.2, 0.0, 0.6),
    (-0.4, -0.4, 1.1, 0.9, -0.7, 0.9, -1.1, 0.3, 0.5, 0.3, 0.5, -0.6),
    (0.9, -0.7, -0.2, 0.5, -0.8, 0.2, 0.0, 0.7, -0.2, -0.4, 0.2, 0.0),
    (0.4, -0.1, 0.1, -0.2, 0.2, -0.1, 0.2, -0.3, -0.3, 0.1, -0.1, 0.1),
    (-1.6, -0.1, 0.4, -1.3, 1.4, -1.1, 0.6, 0.0, 1.7, -0.1, -1.4, 0.7),
)
MODE_WEIGHTS = (0.0, -0.8, -2.5, -2.8, -3.1, -3.2)  # of HEARD_MODES
LONG_NOTES, LONG_MINOR_WEIGHT = 150, 0.5  # of so much more is in minor than first phrases sound like
HOME_WEIGHT = 0.75  # for each end of the phrase that is a mode's tonic, where the mode holds every note
THIRDS = (0, 1, 1, 0, 0, 1)  # of HEARD_MODES: whose profile each has, that of major or of minor
EXCHANGED = (None, None, (8, 9), (10, 11), (5, 6), (1, 2))  # the degrees in which it differs from that
SHORT_NOTES, SHORT_OPENING_WEIGHT = 6, 0.6  # so few notes are a beginning: more often they begin on the tonic
MIN_NOTES, MIN_CLASSES = 4, 3  # LIMIT: from less nobody hears a key
MIN_CERTAINTY = 0.3  # LIMIT: of the best scale, against all others
MIN_INSIDE_SHARE = 0.78  # LIMIT: of the time must lie in the scale, unless it is certain all the same
CERTAIN = 0.9
_DEFAULT = KeyChange(0, 0)  # what programs write where nobody chose a key
_MAX_OUTSIDE_SHARE = 0.05  # LIMIT: of the time that may lie outside a default key before another one is believed


def _candidates() -> tuple[tuple[Key, ...], Floats]:
    """All keys that can be heard, and the weights of each on the features over pitch classes, (72, 60)."""
    keys, rows = [], []
    for mode, third, exchanged in zip(HEARD_MODES, THIRDS, EXCHANGED, strict=True):
        table = np.array((MAJOR_WEIGHTS, MINOR_WEIGHTS)[third])
        if exchanged is not None:
            table[:, list(exchanged)] = table[:, list(exchanged)[::-1]]
        for tonic in range(12):
            keys.append(Key(tonic, mode))
            rows.append(np.roll(table, tonic, axis=1).ravel())
    return tuple(keys), np.array(rows)


def _scale_rows(scale: str, tonic: int) -> NDArray[np.bool_]:
    row = np.zeros(12, dtype=bool)
    row[[(tonic + step) % 12 for step in SCALES[scale]]] = True
    return row


_KEYS, _WEIGHTS = _candidates()
_PRIORS = np.repeat(MODE_WEIGHTS, 12)
_IS_MODAL = np.repeat([mode not in ("major", "minor") for mode in HEARD_MODES], 12)
_TONICS = np.array([key.tonic for key in _KEYS])
_SCALES = np.array([_scale_rows(key.scale, key.tonic) for key in _KEYS])
_MINORS = np.array([key.scale == "minor" for key in _KEYS])
# Minor in its other two forms; for other keys the same as above.
_RAISED = np.array(
    [
        [_scale_rows(name if key.scale == "minor" else key.scale, key.tonic) for key in _KEYS]
        for name in ("harmonic_minor", "melodic_minor")
    ]
)
_SIGNATURES = np.array([key.signature_fifths % 12 for key in _KEYS])


@dataclass(frozen=True)
class SongKey:
    """The key at a place of a song.

    Attributes:
        key: It, or None where there is too little to hear one.
        is_stated: Whether the song says so; else it was heard in its notes.
    """

    key: Key | None
    is_stated: bool = False


def features_of(evidence: KeyEvidence) -> Floats:
    """What is weighed, ``FEATURES`` over pitch classes, (5, 12)."""
    opens, ends = np.zeros(12), np.zeros(12)
    opens[evidence.first_pitch % 12] = ends[evidence.last_pitch % 12] = 1
    time, strokes = evidence.time_ticks, evidence.strokes
    return np.stack([np.sqrt(time / time.sum()), strokes > 0, opens, ends, evidence.led_up / np.maximum(strokes, 1)])


def find_key(*parts: Notes) -> Key | None:
    """The key that people hear in some parts together; None where they say too little, as a twelve-tone row does."""
    return key_heard(joined(notes.key_evidence for notes in parts))


def key_heard(evidence: KeyEvidence | None) -> Key | None:
    """The same of what was gathered from notes."""
    if evidence is None:
        return None
    occurs = evidence.strokes > 0
    if evidence.strokes.sum() < MIN_NOTES or occurs.sum() < MIN_CLASSES:
        return None
    holds = _holding(evidence)
    scores = _WEIGHTS @ features_of(evidence).ravel() + _PRIORS
    at_home = (evidence.first_pitch % 12 == _TONICS) * 1.0 + (evidence.last_pitch % 12 == _TONICS)
    scores += HOME_WEIGHT * at_home * (_IS_MODAL & holds)
    if evidence.strokes.sum() >= LONG_NOTES:
        scores += LONG_MINOR_WEIGHT * _MINORS
    if evidence.strokes.sum() < SHORT_NOTES:
        scores += SHORT_OPENING_WEIGHT * (evidence.first_pitch % 12 == _TONICS)
    if holds.any():
        scores[~holds] = -np.inf
    best = int(np.argmax(scores))
    likelihood = np.exp(scores - scores[best])
    certainty = likelihood[_SIGNATURES[best] == _SIGNATURES].sum() / likelihood.sum()
    is_inside = holds[best] or _inside_share(best, evidence) >= MIN_INSIDE_SHARE
    return _KEYS[best] if certainty >= (MIN_CERTAINTY if is_inside else CERTAIN) else None


def _holding(evidence: KeyEvidence) -> NDArray[np.bool_]:
    """Which keys hold every note: in minor in one of its forms, or with the raised degrees where they lead up."""
    occurs = evidence.strokes > 0
    holds = ~(occurs & ~_SCALES).any(axis=1) | ~(occurs & ~_RAISED).any(axis=2).all(axis=0)
    for row in np.flatnonzero(_MINORS & ~holds):
        free = set(np.flatnonzero(occurs & ~_SCALES[row]).tolist())
        steps = _KEYS[row].leading_steps
        holds[row] = free <= steps.keys() and all(_leads(evidence, pc, steps[pc]) for pc in free)
    return np.asarray(holds)


def _leads(evidence: KeyEvidence, pitch_class: int, steps: int) -> bool:
    led = evidence.led_up if steps == 1 else evidence.led_up_whole
    return bool(led[pitch_class] >= evidence.strokes[pitch_class])


def _inside_share(row: int, evidence: KeyEvidence) -> float:
    """How much of the time a key holds, in minor with its raised degrees."""
    inside = _SCALES[row] | _RAISED[:, row].any(axis=0)
    return float(evidence.time_ticks[inside].sum() / evidence.time_ticks.sum())


def key_at(song: Song, tick: float = 0) -> SongKey:
    """The key at a place of a song: the one in force by its signatures, else the one that its notes are heard in.

    Before the first signature that one counts. A lone signature of C major is what programs write where nobody chose a
    key, so it counts only as long as the notes do not contradict it.
    """
    changes = song.key_changes
    if changes and not is_contradicted(song):
        held = [change for change in changes if change.tick <= tick]
        return SongKey((held[-1] if held else changes[0]).key, is_stated=True)
    return SongKey(key_heard(song.key_evidence))


def is_contradicted(song: Song) -> bool:
    """Whether the song's only key is C major, by default, and its notes are heard in another scale."""
    if any(replace(change, tick=0) != _DEFAULT for change in song.key_changes):
        return False
    return bool(song.key_changes) and contradicts(Key(_DEFAULT.tonic), song.key_evidence)


def contradicts(key: Key, evidence: KeyEvidence | None) -> bool:
    """Whether notes are heard in another key, and with more than passing notes outside this one."""
    heard = key_heard(evidence)
    if evidence is None or heard is None or heard.pitch_classes == key.pitch_classes:
        return False
    outside = [pitch_class for pitch_class in range(12) if pitch_class not in key.pitch_classes]
    return bool(evidence.time_ticks[outside].sum() > _MAX_OUTSIDE_SHARE * evidence.time_ticks.sum())
