"""Types of arguments that say in words what is wrong, and the options that the fields of a wish have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, TypeVar

from musicassist.composing.request import Option, options

T = TypeVar("T")


def whole_number(lowest: float, highest: float) -> Callable[[str], int]:
    """An argparse type: a whole number in lowest..highest."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if not lowest <= number <= highest:
            raise argparse.ArgumentTypeError(f"{text} is not between {lowest} and {highest}")
        return number

    return parse


def number(lowest: float, highest: float, *, is_lowest_meant: bool = False) -> Callable[[str], float]:
    """An argparse type: a number above ``lowest`` (or just that, where it is meant) and up to ``highest``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if is_lowest_meant and value == lowest:
            return value
        if not lowest < value <= highest:
            least = f"at least {lowest:g}" if is_lowest_meant else f"above {lowest:g}"
            raise argparse.ArgumentTypeError(f"{text} is not {least} and at most {highest:g}")
        return value

    return parse


def _in_words(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The parser with its own words for what is wrong, which argparse would otherwise replace."""

    def parse_or_say(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_or_say


def add_option(parser: argparse.ArgumentParser, name: str, option: Option, default: object) -> None:
    """The option of a field; what it says becomes ``args.NAME``."""
    said: dict[str, Any] = {"dest": name, "default": default, "help": option.help}
    if default is False:
        parser.add_argument(option.flag, action="store_true", **said)
        return
    if option.choices:
        said["choices"] = option.choices
    elif option.parse is not None:
        said["type"] = _in_words(option.parse)
    elif option.limits is not None:
        is_whole = isinstance(option.limits[0], int)
        exact = {} if is_whole else {"is_lowest_meant": option.is_least_meant}
        said["type"] = (whole_number if is_whole else number)(*option.limits, **exact)
    parser.add_argument(option.flag, metavar=option.metavar, **said)


def values_of(args: argparse.Namespace) -> dict[str, Any]:
    """By field, what the options say; those that the word does not have are left out."""
    values: dict[str, Any] = {}
    for name, (option, _) in options().items():
        value = getattr(args, name, None)
        if option.fills and isinstance(value, tuple):
            values |= zip(option.fills, value, strict=True)
        elif hasattr(args, name):
            values[name] = value
    return values
