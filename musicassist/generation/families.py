"""Which predictor a loaded model becomes: the one place in composing that tells the families apart."""

from __future__ import annotations

from musicassist.generation.decoding import Decoder
from musicassist.generation.melody_task import MelodyTask
from musicassist.generation.net_predictor import NetPredictor
from musicassist.generation.predictor import Predictor
from musicassist.generation.request import GenerationRequest
from musicassist.models.recurrent import RecurrentModel


def predictor_for(model: RecurrentModel, task: MelodyTask, request: GenerationRequest) -> Predictor:
    """A model made ready for one request."""
    del task, request  # what a recurrent net needs stands in the passage
    return NetPredictor(Decoder(model))
