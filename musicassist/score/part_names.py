"""What people call a part: which names mean a melody and which mean drums, in many languages."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain_name(name: str) -> str:
    """A name for comparing: words of one case, without accents, digits and signs, of whatever width."""
    letters = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name)).casefold()
    kept = ("" if unicodedata.combining(letter) else letter if letter.isalpha() else " " for letter in letters)
    return " ".join("".join(kept).split())


def _plain(names: str) -> frozenset[str]:
    return frozenset(plain_name(name) for name in names.split())


# Whole words; beginnings of words, in languages that join or bend them; and signs that stand anywhere.
_DRUM_WORDS = _plain(
    """drum drums drm drms drumkit drumset drumloop perc percs percussion percussions percusión percussão percussioni
    percussie perkussion perkusja perkusje perkuse perkusie perkusio perkusi kit kick kicks snare snares hihat hihats
    hats cymbal cymbals toms clap claps bongo bongos conga congas cajon tambourine tamburin tamborim shaker maracas
    cowbell claves guiro djembe tabla batería bateria batterie batteria trommel trommeln trommer trummor trommur
    slagverk slagwerk slagtøj slagtoj rummut dob dobok ütős bicí bębny bubny bubnjevi udaraljke davul vurmali tambor
    tambores trống gendang δράμς ντραμς κρουστά bd sd hh"""
)
_DRUM_STEMS = tuple(_plain("schlagz schlagw perkussion drumkit lyömäsoit ударн барабан перкусс перкус тъпан бубањ"))
_DRUM_SIGNS = tuple(
    _plain(
        "ドラム パーカッション 打楽器 太鼓 鼓 打击乐 打擊樂 드럼 퍼커션 타악기 תופים כלי־הקשה طبول إيقاع กลอง ढोल ड्रम"
    )
)
_PITCHED_DRUMS = _plain("steel steelpan steelpans tongue handpan")

_MELODY_WORDS = _plain(
    """melody melodies melodie melodien melodías melodía mélodie melodi melodin melodija melodio melodija
    melodija mélodies mel tune tunes theme thema tema thème cantus dallam giai điệu laulumelodia ezgi"""
)
_MELODY_STEMS = tuple(_plain("melodiestimm melodielinie melodiya мелод лейтмот μελωδ dallam"))
_MELODY_SIGNS = tuple(_plain("旋律 主旋律 メロディ 主題 主题 멜로디 선율 מנגינה לחן لحن ทำนอง धुन"))
_VOICE_WORDS = _plain(
    """vocal vocals vox voc voice voices sing singer singing sung gesang singstimme stimme sänger sängerin voix chant
    chanteur chanteuse voz canto cantante cantor vocais voce cantato sång sang sangstemme stemme zang stem laulu ääni
    śpiew wokal głos zpěv hlas ének énekhang şan ses vokaller φωνή τραγούδι"""
)
_VOICE_STEMS = tuple(_plain("gesang singstimm leadstimm vokal вокал голос пение спів φων"))
_VOICE_SIGNS = tuple(_plain("ボーカル ヴォーカル 歌 唄 人声 人聲 보컬 노래 שירה קול غناء صوت เสียงร้อง गायन"))
_LEAD_WORDS = _plain(
    "lead leads ld solo soli soloist solist soliste solista solostimme main hauptstimme führung principal"
)
_LEAD_STEMS = tuple(_plain("hauptstimm solostimm oberstimm соло солист лид σολο"))
_LEAD_SIGNS = tuple(_plain("ソロ リード 主唱 独奏 獨奏 솔로 리드 סולו"))
_BESIDE_WORDS = _plain(
    """backing back bg bgv bv bvox bvs harmony harmonies harm harmonie choir chorus chor chœur coro kör choeur accomp
    accompaniment acc comp comping begleitung acompañamiento accompagnement ooh oohs aah aahs ahh pad bass counter
    countermelody gegenstimme unterstimme second rhythm double dbl echo delay fx"""
)
_BESIDE_STEMS = tuple(_plain("begleit countermel gegenmelod backing бэк подпев аккомп"))
_BESIDE_SIGNS = tuple(_plain("コーラス 伴奏 ハモリ 和声 和聲 코러스 반주 バッキング"))
_INSTRUMENTS = _plain("melodic melodica melodeon melodion")


def is_drum_name(name: str) -> bool:
    """Whether people call a part for drums so."""
    plain = plain_name(name)
    words = plain.split()
    if not _PITCHED_DRUMS.isdisjoint(words):
        return False
    is_hi_hat = any(pair in (("hi", "hat"), ("high", "hat")) for pair in pairwise(words))
    return is_hi_hat or _has(plain, words, _DRUM_WORDS, _DRUM_STEMS, _DRUM_SIGNS)


def melody_rank(name: str) -> int:
    """How plainly a name says that a part is the melody: 3 (melody, tune, theme), 2 (a voice), 1 (lead, solo), 0."""
    plain = plain_name(name)
    words = [word for word in plain.split() if word not in _INSTRUMENTS]
    if _has(plain, words, _BESIDE_WORDS, _BESIDE_STEMS, _BESIDE_SIGNS) or is_drum_name(name):
        return 0
    if _has(plain, words, _MELODY_WORDS, _MELODY_STEMS, _MELODY_SIGNS):
        return 3
    if _has(plain, words, _VOICE_WORDS, _VOICE_STEMS, _VOICE_SIGNS):
        return 2
    return 1 if _has(plain, words, _LEAD_WORDS, _LEAD_STEMS, _LEAD_SIGNS) else 0


def says_pitched(name: str) -> bool:
    """Whether a name says that a part has pitches, so that it is none for drums however it looks."""
    return melody_rank(name) > 0 or "bass" in plain_name(name)


def _has(plain: str, words: list[str], known: frozenset[str], stems: tuple[str, ...], signs: tuple[str, ...]) -> bool:
    return (
        not known.isdisjoint(words)
        or any(word.startswith(stems) for word in words)
        or any(sign in plain for sign in signs)
    )


Ints = NDArray[np.int64]

GM2, GS, XG = "gm2", "gs", "xg"
_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_METAL = (42, 44, 46, 49, 51, 52, 53, 54, 55, 56, 57, 59, 69, 70, 82)  # hats, cymbals, tambourine, cowbell, shakers
_KIT_TABLES = tuple(np.isin(np.arange(128), keys) for keys in (_KICKS, _SNARES, _METAL))  # by pitch
_MIN_PITCH, _MAX_PITCH = 27, 87  # of the kits of GM 2, GS and XG
_MIN_NOTES = 8  # LIMIT: fewer tell nothing
# Chosen on 9,415 pitched tracks of the training side, none of which passes (of their transpositions into a bass's
# range, 1 in 2,600 does), and on the drum tracks of openttd-openmsx, of which 4 in 10 pass: a kit that plays otherwise
# is known by its channel, bank or name.
_KIT_SHARE, _METAL_SHARE, _SKIN_SHARE, _TRITONE_SHARE = 0.8, 0.2, 0.04, 0.08


def bank_says_drums(msb: int, standard: str = "") -> bool | None:
    """Whether a bank select (controller 0) chooses a drum kit, True, or a pitched sound also on channel 10, False.

    Under GS the banks of XG are the pitched sounds of older instruments. None: it says nothing of drums.

    Args:
        msb: The bank.
        standard: What the song sets the synth to, as ``standard_set`` has it.
    """
    if msb == 120 or (msb in (126, 127) and standard != GS):
        return True
    return False if standard == XG or (standard == GM2 and msb == 121) else None


def standard_set(data: bytes) -> str | None:
    """GM2, GS or XG, if a system exclusive message sets a synth to it."""
    if len(data) >= 10 and data[1] == 0x41 and data[3:9] == b"\x42\x12\x40\x00\x7f\x00":
        return GS
    if len(data) >= 9 and data[1] == 0x43 and data[3:8] == b"\x4c\x00\x00\x7e\x00":
        return XG
    return GM2 if len(data) >= 6 and data[1] == 0x7E and data[3:5] == b"\x09\x03" else None


def rhythm_setting(data: bytes) -> tuple[int, bool] | None:
    """The channel, 0..15, that a system exclusive message makes a drum part or a pitched one; None for any other."""
    if len(data) >= 10 and data[1] == 0x41 and data[3:6] == b"\x42\x12\x40" and data[6] >> 4 == 1 and data[7] == 0x15:
        block = data[6] & 0x0F  # blocks count channel 10 first, then 1 to 9, then 11 to 16
        return (9 if block == 0 else block - 1 if block <= 9 else block), data[8] != 0
    if len(data) >= 9 and data[1] == 0x43 and data[3:5] == b"\x4c\x08" and data[6] == 0x07:
        return data[5] & 0x0F, data[7] != 0
    return None


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
