"""``musicassist why``: what makes the bars of a melody strong, as far as their notes prove it."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli import arguments
from musicassist.document.opening import read_file
from musicassist.harmony.lessons import Bar, Lesson, lessons_of
from musicassist.harmony.song_chords import song_chords
from musicassist.score.keys import key_at
from musicassist.score.meant_times import MeantTimes
from musicassist.terminal import print_json, say

LEVELS = ("plain", "learner", "musician")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which bars, and in which words."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project")
    arguments.add_track_option(parser)
    arguments.add_bar_options(parser, required=False)
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="the way of speaking (default %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Says for each bar what is found in it."""
    song = arguments.with_pickup(read_file(args.input).song, args.pickup)
    track_index = arguments.track_of(song, args.track)
    from_tick, to_tick = arguments.bar_span(song, track_index, args.from_bar, args.to_bar)
    bars = song.time_map
    line = MeantTimes.of_track(song.tracks[track_index].notes, bars).notes
    spans = song_chords(song, 0, max(to_tick, song.end_tick), but_track=track_index)
    level = LEVELS.index(args.level)
    found = []
    for number in range(bars.bar_at(from_tick), bars.bar_at(max(from_tick, to_tick - 1)) + 1):
        key = key_at(song, bars.bar_start_tick(number)).key
        lessons = lessons_of(Bar.of(line, spans, key, bars, number))
        found += [(bars.bar_number(number), lesson) for lesson in lessons]
    if args.json:
        print_json([_page(number, lesson) for number, lesson in found])
        return 0
    for number, lesson in found:
        template, values = lesson.words[level]
        say(f"Bar {number}: {template.format(**values)}")
    if not found:
        say("No cadence, sequence, suspension, syncopation or line of chord tones can be proved in these bars.")
    return 0


def _page(number: int, lesson: Lesson) -> dict[str, object]:
    words = {level: template.format(**values) for level, (template, values) in zip(LEVELS, lesson.words, strict=True)}
    return {"bar": number, "feature": str(lesson.feature), "notes": len(lesson.rows), "words": words}
