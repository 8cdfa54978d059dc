"""What the program ships is found in a checkout."""

from __future__ import annotations

from musicassist.resources import checkpoints_folder, demo_song, resources_folder


def test_the_folders_of_a_checkout() -> None:
    assert (resources_folder() / "icons").is_dir()
    assert checkpoints_folder().is_dir()


def test_there_is_a_demo_phrase() -> None:
    assert demo_song().read_bytes().startswith(b"MThd")
