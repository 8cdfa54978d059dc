"""Names of tracks are readable in whatever encoding they were written, and keep their bytes."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import off, on, track_body
from musicassist.midi import lost_on_save, read_song_bytes, with_program, write_song
from musicassist.midi.text_encoding import encodings_of
from musicassist.score.song import Song
from mutants import midi_file

# Names as people of these countries write them, and how their programs stored them.
NAMES = {
    "cp932": [
        "ピアノ",
        "右手",
        "歌",
        "メロディ",
        "ドラムス",
        "第一バイオリン",
        "春の海",
        "さくら",
        "ｷﾞﾀｰ",
        "ピアノ右手",
        "サビ",
    ],
    "euc_jp": ["ピアノ", "ギター", "さくら", "右手"],
    "gb18030": ["钢琴", "主旋律", "吉他", "月亮代表我的心", "鼓", "人声", "第一轨", "茉莉花", "弦乐合奏", "低音提琴"],
    "big5": ["鋼琴", "主旋律", "吉他", "月亮代表我的心", "鼓", "人聲", "第一軌", "茉莉花", "弦樂合奏", "小提琴"],
    "cp949": ["피아노", "기타", "베이스", "애국가", "아리랑", "첫사랑"],
    "cp1251": [
        "Гитара",
        "Бас",
        "Рояль (левая рука)",
        "Песня о друге",
        "АККОРДЫ",
        "Вступление",
        "Хор мальчиков",
        "Тихо",
    ],
    "koi8_r": ["Гитара", "Ударные", "Вальс"],
    "cp866": ["Гитара", "Бас", "Мелодия"],
    "cp1253": ["Φλάουτο", "Κιθάρα", "Μπουζούκι"],
    "cp1255": ["פסנתר"],
    "cp1256": ["بيانو"],
    "cp874": ["กีตาร์"],
    "cp1254": ["Bağlama", "Şarkı"],
    "cp1250": ["Housle č. ž", "Skrzypce główne", "Žestě", "Głos", "Zpěv", "Hegedű", "Śpiew"],
    "cp1252": [
        *(
            "Flöte",
            "Größe Trommel",
            "Contrebasse à cordes",
            "Flûte à bec",
            "Chœur",
            "Canción",
            "Violão",
            "Sång",
            "Fløjte",
        ),
        *(
            "à",
            "é",
            "© 1999 by Müller",
            "Voix «grave»",
            "Così fan tutte perché",
            "Voix d’enfant",
            "Piano – Ré",
            "½ Tempo",
        ),
    ],
    "mac_roman": ["Flöte", "Piano été", "Größe", "Canción", "Señor", "Fløjte", "Große Trommel"],
}
CASES = [(text, encoding) for encoding, texts in NAMES.items() for text in texts]


def song_named(*names: bytes) -> bytes:
    return midi_file(track_body((0, b"\xff\x51\x07\xa1\x20")), *(body_named(name) for name in names))


def body_named(name: bytes) -> bytes:
    return track_body((0, b"\xff\x03" + name), (0, on(60)), (480, off(60)))


def names_of(data: bytes) -> list[str]:
    return [track.name for track in read_song_bytes(data, "story.mid").song.tracks]


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_one_name_alone_is_readable_and_keeps_its_bytes(text: str, encoding: str) -> None:
    data = song_named(text.encode(encoding))
    assert names_of(data) == [text]
    assert text.encode(encoding) in write_song(read_song_bytes(data, "story.mid").song)


@pytest.mark.parametrize("encoding", NAMES)
def test_the_names_of_a_file_speak_for_each_other(encoding: str) -> None:
    assert names_of(song_named(*(text.encode(encoding) for text in NAMES[encoding]))) == NAMES[encoding]


def test_other_texts_speak_for_a_name_that_could_be_read_in_many_ways() -> None:
    name = "Śpiew"
    lyrics = "Wlazł kotek na płotek i mruga, ładna to piosenka, nie długa; nie długa, nie krótka, lecz w sam raz"
    rows = [(480 * i, b"\xff\x05" + word.encode("cp1250")) for i, word in enumerate(lyrics.split())]
    data = midi_file(track_body((0, b"\xff\x03" + name.encode("cp1250")), (0, on(60)), *rows, (480, off(60))))
    assert names_of(data) == [name]


def test_tracks_of_one_file_may_differ_in_their_encodings() -> None:
    names = [("ピアノ", "shift_jis"), ("钢琴", "gbk"), ("Гитара", "cp1251"), ("鋼琴", "big5"), ("Flöte", "utf-8")]
    data = song_named(*(text.encode(encoding) for text, encoding in names))
    assert names_of(data) == [text for text, _ in names]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_part_of_the_name(encoding: str) -> None:
    mark = "\ufeff".encode(encoding) if encoding == "utf-16-be" else b""
    data = song_named(mark + "Flöte 旋律".encode(encoding), b"Bass")
    assert names_of(data) == ["Flöte 旋律", "Bass"]
    assert mark + "Flöte 旋律".encode(encoding) in write_song(read_song_bytes(data, "story.mid").song)


@given(st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text and text[0] != "\ufeff"))
def test_utf_8_comes_first(text: str) -> None:
    assert names_of(song_named(text.encode("utf-8", "replace"))) == [text.encode("utf-8", "replace").decode()]


def test_saving_an_unedited_file_keeps_every_byte_of_its_names() -> None:
    data = write_song(read_song_bytes(song_named(*(text.encode(encoding) for text, encoding in CASES)), "a.mid").song)
    assert all(text.encode(encoding) in data for text, encoding in CASES)
    assert write_song(read_song_bytes(data, "story.mid").song) == data


@given(st.lists(st.sampled_from(CASES), min_size=1, max_size=6), st.data())
def test_a_renamed_track_changes_no_other_name_and_edits_change_none(
    cases: list[tuple[str, str]], data: st.DataObject
) -> None:
    song = read_song_bytes(song_named(*(text.encode(encoding) for text, encoding in cases)), "story.mid").song
    renamed = data.draw(st.integers(0, len(cases) - 1))
    tracks = [with_program(track, 7) for track in song.tracks]
    tracks[renamed] = replace(tracks[renamed], name="Größer")
    if data.draw(st.booleans()):
        del tracks[data.draw(st.integers(0, len(tracks) - 1))]
    edited = replace(song, tracks=tuple(tracks))
    again = read_song_bytes(write_song(edited), "again.mid").song
    assert [track.name for track in again.tracks] == [track.name for track in tracks]
    assert lost_on_save(again) == ()


@given(st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=5))
def test_any_bytes_have_a_name_and_saving_keeps_it(names: list[bytes]) -> None:
    song = read_song_bytes(song_named(*names), "story.mid").song
    assert read_song_bytes(write_song(song), "again.mid").song == song


def test_thousands_of_odd_names_cost_no_more_than_some_hundreds() -> None:
    names = [b"\xc3\xe8%d" % number for number in range(20_000)]
    start = time.process_time()
    assert len(encodings_of(names)) == len(names)
    assert time.process_time() - start < 5.0


def test_a_song_without_names_asks_nothing() -> None:
    assert encodings_of([b"Lead", "Flöte".encode()]) == {}
    assert write_song(Song()) == write_song(read_song_bytes(write_song(Song()), "story.mid").song)
