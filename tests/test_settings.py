"""Settings come back as they were saved, and damage never keeps the program from starting."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.errors import SaveError
from musicassist.settings import (
    MAX_BYTES,
    RECENT_FILES_LIMIT,
    Settings,
    load_settings,
    save_settings,
    settings_file,
    user_folder,
    with_recent_file,
)

JSON_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers() | st.text())
JSON_VALUES |= st.dictionaries(st.text(), st.integers())


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    settings = Settings(
        theme="light",
        soundfont="/music/piano.sf3",
        output_port="Synth 2",
        gain=0.8,
        recent_files=("/a.mid", "/b.mid"),
        window_geometry="AdnQywAD",
        take_bars=8,
        take_seed=7,
        take_scale="tend",
        take_chords="always",
        take_ending="loop",
    )
    save_settings(settings, tmp_path / "new" / "settings.json")
    assert load_settings(tmp_path / "new" / "settings.json").settings == settings


def test_a_new_user_gets_the_defaults_without_a_word() -> None:
    loaded = load_settings()
    assert loaded.settings == Settings()
    assert loaded.warning is None


def test_the_file_lies_in_the_users_config_folder(fresh_home: Path) -> None:
    save_settings(Settings(theme="light"))
    assert settings_file().is_relative_to(fresh_home)
    assert settings_file().parent == user_folder()
    assert load_settings().settings.theme == "light"


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b"null", b"[" * 100_000])
def test_a_damaged_file_gives_the_defaults_and_is_said(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(damage)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.warning is not None
    assert str(path) in loaded.warning


def test_one_damaged_value_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "gain": "loud", "take_bars": True, "recent_files": [1], "later": 1}))
    loaded = load_settings(path)
    assert loaded.settings == Settings(theme="light")
    assert loaded.warning is not None
    assert "gain" in loaded.warning
    assert "take_bars" in loaded.warning
    assert "recent_files" in loaded.warning


def one_value(name: str, value: object) -> bytes:
    """A file in which one field has a foreign value and another one a good one."""
    other = "take_model" if name != "take_model" else "chorus"
    return json.dumps({other: "mine", name: value}).encode()


BAD_VALUES = [10**400, -(10**400), 2**63, -1, 0, 1e308, float("nan"), float("inf"), float("-inf"), "", "\0", "\ud800"]
BAD_VALUES += ["x" * 30_000, [], {}, None, True, ["\ud800"], [None], ["x"] * 2000, [[]], "\u202e<b>", -0.5, 1.5]


@pytest.mark.parametrize("name", list(Settings.__dataclass_fields__))
def test_one_bad_value_of_any_size_costs_at_most_itself(tmp_path: Path, name: str) -> None:
    path = tmp_path / "settings.json"
    for value in BAD_VALUES:
        path.write_bytes(one_value(name, value))
        loaded = load_settings(path)
        assert "mine" in (loaded.settings.take_model, loaded.settings.chorus)
        found = getattr(loaded.settings, name)
        usual = getattr(Settings(), name)
        assert found == usual or found == value or found == tuple(value)  # type: ignore[arg-type]
        assert (loaded.warning is not None) == (name in (loaded.warning or ""))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gain", float("nan")),
        ("gain", 10**400),
        ("polyphony", 10**12),
        ("count_in_bars", -3),
        ("recording_offset_ms", 2**40),
        ("keyboard_channel", 17),
        ("take_bars", 0),
        ("take_surprise", float("inf")),
        ("take_seed", -1),
        ("soundfont", "a\0b"),
        ("window_geometry", "ü"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_the_file_kept_aside(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(one_value(name, value))
    before = path.read_bytes()
    loaded = load_settings(path)
    assert getattr(loaded.settings, name) == getattr(Settings(), name)
    assert loaded.warning is not None and name in loaded.warning and "settings (kept).json" in loaded.warning
    save_settings(loaded.settings, path)
    assert (tmp_path / "settings (kept).json").read_bytes() == before
    assert load_settings(path) == type(loaded)(loaded.settings)


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b"[" * 100_000, b" " * (MAX_BYTES + 1)])
def test_a_damaged_file_is_kept_aside_and_not_overwritten(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "settings.json"
    for number in range(2):
        path.write_bytes(damage)
        loaded = load_settings(path)
        assert loaded.warning is not None and "(kept" in loaded.warning
        save_settings(Settings(theme="light"), path)
        assert load_settings(path).settings.theme == "light"
        assert len(list(tmp_path.glob("settings (kept*).json"))) == number + 1
    assert {kept.read_bytes() for kept in tmp_path.glob("settings (kept*).json")} == {damage}


@pytest.mark.skipif(os.name != "posix", reason="needs pipes")
def test_a_pipe_or_a_folder_in_the_place_of_the_settings_keeps_nobody_waiting(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "a" / "settings.json", tmp_path / "b" / "settings.json"
    pipe.parent.mkdir()
    os.mkfifo(pipe)
    folder.mkdir(parents=True)
    for path in (pipe, folder):
        assert load_settings(path).settings == Settings()
        save_settings(Settings(theme="light"), path)
        assert load_settings(path).settings.theme == "light"


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_settings_are_private(tmp_path: Path) -> None:
    save_settings(Settings(), tmp_path / "settings.json")
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600


@given(stored=st.dictionaries(st.sampled_from(list(Settings.__dataclass_fields__)), JSON_VALUES))
def test_whatever_stands_in_the_file_the_settings_are_typed(
    tmp_path_factory: pytest.TempPathFactory, stored: dict[str, object]
) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(stored))
    settings = load_settings(path).settings
    save_settings(settings, path)
    assert load_settings(path).settings == settings
    assert load_settings(path).warning is None


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SaveError, match="could not be saved"):
        save_settings(Settings(), tmp_path / "file" / "settings.json")


def test_saving_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    for theme in ("dark", "light"):
        save_settings(Settings(theme=theme), tmp_path / "settings" / "settings.json")
    assert [path.name for path in (tmp_path / "settings").iterdir()] == ["settings.json"]


def test_recent_files_are_the_newest_first_once_each(tmp_path: Path) -> None:
    settings = Settings()
    for number in range(RECENT_FILES_LIMIT + 3):
        settings = with_recent_file(settings, tmp_path / f"{number}.mid")
    settings = with_recent_file(settings, tmp_path / "8.mid")
    assert settings.recent_files[0].endswith("8.mid")
    assert len(settings.recent_files) == len(set(settings.recent_files)) == RECENT_FILES_LIMIT
    assert settings == replace(settings, recent_files=settings.recent_files)
