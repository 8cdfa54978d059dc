"""What a part says of itself: by name and notes whether it is a melody or drums, by its notes in which key it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from musicassist.score.theory import Key

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MAX_NOTES = 16384  # LIMIT: of a longer part the first and the last half of these are heard
_MAX_MEDIANS = 8  # LIMIT: medians that a note counts at most, so that one without an end does not decide
_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_METAL = (42, 44, 46, 49, 51, 52, 53, 54, 55, 56, 57, 59, 69, 70, 82)  # hats, cymbals, tambourine, cowbell, shakers
_KIT_TABLES = tuple(np.isin(np.arange(128), keys) for keys in (_KICKS, _SNARES, _METAL))  # by pitch
_MIN_PITCH, _MAX_PITCH = 27, 87  # of the kits of GM 2, GS and XG
_MIN_NOTES = 8  # LIMIT: fewer tell nothing
# Chosen on 9,415 pitched tracks of the training side, none of which passes (of their transpositions into a bass's
# range, 1 in 2,600 does), and on the drum tracks of openttd-openmsx, of which 4 in 10 pass: a kit that plays otherwise
# is known by its channel, bank or name.
_KIT_SHARE, _METAL_SHARE, _SKIN_SHARE, _TRITONE_SHARE = 0.8, 0.2, 0.04, 0.08
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FIRST, _LAST_TICK = attrgetter("first_tick", "first_pitch"), attrgetter("last_tick")


def plain_name(name: str) -> str:
    """A name for comparing: words of one case, without accents, digits and signs, of whatever width."""
    letters = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name)).casefold()
    kept = ("" if unicodedata.combining(letter) else letter if letter.isalpha() else " " for letter in letters)
    return " ".join("".join(kept).split())


def _plain(names: str) -> frozenset[str]:
    return frozenset(plain_name(name) for name in names.split())


class _Names:
    """Names of one kind: whole words; beginnings of words, in languages that join or bend them; signs anywhere."""

    def __init__(self, words: str, stems: str, signs: str) -> None:
        self._words, self._stems, self._signs = _plain(words), tuple(_plain(stems)), tuple(_plain(signs))

    def has(self, plain: str, words: list[str]) -> bool:
        """Whether a name is one of them, whole and its words that count."""
        return (
            not self._words.isdisjoint(words)
            or any(word.startswith(self._stems) for word in words)
            or any(sign in plain for sign in self._signs)
        )


# What people call parts for drums, a melody, a voice, a lead, and what is none of these though it sounds so.
_DRUM = _Names(
    """drum drums drm drms drumkit drumset drumloop perc percs percussion percussions percusión percussão percussioni
    percussie perkussion perkusja perkusje perkuse perkusie perkusio perkusi kit kick kicks snare snares hihat hihats
    hats cymbal cymbals toms clap claps bongo bongos conga congas cajon tambourine tamburin tamborim shaker maracas
    cowbell claves guiro djembe tabla batería bateria batterie batteria trommel trommeln trommer trummor trommur
    slagverk slagwerk slagtøj slagtoj rummut dob dobok ütős bicí bębny bubny bubnjevi udaraljke davul vurmali tambor
    tambores trống gendang δράμς ντραμς κρουστά bd sd hh""",
    "schlagz schlagw perkussion drumkit lyömäsoit ударн барабан перкусс перкус тъпан бубањ",
    "ドラム パーカッション 打楽器 太鼓 鼓 打击乐 打擊樂 드럼 퍼커션 타악기 תופים כלי־הקשה طبول إيقاع กลอง ढोल ड्रम",
)
_PITCHED_DRUMS = _plain("steel steelpan steelpans tongue handpan")
_MELODY = _Names(
    """melody melodies melodie melodien melodías melodía mélodie melodi melodin melodija melodio melodija
    melodija mélodies mel tune tunes theme thema tema thème cantus dallam giai điệu laulumelodia ezgi""",
    "melodiestimm melodielinie melodiya мелод лейтмот μελωδ dallam",
    "旋律 主旋律 メロディ 主題 主题 멜로디 선율 מנגינה לחן لحن ทำนอง धुन",
)
_VOICE = _Names(
    """vocal vocals vox voc voice voices sing singer singing sung gesang singstimme stimme sänger sängerin voix chant
    chanteur chanteuse voz canto cantante cantor vocais voce cantato sång sang sangstemme stemme zang stem laulu ääni
    śpiew wokal głos zpěv hlas ének énekhang şan ses vokaller φωνή τραγούδι""",
    "gesang singstimm leadstimm vokal вокал голос пение спів φων",
    "ボーカル ヴォーカル 歌 唄 人声 人聲 보컬 노래 שירה קול غناء صوت เสียงร้อง गायन",
)
_LEAD = _Names(
    "lead leads ld solo soli soloist solist soliste solista solostimme main hauptstimme führung principal",
    "hauptstimm solostimm oberstimm соло солист лид σολο",
    "ソロ リード 主唱 独奏 獨奏 솔로 리드 סולו",
)
_BESIDE = _Names(
    """backing back bg bgv bv bvox bvs harmony harmonies harm harmonie choir chorus chor chœur coro kör choeur accomp
    accompaniment acc comp comping begleitung acompañamiento accompagnement ooh oohs aah aahs ahh pad bass counter
    countermelody gegenstimme unterstimme second rhythm double dbl echo delay fx""",
    "begleit countermel gegenmelod backing бэк подпев аккомп",
    "コーラス 伴奏 ハモリ 和声 和聲 코러스 반주 バッキング",
)
_INSTRUMENTS = _plain("melodic melodica melodeon melodion")


def is_drum_name(name: str) -> bool:
    """Whether people call a part for drums so."""
    plain = plain_name(name)
    words = plain.split()
    if not _PITCHED_DRUMS.isdisjoint(words):
        return False
    is_hi_hat = any(pair in (("hi", "hat"), ("high", "hat")) for pair in pairwise(words))
    return is_hi_hat or _DRUM.has(plain, words)


def melody_rank(name: str) -> int:
    """How plainly a name says that a part is the melody: 3 (melody, tune, theme), 2 (a voice), 1 (lead, solo), 0."""
    plain = plain_name(name)
    words = [word for word in plain.split() if word not in _INSTRUMENTS]
    if _BESIDE.has(plain, words) or is_drum_name(name):
        return 0
    return next((rank for rank, names in ((3, _MELODY), (2, _VOICE), (1, _LEAD)) if names.has(plain, words)), 0)


def says_pitched(name: str) -> bool:
    """Whether a name says that a part has pitches, so that it is none for drums however it looks."""
    return melody_rank(name) > 0 or "bass" in plain_name(name)


def plays_like_drums(pitch: Ints) -> bool:
    """Whether notes are the strokes of a kit rather than a line: hats and cymbals over bass drum and snare.

    A bass in the same range moves by steps and fifths; a kit leaps by tritones, as between bass drum and hi-hat, or
    strikes both at once, and seldom leaves its few keys.

    Args:
        pitch: Of the notes in order of their starts, then pitches; shape (n,).
    """
    if len(pitch) < _MIN_NOTES or pitch.min() < _MIN_PITCH or pitch.max() > _MAX_PITCH:
        return False
    kick, snare, metal = (table[pitch] for table in _KIT_TABLES)
    if (kick | snare | metal).mean() < _KIT_SHARE or metal.mean() < _METAL_SHARE:
        return False
    if kick.mean() < _SKIN_SHARE and snare.mean() < _SKIN_SHARE:
        return False
    return bool((np.abs(np.diff(pitch)) % 12 == 6).mean() >= _TRITONE_SHARE)


@dataclass(frozen=True, eq=False)
class KeyEvidence:
    """What was heard; sums and places can be joined over parts.

    Attributes:
        time_ticks: (12,), how long each pitch class sounds.
        strokes: (12,), how often it is struck.
        led_up: (12,), how often the next notes of the part hold the pitch a semitone above it.
        led_up_whole: (12,), the same with a whole tone.
        first_tick, first_pitch: The first onset and its lowest pitch (rows are sorted by pitch within an onset).
        last_tick, last_pitch: The last onset and its lowest pitch.
    """

    time_ticks: Floats
    strokes: Floats
    led_up: Floats
    led_up_whole: Floats
    first_tick: int
    first_pitch: int
    last_tick: int
    last_pitch: int

    @cached_property
    def sums(self) -> Floats:
        """All four columns, shape (4, 12): a song of a thousand parts joins them at each edit."""
        return np.stack((self.time_ticks, self.strokes, self.led_up, self.led_up_whole))


def evidence_of(start_tick: Ints, pitch: Ints, duration_ticks: Ints) -> KeyEvidence | None:
    """What one part says; None without notes.

    Args:
        start_tick: Where each note begins; the columns are sorted by it, then by pitch.
        pitch: MIDI numbers.
        duration_ticks: How long each sounds.
    """
    if not len(start_tick):
        return None
    if len(start_tick) > MAX_NOTES:
        ends = np.r_[: MAX_NOTES // 2, len(start_tick) - MAX_NOTES // 2 : len(start_tick)]
        start_tick, pitch, duration_ticks = start_tick[ends], pitch[ends], duration_ticks[ends]
    duration = np.minimum(duration_ticks, _MAX_MEDIANS * np.median(duration_ticks)).astype(np.float64)
    classes = pitch % 12
    onset, first_row, place = np.unique(start_tick, return_index=True, return_inverse=True)
    struck = place * 256 + pitch
    known = np.sort(struck)
    return KeyEvidence(
        time_ticks=_by_class(classes, duration),
        strokes=_by_class(classes),
        led_up=_by_class(classes[_are_among(struck + 257, known)]),
        led_up_whole=_by_class(classes[_are_among(struck + 258, known)]),
        first_tick=int(onset[0]),
        first_pitch=int(pitch[0]),
        last_tick=int(onset[-1]),
        last_pitch=int(pitch[first_row[-1]]),
    )


def _are_among(values: Ints, known: Ints) -> NDArray[np.bool_]:
    """As ``np.isin``, which takes ten times as long, of what rises."""
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def joined(parts: Iterable[KeyEvidence | None]) -> KeyEvidence | None:
    """What several parts say together; None without notes."""
    heard = [part for part in parts if part is not None]
    if len(heard) < 2:
        return heard[0] if heard else None
    first = min(heard, key=_FIRST)
    last_tick = max(map(_LAST_TICK, heard))
    last_pitch = min([part.last_pitch for part in heard if part.last_tick == last_tick])
    time_ticks, strokes, led_up, led_up_whole = np.sum([part.sums for part in heard], axis=0)
    return KeyEvidence(
        time_ticks=time_ticks,
        strokes=strokes,
        led_up=led_up,
        led_up_whole=led_up_whole,
        first_tick=first.first_tick,
        first_pitch=first.first_pitch,
        last_tick=last_tick,
        last_pitch=last_pitch,
    )


def _by_class(classes: Ints, weights: Floats | None = None) -> Floats:
    return np.bincount(classes, weights=weights, minlength=12).astype(np.float64)


def rows_in_key(start_tick: NDArray[np.int64], pitch: NDArray[np.int64], key: Key) -> NDArray[np.bool_]:
    """Which notes, in order of their starts, a key allows; see ``Notes.in_key``."""
    allowed = np.isin(pitch % 12, list(key.pitch_classes))
    for row in np.flatnonzero(np.isin(pitch % 12, list(key.leading_steps)))[::-1].tolist():
        own = int(pitch[row])
        at, end = np.searchsorted(start_tick, start_tick[row], "right"), len(start_tick)
        if at < end:
            end = int(np.searchsorted(start_tick, start_tick[at], "right"))
        follows = pitch[at:end]
        leads_to = np.flatnonzero(follows == own + key.leading_steps[own % 12])
        again = np.flatnonzero(follows == own)
        allowed[row] |= any(allowed[at + found] for found in (*leads_to.tolist(), *again.tolist()))
    return np.asarray(allowed)
