"""``musicassist extract`` and ``join``: a track or bars of it as a song of its own; the tracks of two songs in one."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.arguments import (
    MAX_BAR,
    add_bar_options,
    add_track_option,
    bar_line,
    bar_span,
    check_midi_place,
    song_to_change,
    track_of,
    whole_number,
)
from musicassist.document.excerpts import bars_alone, track_alone, with_tracks_of
from musicassist.document.opening import read_file
from musicassist.errors import UsageError
from musicassist.midi import save_song
from musicassist.score.song import Song
from musicassist.terminal import counted, print_json, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and the options of the word that was given."""
    is_join = parser.get_default("word") == "join"
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project")
    if is_join:
        parser.add_argument("other", type=Path, metavar="OTHER", help="the MIDI file whose tracks are added")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the MIDI file to write")
    if is_join:
        bar = whole_number(0, MAX_BAR)
        parser.add_argument("--at-bar", type=bar, metavar="N", help="bar at which they begin (default: the first)")
    else:
        add_track_option(parser)
        add_bar_options(parser, required=False, of="track")


def run(args: argparse.Namespace) -> int:
    """Writes the song."""
    check_midi_place(args.output)
    song = _joined(args) if args.word == "join" else _extracted(args)
    save_song(song, args.output)
    names = [track.name for track in song.tracks]
    if args.json:
        print_json({"file": str(args.output), "tracks": names, "notes": song.note_count})
    else:
        say(f"{args.output}: {counted(song.note_count, 'note', 'notes')} in {', '.join(map(repr, names))}")
    return 0


def _extracted(args: argparse.Namespace) -> Song:
    song = song_to_change(args.input, [args.output], args.pickup)
    index = track_of(song, args.track)
    if args.from_bar is None and args.to_bar is None:
        return track_alone(song, index)
    return bars_alone(song, [index], *bar_span(song, index, args.from_bar, args.to_bar))


def _joined(args: argparse.Namespace) -> Song:
    song, other = song_to_change(args.input, [args.output]), read_file(args.other).song
    if other.note_count == 0:
        raise UsageError("There are no notes in {file}.", file=args.other)
    return with_tracks_of(song, other, 0 if args.at_bar is None else bar_line(song, args.at_bar))
