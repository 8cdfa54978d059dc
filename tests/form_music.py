"""A tune whose plan is known, and nets with a plan that are small enough for tests."""

from __future__ import annotations

from dataclasses import replace

import torch

from lab.form.net import FormModel
from melodies import bars_of, melody_of
from musicassist.composing.plan import plan_of
from musicassist.families.recurrent.form_context import Form, Harmony
from musicassist.families.recurrent.form_vocabulary import form_config
from musicassist.tokens.codec import Melody, Surroundings

BAR = 48
PLACE = Surroundings(bars_of((0, 4, 4)), tonic=0, mode=1)
FIRST = ((0, 60), (12, 62), (24, 64), (30, 65), (36, 67))
SECOND = ((0, 69), (24, 67))
PLANNED = (  # by bar: new, open end, sequence up, rhythm with an open end, held, same, closed end
    FIRST,
    SECOND,
    tuple((at, pitch + 2) for at, pitch in FIRST),
    ((0, 72), (24, 71)),
    (),
    FIRST,
    ((0, 62), (12, 60)),
)
HARMONY = Harmony((0, 48, 96, 240), (0b10010001, 0b1000100001, 0, 0b100010000100), (0, 5, 12, 7))


def tune() -> Melody:
    """The bars of ``PLANNED``, each note held to the next."""
    notes = [(bar * BAR + at, pitch) for bar, own in enumerate(PLANNED) for at, pitch in own]
    ends = [*(onset for onset, _ in notes[1:]), len(PLANNED) * BAR]
    rows = [(onset, pitch, min(end - onset, 48), 80) for (onset, pitch), end in zip(notes, ends, strict=True)]
    return melody_of(rows)


def full_form() -> Form:
    """All that the tune can be told."""
    return Form(HARMONY, plan_of(tune(), PLACE), (2 * BAR, 7 * BAR), (1, 2))


def transposed(melody: Melody, place: Surroundings, form: Form, semitones: int) -> tuple[Melody, Surroundings, Form]:
    """Everything so many semitones higher."""
    return (
        replace(melody, pitch=melody.pitch + semitones),
        replace(place, tonic=(place.tonic + semitones) % 12),
        replace(form, harmony=form.harmony.transposed(semitones)),
    )


def small_net(seed: int = 1) -> FormModel:
    """A net with random weights."""
    torch.manual_seed(seed)
    net = FormModel(form_config(24, 20))
    net.eval()
    return net
