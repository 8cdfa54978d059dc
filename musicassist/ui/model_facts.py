"""The installed models as the window tells of them, in words that a musician knows."""

from __future__ import annotations

from dataclasses import dataclass

from musicassist.models.cards import ModelCard
from musicassist.ui.words import tr

# What each family is. Translated in the context "Models" when shown.
FAMILY_WORDS = {
    "markov": "counts what follows what",
    "rnn": "note by note, short memory",
    "gru": "note by note, small",
    "lstm": "note by note, long memory",
    "lstm-attention": "note by note, returns to its motifs",
    "transformer": "attends to all the notes around",
    "vae": "moves between phrases",
    "gan": "makes bars from noise",
    "hybrid": "two models in one",
}
# What is particular to a shipped model.
MODEL_WORDS = {
    "lstm-seed": "the LSTM with a close ear for the phrase",
    "gan-latent": "makes bars from noise, in the space of the VAE",
}


@dataclass(frozen=True)
class ModelFact:
    """A model that can be chosen.

    Attributes:
        name: What it is called in requests.
        title: What the window calls it.
        tip: Its size, in a line.
        family: One of ``models.cards.FAMILIES``.
        verbs: What it can be asked for.
    """

    name: str
    title: str
    tip: str = ""
    family: str = "lstm"
    verbs: tuple[str, ...] = ("continue", "generate", "infill")

    @property
    def words(self) -> str:
        """What it is."""
        return tr("Models", MODEL_WORDS.get(self.name, FAMILY_WORDS[self.family]))


def fact_of(card: ModelCard) -> ModelFact:
    """What the window tells of a model."""
    size = f"{card.parameters / 1e6:.1f} M parameters, {card.bytes / 1e6:.0f} MB"
    return ModelFact(card.name, card.name.upper(), size, card.family, card.verbs)
