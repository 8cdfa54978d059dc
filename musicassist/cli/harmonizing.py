"""``musicassist harmonize``: chords for a melody, and an accompaniment of them where one is asked for."""

from __future__ import annotations

import argparse
import re
import secrets
from pathlib import Path

from musicassist.cli import arguments
from musicassist.cli.composing import take_paths
from musicassist.document.song_edits import write_chords
from musicassist.errors import SeedError
from musicassist.harmony.accompanying import ACCOMPANIMENTS, LIKE, TITLES, accompany
from musicassist.harmony.harmonising import MAX_PROGRESSIONS, OUTSIDE_SHARES, STYLES, Progression
from musicassist.midi import save_song
from musicassist.session.harmonising import HarmonyRequest, pieces_of, with_accompaniment
from musicassist.terminal import print_json, say

NONE, EACH = "none", "each"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is harmonised, and how."""
    bands = ", ".join(
        f"{style} {100 * low:.0f} to {100 * high:.0f} %%" for style, (low, high) in OUTSIDE_SHARES.items()
    )
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project with the melody")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")
    parser.add_argument(
        "--style",
        choices=STYLES,
        default=STYLES[0],
        help=f"by the share of the chords' tones outside the key: {bands} (default %(default)s)",
    )
    parser.add_argument(
        "--takes",
        type=arguments.whole_number(1, MAX_PROGRESSIONS),
        default=1,
        metavar="K",
        help="how many progressions, the likeliest first, or with --accompaniment each how many accompaniments; more "
        "than one are numbered OUT-1, OUT-2, ...",
    )
    parser.add_argument(
        "--bars", type=_bars, metavar="A-B", help="only these bars, as 5-8; the chords of the others stay"
    )
    parser.add_argument(
        "--accompaniment",
        choices=(NONE, *ACCOMPANIMENTS, EACH),
        default=NONE,
        help="also write it as tracks: block chords, broken ones, bass and chords, or like the song's other parts; "
        "each: the likeliest chords in all these ways, one a take",
    )
    arguments.add_track_option(parser)
    parser.add_argument(
        "--seed",
        type=arguments.whole_number(0, 2**63 - 1),
        metavar="N",
        help="random number; the same one gives the same chords (default: a new one, which the answer names)",
    )
    arguments.add_pickup_option(parser)


def _bars(words: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", words.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{words!r} are no bars; write them as 5-8")
    return int(match[1]), int(match[2] or match[1])


def run(args: argparse.Namespace) -> int:
    """Writes the song with its chords; all else of it stays as it is."""
    paths = take_paths(args.output, args.takes)
    for path in paths:
        arguments.check_midi_place(path)
    song = arguments.song_to_change(args.input, paths, args.pickup)
    track_index = arguments.track_of(song, args.track)
    first, last = args.bars or (None, None)
    span = arguments.bar_span(song, track_index, first, last)
    seed = secrets.randbelow(2**31) if args.seed is None else args.seed
    chosen = args.bars is not None
    is_each = args.accompaniment == EACH
    count = 1 if is_each else args.takes
    request = HarmonyRequest(song, track_index, *span, args.style, seed, count, keeps_others=chosen)
    found = request.progressions()
    if not found:
        raise SeedError("There is no melody in these bars. Choose others, or another track.")
    answers: list[dict[str, object]] = []
    made = _each(request, found[0]) if is_each else [(one, args.accompaniment) for one in found]
    for path, (one, style) in zip(paths, made, strict=False):
        written = write_chords(song, one.spans)
        if style != NONE:
            written = with_accompaniment(written, accompany(song, track_index, one.spans, style))
        save_song(written, path)
        pieces = pieces_of(one.spans, song, request.key)
        answers.append(
            {"file": str(path), "outside_share": round(one.outside_share, 4), "accompaniment": style, "chords": pieces}
        )
        if not args.json:
            names = "  ".join(f"{piece['chord']} ({piece['numeral']})" for piece in pieces)
            say(f"{path}: {TITLES[style].lower()}: {names}" if is_each else f"{path}: {names}")
    if args.json:
        track = song.tracks[track_index]
        head = {"style": args.style, "seed": seed, "key": str(request.key), "accompaniment": args.accompaniment}
        print_json({**head, "track": track.name, "track_number": track_index + 1, "progressions": answers})
    else:
        fewer = "" if len(made) >= len(paths) else f" No more than {len(made)} were found that differ."
        say(f"In {request.key}, {args.style}, seed {seed}.{fewer}")
    return 0


def _each(request: HarmonyRequest, one: Progression) -> list[tuple[Progression, str]]:
    """The ways in which a progression can be accompanied in this song."""
    ways = [(style, accompany(request.song, request.track_index, one.spans, style)) for style in ACCOMPANIMENTS]
    has_players = any(part.track_index is not None for part in ways[-1][1])
    return [(one, style) for style, _ in ways if style != LIKE or has_players]
