"""What ``evaluate`` can measure, by the word that asks for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab.benchmarks import frames, sixteenths
from lab.evaluation import continuation
from lab.evaluation.infill import infill_figures
from lab.evaluation.keys import key_figures
from lab.evaluation.latent import latent_figures
from lab.evaluation.melody_tracks import melody_track_figures
from lab.evaluation.pickups import pickup_figures
from lab.evaluation.playing import played_figures
from lab.evaluation.scoreboard import Player, continuation_figures
from lab.evaluation.takes import loop_figures, span_figures
from lab.evaluation.thirty_seconds import places_in, thirty_second_figures
from lab.evaluation.windows import is_measured, window_figures
from musicassist.composing.engine import Engine
from musicassist.errors import UsageError
from musicassist.evaluation.command import melody_figures, tell
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.originality import TokenLines
from musicassist.evaluation.phrases import Phrase, phrases_of, windows_of
from musicassist.families.latent.net import VaeModel
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import SHIPPED_LICENCES, Line, Report, leave_out_of, read_lines
from musicassist.learning.pack import Corpus, load_corpus
from musicassist.resources import checkpoints_folder

FEW_PHRASES, MANY_PHRASES = 100, 500
_PAST_ONLY = "lstm"  # fills the same holes without hearing what stands behind, and judges all
OWN_NETS: dict[str, Callable[..., list[Figure]]] = {  # benchmarks that train nets of their own
    frames.NAME: frames.figures,
    sixteenths.NAME: sixteenths.figures,
}
BENCHMARKS = (continuation.NAME, *OWN_NETS)


@dataclass(frozen=True)
class Measuring:
    """What all measures of one command have in common.

    Attributes:
        args: The options, see ``command.add_arguments``.
        players: The models.
    """

    args: argparse.Namespace
    players: Sequence[Player]

    @property
    def split(self) -> str:
        """The side that is measured on."""
        return str(self.args.split)

    @cached_property
    def corpus(self) -> Corpus:
        """The packed music."""
        left_out = leave_out_of(self.args.leave_out) if self.args.leave_out else frozenset()
        return load_corpus(self.args.data, self.args.cache, licences=SHIPPED_LICENCES, leave_out=left_out)

    @cached_property
    def melodies(self) -> list[Line]:
        """The melodies of the side that is measured on."""
        return [line for line in read_lines(self.args.data, Report(), splits=(self.split,)) if line.is_melody]

    @cached_property
    def openings(self) -> list[Phrase]:
        """Phrases from the beginnings of those melodies.

        Raises:
            UsageError: There are none.
        """
        return self.checked(phrases_of(self.melodies, self.args.phrases or FEW_PHRASES, seed=self.args.seed))

    def checked(self, phrases: list[Phrase]) -> list[Phrase]:
        """The phrases, if there are any."""
        if not phrases:
            raise UsageError("No melody of the {split} side is long enough to cut phrases from.", split=self.split)
        return phrases


def _melody(job: Measuring) -> list[Figure]:
    return melody_figures(job.players, job.corpus, job.split, with_baselines=not job.args.no_baselines)


def _takes(job: Measuring) -> list[Figure]:
    rows: list[Figure] = []
    for engine, name in job.players:
        tell(f"takes, {name}")
        rows += loop_figures(engine, name, job.openings, takes=job.args.takes, seed=job.args.seed, split=job.split)
    return rows


def _spans(job: Measuring) -> list[Figure]:
    rows: list[Figure] = []
    for engine, name in job.players:
        tell(f"spans and scales, {name}")
        rows += span_figures(engine, name, count=job.args.spans, seed=job.args.seed)
    return rows


def _infills(job: Measuring) -> list[Figure]:
    tell("infills")
    past_only = Engine(checkpoints_folder(), FAMILIES)
    beside = [] if _PAST_ONLY in [name for _, name in job.players] else [(past_only, _PAST_ONLY)]
    return infill_figures([*job.players, *beside], past_only.ready(_PAST_ONLY).net(), job.openings, job.split)


def _continuations(job: Measuring) -> list[Figure]:
    args = job.args
    return continuation_figures(
        job.players,
        job.checked(windows_of(job.melodies, args.phrases or MANY_PHRASES, seed=args.seed)),
        TokenLines.of_pack(job.corpus.sides["train"]),
        seed=args.seed,
        split=job.split,
        with_baselines=not args.no_baselines,
        extra_bars=args.beyond,
        on_model=lambda name: tell(f"continuations, {name}"),
    )


def _played(job: Measuring) -> list[Figure]:
    """Phrases as a person plays them, beside the same as they are written."""
    args = job.args
    phrases = job.checked(windows_of(job.melodies, args.phrases or MANY_PHRASES, seed=args.seed))
    rows: list[Figure] = []
    for engine, name in job.players:
        tell(f"played phrases, {name}")
        rows += played_figures(engine, name, phrases, seed=args.seed, split=job.split)
    return rows


def _pickups(job: Measuring) -> list[Figure]:
    """Of no model: whether a hidden pickup is told."""
    tell("pickups")
    return pickup_figures(job.args.data, split=job.split, seed=job.args.seed)


def _latent(job: Measuring) -> list[Figure]:
    """Of the models that have a latent space."""
    rows: list[Figure] = []
    for engine, name in job.players:
        model = engine.ready(name).net()
        if not isinstance(model, VaeModel):
            raise UsageError("The model {name} has no latent space to measure.", name=name)
        tell(f"latent space, {name}")
        rows += latent_figures(name, model, job.corpus.sides[job.split], job.split, seed=job.args.seed)
    return rows


def _windows(job: Measuring) -> list[Figure]:
    """Two bars after a phrase and from nothing, of the models that make them."""
    rows: list[Figure] = []
    phrases = job.checked([phrase for phrase in job.openings if is_measured(phrase)])
    for engine, name in job.players:
        tell(f"windows, {name}")
        rows += window_figures(engine, name, phrases, seed=job.args.seed, split=job.split)
    return rows


def _melody_tracks(job: Measuring) -> list[Figure]:
    tell("melody tracks")
    return melody_track_figures(job.args.data, job.split)


def _keys(job: Measuring) -> list[Figure]:
    """Of both held-out sides, since the weights were chosen on neither."""
    tell("keys")
    return key_figures(job.args.data)


def _thirty_seconds(job: Measuring) -> list[Figure]:
    """Phrases in 32nds on both grids."""
    args = job.args
    places = places_in(args.data, job.split, args.phrases or FEW_PHRASES, seed=args.seed)
    if not places:
        raise UsageError("No melody of the {split} side has 32nds.", split=job.split)
    rows: list[Figure] = []
    for engine, name in job.players:
        tell(f"32nds, {name}")
        rows += thirty_second_figures(engine, name, places, seed=args.seed, split=job.split)
    return rows


@dataclass(frozen=True)
class Measure:
    """One word.

    Attributes:
        figures: What measures.
        needs_music: Whether it reads folders of music.
        needs_cache: Whether it packs that music into the cache.
        is_default: Whether it is measured where nobody names a measure.
    """

    figures: Callable[[Measuring], list[Figure]]
    needs_music: bool = True
    needs_cache: bool = False
    is_default: bool = True


MEASURES: dict[str, Measure] = {
    "melody": Measure(_melody, needs_cache=True),
    "takes": Measure(_takes),
    "spans": Measure(_spans, needs_music=False),
    "continuations": Measure(_continuations, needs_cache=True),
    "infill": Measure(_infills, is_default=False),
    "played": Measure(_played, is_default=False),
    "pickups": Measure(_pickups, is_default=False),
    "gan": Measure(_windows, is_default=False),
    "melody-tracks": Measure(_melody_tracks, is_default=False),
    "keys": Measure(_keys, is_default=False),
    "32nds": Measure(_thirty_seconds, is_default=False),
    "latent": Measure(_latent, needs_cache=True, is_default=False),
}


def benchmark_figures(name: str, folder: Path, players: Sequence[Player], *, seed: int) -> list[Figure]:
    """Of a public benchmark; only the continuation benchmark asks the models."""
    tell(name)
    if name in OWN_NETS:
        return OWN_NETS[name](folder, seed=seed)
    return [
        row
        for engine, player in players
        for row in continuation.figures(player, engine.ready(player), folder, seed=seed)
    ]
