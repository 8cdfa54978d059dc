"""``musicassist bench sound --soak``: what only long use would show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lab.sound.jack_system import dummy_jack_server, require_programs
from lab.sound.keyboard_cycles import cycle_keyboards
from lab.sound.ringing import listen_to_stops
from lab.sound.transport_walk import TransportWalk
from musicassist.evaluation.figures import Figure

_FULL_HOURS, _FULL_CYCLES, _FULL_MINUTES = 8.0, 1000, 20.0
_SEED = 1


def soak(hours: float, say: Callable[[str], None]) -> list[Figure]:
    """So many hours of transport, turned fast, and the same share of 1,000 keyboards and 20 minutes of FluidSynth.

    All 8 hours take about half an hour.

    Raises:
        SoundError: JACK's programs or FluidSynth are missing.
    """
    require_programs()
    share = hours / _FULL_HOURS
    cycles, minutes = max(1, round(_FULL_CYCLES * share)), _FULL_MINUTES * share
    say(f"{hours:g} hours of transport ...")
    rows = [*_walk_rows(hours)]
    say(f"{minutes:.1f} minutes of FluidSynth ...")
    rows += _ringing_rows(minutes)
    with dummy_jack_server():
        rows += _keyboard_rows(cycles, lambda cycle: say(f"keyboard {cycle} of {cycles} ..."))
    return rows


def _walk_rows(hours: float) -> Iterator[Figure]:
    report = TransportWalk(_SEED).walk(hours)
    what = f"{hours:g} h of transport"
    yield Figure(f"{what}, notes left sounding", "", report.faults.stuck, "notes", report.notes, _SEED)
    yield Figure(f"{what}, unmatched note-ons", "", report.faults.unmatched, "notes", report.notes, _SEED)
    yield Figure(f"{what}, late events", "", report.faults.late, "notes", report.notes, _SEED)
    yield Figure(f"{what}, memory growth", "", report.grown_bytes / 1e6, "MB", report.actions, _SEED)


def _ringing_rows(minutes: float) -> Iterator[Figure]:
    report = listen_to_stops(minutes)
    what = f"{minutes:.1f} min of FluidSynth"
    yield Figure(f"{what}, voices 10 s after a stop", "", report.voices_left, "voices", report.stops, _SEED)
    yield Figure(f"{what}, longest until silence", "", report.longest_seconds, "s", report.stops, _SEED)


def _keyboard_rows(cycles: int, progress: Callable[[int], None]) -> Iterator[Figure]:
    report = cycle_keyboards(cycles, progress)
    counts = {
        "crashes": report.crashes,
        "ghost ports": report.ghosts,
        "growth of descriptors": report.grown_descriptors,
        "without a key heard": report.silent,
    }
    for name, count in counts.items():
        yield Figure(f"keyboards that come and go, {name}", "", count, "", cycles, _SEED)
    yield Figure("keyboards that come and go, longest until shown", "", max(report.shown_seconds), "s", cycles, _SEED)
