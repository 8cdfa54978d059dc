"""``musicassist fit``: a song whose end and accents fall where a picture wants them."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.arguments import (
    MAX_BAR,
    add_pickup_option,
    check_midi_place,
    in_words,
    number,
    song_to_change,
    whole_number,
)
from musicassist.document.song_edits import fit_to_picture
from musicassist.midi import save_song
from musicassist.score.hit_points import (
    MAX_CHANGE_SHARE,
    MOST_CHANGE_SHARE,
    Fit,
    Hit,
    HitPoints,
    bars_of,
    fitted,
    parsed_time,
    spoken_time,
)
from musicassist.score.song import Song
from musicassist.score.timing import spoken_bpm
from musicassist.terminal import counted, print_json, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and the points."""
    time = in_words(parsed_time)
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")
    parser.add_argument(
        "--end", type=time, required=True, metavar="TIME", help="where the music ends, on a bar line, as 0:30.0"
    )
    parser.add_argument(
        "--accent", type=time, action="append", default=[], metavar="TIME", help="where a beat falls; may be repeated"
    )
    parser.add_argument(
        "--bars",
        type=whole_number(1, MAX_BAR),
        metavar="N",
        help="how many bars (default: the song's, else as many as stay next to its tempo)",
    )
    parser.add_argument(
        "--most-change",
        type=number(0, 100 * MAX_CHANGE_SHARE, is_lowest_meant=True),
        default=100 * MOST_CHANGE_SHARE,
        metavar="PERCENT",
        help="how far any tempo may be from the song's own (default %(default)g)",
    )
    add_pickup_option(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the song at the tempos that meet all points within 10 ms."""
    check_midi_place(args.output)
    song = song_to_change(args.input, [args.output], args.pickup)
    points = HitPoints(args.end, tuple(args.accent), args.bars, args.most_change / 100)
    own_bars = bars_of(song)
    fit = fitted(song.time_map, own_bars, points)
    new = fit_to_picture(song, fit)
    save_song(new, args.output)
    if args.json:
        print_json(_facts(args.output, new, fit, own_bars))
        return 0
    tempos = " ".join(f"{spoken_bpm(change.tempo_bpm):.4g}" for change in fit.tempo_changes)
    before = f" (the song has {own_bars})" if own_bars != fit.bars else ""
    say(f"{args.output}: {counted(fit.bars, 'bar', 'bars')}{before} at {tempos} bpm")
    for name, hit in (*(("accent", hit) for hit in fit.accents), ("end", fit.end)):
        bar, pulse, _ = new.time_map.position(hit.tick)
        place = f"bar line {bar}" if pulse == 1 else f"bar {bar}, beat {pulse}"
        say(f"  {name} {spoken_time(hit.wanted_seconds)}: {place}, off by {abs(hit.off_ms):.2f} ms")
    return 0


def _facts(path: Path, song: Song, fit: Fit, own_bars: int) -> dict[str, object]:
    def point(hit: Hit) -> dict[str, object]:
        bar, pulse, _ = song.time_map.position(hit.tick)
        return {"wanted": hit.wanted_seconds, "seconds": hit.seconds, "off_ms": hit.off_ms, "bar": bar, "beat": pulse}

    tempos = [{"tick": change.tick, "bpm": change.tempo_bpm} for change in fit.tempo_changes]
    points = {"end": point(fit.end), "accents": [point(hit) for hit in fit.accents]}
    return {"file": str(path), "bars": fit.bars, "own_bars": own_bars, "tempos": tempos, **points}
