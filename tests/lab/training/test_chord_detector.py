"""What the chord detector is taught."""

from __future__ import annotations

import numpy as np
import torch

from harmony.test_detection import BAR, block
from lab.training.chord_detector import DetectorNet, label_of, labels_of
from musicassist.harmony.detection import QUALITIES, Frames, chord_detector, profiles
from musicassist.models.weights import open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Song, Track
from musicassist.score.timing import TimeMap


def test_a_label_is_the_chord_of_just_these_tones_or_above_another_bass() -> None:
    assert label_of(np.array([36, 60, 64, 67])) == (0, QUALITIES.index(""))
    assert label_of(np.array([45, 60, 64, 69])) == (9, QUALITIES.index("m"))
    assert label_of(np.array([43, 60, 64, 67])) == (0, QUALITIES.index(""))  # C/G
    assert label_of(np.array([38, 60, 64, 67])) == (0, QUALITIES.index(""))  # C/D
    assert label_of(np.array([45, 60, 64, 67, 69])) == (9, QUALITIES.index("m7"))  # not C6/A
    assert label_of(np.array([60, 61, 62])) is None


def test_labels_are_those_of_the_track_of_chords() -> None:
    song = Song((Track("CHORDS", block("C Am")),))
    assert labels_of(song) == [(0, BAR, 0, 0), (BAR, 2 * BAR, 9, 1)]


def test_numpy_scores_as_torch_does() -> None:
    net = DetectorNet()
    names = {"inner.weight": "inner", "inner.bias": "inner_bias", "outer.weight": "outer", "outer.bias": "outer_bias"}
    with open_weights(checkpoints_folder() / "chord-detector.safetensors") as weights:
        state = {own: weights.floats(name, *net.state_dict()[own].shape) for own, name in names.items()}
    net.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    notes = block("C Am7 F G7")
    rows = profiles(notes, Frames.of(TimeMap(), 0, 4 * BAR))
    with torch.no_grad():
        wanted = torch.log_softmax(net(torch.tensor(rows)), -1).numpy()
    np.testing.assert_allclose(chord_detector().scores(rows), wanted, atol=1e-4)
