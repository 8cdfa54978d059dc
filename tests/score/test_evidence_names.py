"""What people call a part, in many languages."""

from __future__ import annotations

import pytest

from musicassist.score.evidence import is_drum_name, melody_rank, says_pitched

MELODIES = (
    "Melody|MELODY 1|Vocal Melody|Melodie|Melodía|Mélodie|melodia|Tune|Main Theme|旋律|主旋律|メロディ|мелодия|"
    "멜로디|Μελωδία"
)
VOICES = (
    "Vocals|Vox|Voice 1|Singer|Gesang|Singstimme|Stimme|Voix|Chant|Voz|Canto|Sång|Stem|Śpiew|Zpěv|Голос|"
    "ボーカル|보컬|人声|leadVocal"
)
LEADS = "Lead synth|Lead 1 (square)|Solo|Solo Violin|Solist|Oberstimme|соло|ソロ|獨奏"
OTHERS = (
    "Strings|Bass|Piano|Flute|Backing Vocals|Harmony Voice|Choir Aahs|Voice Oohs|Begleitung|コーラス|伴奏|"
    "Melodica|Melodic Tom||Track 3|Rhythm Guitar"
)
DRUMS = (
    "Drums|DRUMS 2|Perc 2|Percussion|DrumKit|Drum Kit|Standard Kit|Schlagzeug|Schlagwerk|batterie|"
    "Batería|Bateria|Slagverk|Perkusja|ударные|Барабаны|ドラム|パーカッション|鼓|打击乐|드럼|תופים|Bass Drum|Snare|"
    "Hi-Hat|hihat|Kick|Drum solo|BD|Congas"
)
NO_DRUMS = (
    "Steel Drums|Drone|Timpani|Vibraphone|Percussive Organ|Bass|Hat trick|Trumpet|Kitchen|Snaresbrook|"
    "Cembalo|Beatrice|Solo"
)


@pytest.mark.parametrize("name", MELODIES.split("|"))
def test_a_melody_is_known_by_its_name(name: str) -> None:
    assert melody_rank(name) == 3


@pytest.mark.parametrize("name", VOICES.split("|"))
def test_a_voice_is_known_by_its_name(name: str) -> None:
    assert melody_rank(name) == 2


@pytest.mark.parametrize("name", LEADS.split("|"))
def test_a_lead_is_known_by_its_name(name: str) -> None:
    assert melody_rank(name) == 1


@pytest.mark.parametrize("name", OTHERS.split("|"))
def test_what_accompanies_is_no_melody_by_its_name(name: str) -> None:
    assert melody_rank(name) == 0


@pytest.mark.parametrize("name", DRUMS.split("|"))
def test_drums_are_known_by_their_name_and_are_no_melody(name: str) -> None:
    assert is_drum_name(name)
    assert melody_rank(name) == 0


@pytest.mark.parametrize("name", NO_DRUMS.split("|"))
def test_what_only_sounds_like_the_word_is_no_drum(name: str) -> None:
    assert not is_drum_name(name)


def test_a_name_may_say_that_a_part_has_pitches() -> None:
    assert says_pitched("Fretless bass") and says_pitched("Lead")
    assert not says_pitched("Track 3")
