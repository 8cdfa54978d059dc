"""``musicassist render``: a song as audio, exactly what playback sounds."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from musicassist.cli.arguments import number, whole_number
from musicassist.cli.output import print_json
from musicassist.disk import check_place
from musicassist.errors import UsageError
from musicassist.midi import read_song
from musicassist.session.session import sound_settings
from musicassist.settings import load_settings
from musicassist.sound.banks import CHORUSES, MAX_GAIN, REVERBS
from musicassist.sound.messages import SoundSettings
from musicassist.sound.render import CD_SAMPLE_RATE, FORMATS, render_audio
from musicassist.terminal import say

_CHOSEN = "(default: as chosen in the window)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``render``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="OUT.wav or OUT.flac, 16 bit")
    parser.add_argument(
        "--sample-rate",
        type=whole_number(8_000, 96_000),
        default=CD_SAMPLE_RATE,
        metavar="HZ",
        help="default %(default)s",
    )
    parser.add_argument("--soundfont", type=Path, metavar="FILE", help=f"an SF2 or SF3 file {_CHOSEN}")
    gain = number(0, MAX_GAIN, is_lowest_meant=True)
    parser.add_argument("--gain", type=gain, metavar="N", help=f"loudness, 1 is usual {_CHOSEN}")
    parser.add_argument("--reverb", choices=REVERBS, help=_CHOSEN)
    parser.add_argument("--chorus", choices=CHORUSES, help=_CHOSEN)


def run(args: argparse.Namespace) -> int:
    """Renders the song."""
    check_place(args.output)
    if args.output.suffix.lower() not in FORMATS:
        raise UsageError("{file} is no audio file's name; end it in .wav or .flac.", file=args.output)
    song, sound = read_song(args.input).song, _chosen_sound(args)
    audio = render_audio(song, args.output, sample_rate=args.sample_rate, soundfont=sound.soundfont, tone=sound.tone)
    for sentence in audio.replaced:
        say(sentence, on_stderr=True)
    if args.json:
        facts = {"seconds": audio.seconds, "sample_rate": audio.sample_rate, "soundfont": audio.soundfont}
        print_json({"file": str(args.output), **facts, "replaced": list(audio.replaced)})
    else:
        say(f"{args.output}: {audio.seconds:.1f} s at {audio.sample_rate} Hz with {audio.soundfont}")
    return 0


def _chosen_sound(args: argparse.Namespace) -> SoundSettings:
    """What playback in the window sounds with, except for what the words say."""
    loaded = load_settings()
    if loaded.warning is not None:
        say(loaded.warning, on_stderr=True)
    sound = sound_settings(loaded.settings)
    said: dict[str, Any] = {name: getattr(args, name) for name in ("gain", "reverb", "chorus")}
    tone = replace(sound.tone, **{name: value for name, value in said.items() if value is not None})
    return replace(sound, soundfont=args.soundfont or sound.soundfont, tone=tone)
