"""Which keyboard is open, as ports come and go and the user chooses."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from musicassist.sound import port_watch
from musicassist.sound.port_watch import PortWatch
from musicassist.sound.ports import PortList


@dataclass
class Shelf:
    """The keyboards that are plugged in, and what became of the ports."""

    listed: tuple[str, ...] = ()
    log: list[str] = field(default_factory=list)

    def scan(self) -> PortList:
        return PortList(inputs=self.listed)

    def open(self, name: str, _on_message: object) -> ShelfPort:
        self.log.append(f"open {name}")
        return ShelfPort(self, name)


@dataclass
class ShelfPort:
    """An open keyboard."""

    shelf: Shelf
    name: str

    def close(self) -> None:
        self.shelf.log.append(f"close {self.name}")


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setattr(port_watch, "PortLister", lambda: shelf)
    monkeypatch.setattr(port_watch, "InputPort", shelf.open)
    return shelf


def watch(shelf: Shelf, wanted: str | None = None) -> PortWatch:
    return PortWatch(wanted, lambda _seconds, _message: None, lambda: shelf.log.append("lost"))


def test_the_only_keyboard_is_armed_by_itself_and_none_of_two(shelf: Shelf) -> None:
    watching = watch(shelf)
    for shelf.listed in (("Midi Through",), ("Midi Through", "keys"), ("keys", "pads")):
        watching.look()
    assert shelf.log == ["open keys", "close keys", "lost"]
    assert watching.input_port is None


def test_a_chosen_keyboard_comes_back_by_its_name(shelf: Shelf) -> None:
    watching = watch(shelf, "keys")
    for shelf.listed in (("keys", "pads"), ("pads",), ("pads", "keys")):
        watching.look()
    assert shelf.log == ["open keys", "close keys", "lost", "open keys"]


def test_choosing_the_same_keyboard_again_opens_it_anew(shelf: Shelf) -> None:
    shelf.listed = ("keys",)
    watching = watch(shelf)
    watching.look()
    watching.look()
    assert shelf.log == ["open keys"]
    watching.want("keys")  # it was unplugged and plugged in between two looks, which nobody tells
    watching.look()
    assert shelf.log == ["open keys", "close keys", "lost", "open keys"]
