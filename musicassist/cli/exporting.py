"""``musicassist render`` and ``screenshot``: a song as audio, as playback sounds or repeats it, or as a picture."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from musicassist.cli.arguments import add_bar_options, bar_count, bar_span, number, whole_number, with_pickup
from musicassist.disk import check_place
from musicassist.document.opening import read_file
from musicassist.errors import UsageError
from musicassist.families.registry import make_engine
from musicassist.session.sound_choices import sound_settings
from musicassist.settings import load_settings
from musicassist.sound.loop_render import LoopSpan, render_loop
from musicassist.sound.messages import CHORUSES, MAX_GAIN, REVERBS, SoundSettings
from musicassist.sound.render import CD_SAMPLE_RATE, FORMATS, render_audio
from musicassist.terminal import counted, print_json, say

DEFAULT_WIDTH_PX = 1280
DEFAULT_HEIGHT_PX = 800
_CHOSEN = "(default: as chosen in the window)"
_OUTPUTS = {"render": "OUT.wav or OUT.flac, 16 bit, or OUT.ogg", "screenshot": "the PNG file to write"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and the options of the word that was given."""
    word = parser.get_default("word")
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=_OUTPUTS[word])
    (_add_sound_options if word == "render" else _add_window_options)(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the audio or the picture."""
    check_place(args.output)
    (_render if args.word == "render" else _draw)(args)
    return 0


def _add_sound_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sample-rate",
        type=whole_number(8_000, 96_000),
        default=CD_SAMPLE_RATE,
        metavar="HZ",
        help="default %(default)s",
    )
    parser.add_argument("--soundfont", type=Path, metavar="FILE", help=f"an SF2 or SF3 file {_CHOSEN}")
    parser.add_argument(
        "--loop",
        action="store_true",
        help="write whole bars that repeat without a seam: what rings on lies over the start, and the file says that "
        "it loops (smpl in WAV, LOOPSTART and LOOPLENGTH in FLAC and OGG)",
    )
    add_bar_options(parser, required=False, of="song")
    gain = number(0, MAX_GAIN, is_lowest_meant=True)
    parser.add_argument("--gain", type=gain, metavar="N", help=f"loudness, 1 is usual {_CHOSEN}")
    parser.add_argument("--reverb", choices=REVERBS, help=_CHOSEN)
    parser.add_argument("--chorus", choices=CHORUSES, help=_CHOSEN)


def _render(args: argparse.Namespace) -> None:
    if args.output.suffix.lower() not in FORMATS:
        raise UsageError("{file} is no audio file's name; end it in .wav, .flac or .ogg.", file=args.output)
    if not args.loop and (args.from_bar is not None or args.to_bar is not None):
        raise UsageError("--from-bar and --to-bar say what is repeated. Add --loop, or leave them out.")
    song, sound = with_pickup(read_file(args.input).song, args.pickup), _chosen_sound(args)
    how: dict[str, Any] = {"sample_rate": args.sample_rate, "soundfont": sound.soundfont, "tone": sound.tone}
    looped: dict[str, Any] = {}
    if args.loop:
        span = bar_span(song, None, args.from_bar, args.to_bar)
        audio = render_loop(LoopSpan(song, *span), args.output, **how)
        looped = {"loop_start": 0, "loop_frames": audio.frames, "bars": bar_count(song, span)}
    else:
        audio = render_audio(song, args.output, **how)
    for sentence in audio.replaced:
        say(sentence, on_stderr=True)
    if args.json:
        facts = {"seconds": audio.seconds, "sample_rate": audio.sample_rate, "soundfont": audio.soundfont}
        print_json({"file": str(args.output), **facts, **looped, "replaced": [str(said) for said in audio.replaced]})
        return
    length = f"{audio.seconds:.1f} s"
    if looped:
        length = f"a loop of {counted(looped['bars'], 'bar', 'bars')}, {audio.seconds:.3f} s, {audio.frames} samples"
    say(f"{args.output}: {length} at {audio.sample_rate} Hz with {audio.soundfont}")


def _chosen_sound(args: argparse.Namespace) -> SoundSettings:
    """What playback in the window sounds with, except for what the words say."""
    loaded = load_settings()
    if loaded.warning is not None:
        say(loaded.warning, on_stderr=True)
    sound = sound_settings(loaded.settings)
    said: dict[str, Any] = {name: getattr(args, name) for name in ("gain", "reverb", "chorus")}
    tone = replace(sound.tone, **{name: value for name, value in said.items() if value is not None})
    return replace(sound, soundfont=args.soundfont or sound.soundfont, tone=tone)


def _add_window_options(parser: argparse.ArgumentParser) -> None:
    size = whole_number(320, 8192)
    parser.add_argument("--width", type=size, default=DEFAULT_WIDTH_PX, metavar="PX", help="default %(default)s")
    parser.add_argument("--height", type=size, default=DEFAULT_HEIGHT_PX, metavar="PX", help="default %(default)s")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="default %(default)s")
    parser.add_argument(
        "--continue",
        dest="is_continuing",
        action="store_true",
        help="continue the phrase first and show the takes on offer",
    )


def _draw(args: argparse.Namespace) -> None:
    """Draws the window offscreen. The only word that loads Qt."""
    if args.output.suffix.lower() != ".png":
        raise UsageError("{file} is no picture's name; end it in .png.", file=args.output)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from musicassist.ui.model_status import installed_models
    from musicassist.ui.screenshot import save_screenshot

    save_screenshot(
        args.input,
        args.output,
        width=args.width,
        height=args.height,
        theme=args.theme,
        make_engine=make_engine if args.is_continuing else None,
        list_models=installed_models,
    )
    if args.json:
        print_json({"file": str(args.output), "width": args.width, "height": args.height})
    else:
        say(f"Wrote {args.output}.")
