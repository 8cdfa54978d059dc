"""What is asked of the numbers and folders that ``train`` and ``evaluate`` are given, before any work is done."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.disk import check_place
from musicassist.errors import UsageError

MOST = 2**63 - 1  # LIMIT: what torch takes for a random number
_BESIDE = (".json", ".svg")  # its card, and the curves of its training


def check_numbers(args: argparse.Namespace, **bounds: tuple[int, int]) -> None:
    """Refuses an option that is out of its bounds; one that was left out is fine.

    Args:
        args: What argparse made of the words.
        **bounds: The lowest and the highest number of each option, by its name in ``args``.

    Raises:
        UsageError: Which option, and what it may be.
    """
    for name, (lowest, highest) in bounds.items():
        value = getattr(args, name)
        if value is not None and not lowest <= value <= highest:
            raise UsageError(
                "--{name} must be between {lowest} and {highest}, not {value}.",
                name=name,
                lowest=lowest,
                highest=highest,
                value=value,
            )


def make_folder(folder: Path) -> None:
    """Makes a folder to work in where it is missing.

    Raises:
        UsageError: It cannot be made, or a file stands in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            "The folder {folder} cannot be used ({reason}). Name another one.", folder=folder, reason=error.strerror
        ) from error


def check_output(output: Path) -> None:
    """Refuses a checkpoint that could not be written in the end.

    Raises:
        UsageError: Its suffix is another one, or no file can be put there.
    """
    if output.suffix != ".safetensors":
        raise UsageError("The checkpoint must end in .safetensors, not {suffix}.", suffix=output.suffix or "nothing")
    for suffix in (output.suffix, *_BESIDE):
        check_place(output.with_suffix(suffix))
