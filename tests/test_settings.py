"""Settings come back as they were saved, and damage never keeps the program from starting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.errors import SaveError
from musicassist.settings import (
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
        keep_in_scale=False,
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
