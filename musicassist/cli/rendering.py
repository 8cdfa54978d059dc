"""``musicassist render``: a song as audio, exactly what playback sounds."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.composing import check_output, whole_number
from musicassist.cli.output import print_json
from musicassist.errors import UsageError
from musicassist.midi.files import read_song

AUDIO_SUFFIXES = (".wav", ".flac")
DEFAULT_SAMPLE_RATE = 44_100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``render``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="OUT.wav or OUT.flac, 16 bit")
    parser.add_argument(
        "--sample-rate",
        type=whole_number(8_000, 96_000),
        default=DEFAULT_SAMPLE_RATE,
        metavar="HZ",
        help="default %(default)s",
    )
    parser.add_argument("--soundfont", type=Path, metavar="FILE", help="an SF2 or SF3 file (default: the best found)")


def run(args: argparse.Namespace) -> int:
    """Renders the song."""
    check_output(args.output)
    if args.output.suffix.lower() not in AUDIO_SUFFIXES:
        raise UsageError("{file} is no audio file's name; end it in .wav or .flac.", file=args.output)
    song = read_song(args.input).song
    from musicassist.sound.render import render_audio

    audio = render_audio(song, args.output, sample_rate=args.sample_rate, soundfont=args.soundfont)
    if args.json:
        facts = {"seconds": audio.seconds, "sample_rate": audio.sample_rate, "soundfont": str(audio.soundfont)}
        print_json({"file": str(args.output), **facts})
    else:
        font = Path(audio.soundfont).name
        print(f"{args.output}: {audio.seconds:.1f} s at {audio.sample_rate} Hz with {font}")
    return 0
