from __future__ import annotations

import re

import pytest
from pytestqt.qtbot import QtBot

from musicassist.resources import resources_folder
from musicassist.ui.theme import tinted_pixmap
from window_doubles import Stage

FILES = sorted((resources_folder() / "icons").glob("*.svg"))


def test_every_command_with_an_icon_has_its_file(empty_stage: Stage) -> None:
    names = {path.stem for path in FILES}
    commands = empty_stage.window.actions_table.commands.values()
    assert {command.icon for command in commands if command.icon} <= names


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "musicassist"], ids=lambda path: path.stem)
def test_icons_are_one_family(path: object, qtbot: QtBot) -> None:
    source = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert 'viewBox="0 0 16 16"' in source and 'stroke-width="1.5"' in source and "currentColor" in source
    assert not re.search(r"#[0-9a-fA-F]{3,6}", source)
    picture = tinted_pixmap(path.stem, "#ff0000").toImage()  # type: ignore[attr-defined]
    drawn = [picture.pixelColor(x, y) for x in range(16) for y in range(16) if picture.pixelColor(x, y).alpha() > 100]
    assert drawn and all(color.red() > 200 and color.green() < 60 for color in drawn)


def test_an_icon_whose_file_is_missing_is_an_error_and_no_crash(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        tinted_pixmap("no-such-icon", "#ff0000")
