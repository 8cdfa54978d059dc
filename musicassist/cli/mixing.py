"""Takes of several models beside each other, and a mix of takes by bars: options of the composing words."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from musicassist.cli import arguments
from musicassist.composing.request import MAX_TAKES, GenerationRequest, Take
from musicassist.errors import UsageError
from musicassist.score.timing import TimeMap
from musicassist.session.comping import Comp, Join, Mix
from musicassist.session.offers import Offer
from musicassist.terminal import counted

MAX_MODELS = 16  # LIMIT: more than are installed


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of which takes the bars of OUT are, and which models compose them."""
    parser.add_argument(
        "--mix",
        type=arguments.in_words(parsed_mix),
        metavar="TAKES",
        help="write a mix of the takes into OUT: one take number a bar, as '1 1 3 2' (the last one holds on); the "
        "takes themselves are OUT-1, OUT-2, ...",
    )
    parser.add_argument(
        "--models",
        type=arguments.in_words(parsed_models),
        metavar="A,B",
        help="as many takes of each of these models, one after the other, in place of --model",
    )


def parsed_mix(text: str) -> tuple[int, ...]:
    """Take numbers.

    Raises:
        ValueError: They are none.
    """
    words = text.replace(",", " ").split()
    if not words or not all(word.isdecimal() and 1 <= int(word) <= MAX_TAKES * MAX_MODELS for word in words):
        raise ValueError(f"{text!r} are no numbers of takes, as '1 1 3 2'")
    return tuple(map(int, words))


def parsed_models(text: str) -> tuple[str, ...]:
    """Names or files of models.

    Raises:
        ValueError: None is named, or one twice.
    """
    names = tuple(filter(None, (word.strip() for word in text.split(","))))
    if not 1 <= len(names) <= MAX_MODELS or len(set(names)) < len(names):
        raise ValueError(f"{text!r} is no list of different models, as 'lstm-form,transformer'")
    return names


def models_of(args: argparse.Namespace) -> tuple[str | None, ...]:
    """What the user said of each model that composes; None is the best one for it."""
    models: tuple[str, ...] | None = getattr(args, "models", None)
    return models or (args.model,)


def numbered(rows: Sequence[Sequence[Take]]) -> tuple[Take, ...]:
    """The takes of several models as one row, numbered from 1."""
    takes = [take for row in rows for take in row]
    return tuple(replace(take, number=number) for number, take in enumerate(takes, start=1))


def check(args: argparse.Namespace) -> None:
    """Whether what is asked for can be, before anything is composed.

    Raises:
        UsageError: It cannot; the words say why.
    """
    if getattr(args, "models", None) and args.model is not None:
        raise UsageError("Say either --model or --models.")
    count = args.takes * len(models_of(args))
    numbers: tuple[int, ...] | None = getattr(args, "mix", None)
    if numbers is None:
        return
    if count < 2:
        raise UsageError("A mix needs several takes. Say how many with --takes.")
    _check_number(max(numbers), count)


def _check_number(number: int, count: int) -> None:
    if number > count:
        raise UsageError("There is no take {number} to mix: {count} are composed.", number=number, count=count)


def mix_of_takes(numbers: Sequence[int], request: GenerationRequest, takes: tuple[Take, ...]) -> Mix:
    """The mix of takes that fill one span.

    Args:
        numbers: For each bar the number of a take; the last one holds for all that follow.
        request: What was asked.
        takes: Numbered from 1.

    Raises:
        UsageError: There are more numbers than bars, or there is no such take.
    """
    _check_number(max(numbers), len(takes))
    comp = comp_of(numbers, takes[0], request.song.time_map)
    mix = Offer("offered", request, takes=takes).mixed(comp).mix
    assert mix is not None
    return mix


def comp_of(numbers: Sequence[int], take: Take, time_map: TimeMap) -> Comp:
    """Which bars come from which take; a bar that is begun where the takes begin is one.

    Raises:
        UsageError: There are more numbers than bars.
    """
    first, last = time_map.bar_at(take.from_tick), time_map.bar_at(take.to_tick - 1)
    bars = last - first + 1
    if len(numbers) > bars:
        raise UsageError(
            "The takes have {bars}, and {count} are mixed.", bars=counted(bars, "bar", "bars"), count=len(numbers)
        )
    comp = Comp.of(take.from_tick, take.to_tick, numbers[-1])
    for bar, number in enumerate(numbers, start=first):
        comp = comp.swiped(time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1), number)
    return comp


def mix_page(mix: Mix, numbers: Sequence[int], time_map: TimeMap) -> dict[str, object]:
    """A mix for the answer in JSON."""
    return {"bars": list(numbers), "joins": [_join_page(join, time_map) for join in mix.joins]}


def _join_page(join: Join, time_map: TimeMap) -> dict[str, object]:
    return {
        "beat": time_map.tick_to_beats(join.tick),
        "asked_beat": time_map.tick_to_beats(join.asked_tick),
        "leap_semitones": join.leap_semitones,
        "clashes": join.clashes,
        "is_rough": join.is_rough,
    }


def mix_words(mix: Mix, numbers: Sequence[int], time_map: TimeMap) -> str:
    """A mix in a line: which take each bar is, and what is rough about its joins."""
    bars = " ".join(map(str, numbers))
    rough = [_join_words(join, time_map) for join in mix.joins if join.is_rough]
    return f"mix of takes {bars}, {'; '.join(rough) if rough else 'no join is rough'}"


def _join_words(join: Join, time_map: TimeMap) -> str:
    bar, beat, _ = time_map.position(join.tick)
    what = "rubs against another track" if join.clashes else f"a leap of {abs(join.leap_semitones)} semitones"
    return f"{what} at bar {bar}, beat {beat}"
