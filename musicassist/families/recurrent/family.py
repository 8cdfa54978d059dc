"""LSTM, GRU and RNN as a family: note after note, with a memory of what was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _decoding() -> Decoding:
    from musicassist.composing.predictor import NetPredictor, of_melodies
    from musicassist.composing.seed_reading import SeedReader
    from musicassist.families.recurrent.decoding import RecurrentConfig, RecurrentStep

    return Decoding(
        model=lambda page, weights: SeedReader(RecurrentStep(of_melodies(RecurrentConfig.of(page)), weights)),
        reader=lambda loaded: NetPredictor(loaded.model),
    )


def _learning() -> Learning:
    from musicassist.families.recurrent.learning import LEARNING

    return LEARNING


def _form_decoding() -> Decoding:
    from musicassist.families.recurrent.decoding import RecurrentConfig, RecurrentStep
    from musicassist.families.recurrent.form_predictor import FormPredictor
    from musicassist.families.recurrent.form_reading import FormReader
    from musicassist.families.recurrent.form_vocabulary import of_forms

    return Decoding(
        model=lambda page, weights: FormReader(RecurrentStep(of_forms(RecurrentConfig.of(page)), weights)),
        reader=lambda loaded: FormPredictor(loaded.model),
    )


def _form_learning() -> Learning:
    from musicassist.families.recurrent.learning import FORM_LEARNING

    return FORM_LEARNING


RECURRENT = Family(
    (
        Variant(
            "lstm",
            "lstm",
            QT_TRANSLATE_NOOP("Models", "note by note, long memory"),
            {"continue": 10, "generate": 30, "infill": 20},
            title=QT_TRANSLATE_NOOP("Models", "Melody, balanced"),
        ),
        Variant(
            "lstm-attention",
            "lstm-attention",
            QT_TRANSLATE_NOOP("Models", "note by note, returns to its motifs"),
            {"continue": 20, "generate": 40, "infill": 30},
            title=QT_TRANSLATE_NOOP("Models", "Melody, with its motifs"),
        ),
        Variant(
            "gru",
            "gru",
            QT_TRANSLATE_NOOP("Models", "note by note, small"),
            {"continue": 50, "generate": 60, "infill": 50},
            title=QT_TRANSLATE_NOOP("Models", "Melody, light"),
        ),
        Variant(
            "rnn",
            "rnn",
            QT_TRANSLATE_NOOP("Models", "note by note, short memory"),
            {"continue": 60, "generate": 70, "infill": 60},
            title=QT_TRANSLATE_NOOP("Models", "Melody, simple"),
        ),
    ),
    _decoding,
    _learning,
)


FORM = Family(
    (
        Variant(
            "lstm-form",
            "lstm-form",
            QT_TRANSLATE_NOOP("Models", "melody, with a plan and an ear for the chords"),
            {"continue": 5, "generate": 5, "infill": 15},
            title=QT_TRANSLATE_NOOP("Models", "Melody, with a plan"),
            reads_plans=True,
        ),
        Variant(  # another file of the same net
            "lstm-form-permissive",
            "lstm-form",
            QT_TRANSLATE_NOOP("Models", "the same, learned from music in the public domain or under CC alone"),
            {"continue": 7, "generate": 7, "infill": 17},
            title=QT_TRANSLATE_NOOP("Models", "Melody, with a plan, free music alone"),
            reads_plans=True,
        ),
    ),
    _form_decoding,
    _form_learning,
)
