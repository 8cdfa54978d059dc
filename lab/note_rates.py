"""Notes in a second of CPU time: takes of ours beside Notochord's own query loop and a GPT-2 that keeps its cache.

Each is measured in a process of its own, with one thread, in turn; both others have random weights, which cost what
trained ones do. A note of Notochord is two events, its onset and its end; it writes one stream. A note of the GPT-2 is
three tokens (when, which pitch, how long), as few as such a model has; its eight streams are one batch, and what it
reads before, 192 tokens, is not counted. Ours are whole presses: takes of a line, or of four tracks together; of eight
takes a critic puts the best first. Notochord is not among what we install: ``--notochord PYTHON`` names a Python that
has it.

Sources: Shepardson, Armitage and Magnusson 2022, "Notochord: a flexible probabilistic model for real-time MIDI
performance"; Radford et al. 2019, "Language models are unsupervised multitask learners"; Pasquier et al. 2025,
"MIDI-GPT", whose version 0.4.2 has this size, this many tokens and these many places by default.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure

ROUNDS = 5
LAYERS, WIDTH, ATTENTION_HEADS, TOKENS, LONGEST = 6, 512, 8, 647, 2048
STREAMS, PROMPT_TOKENS, NEW_TOKENS, TOKENS_OF_NOTE = 8, 192, 96, 3
LIMIT_SECONDS = 300.0
_TAKES = "from lab.evaluation.take_time import notes_per_second as rate; "
_PARTS = f"{_TAKES}from lab.evaluation.form_speed import four_tracks; "
_ONE = "takes=1, candidates=1"
OURS = {
    "8 takes, lstm": f"{_TAKES}print(rate('lstm'))",
    "8 takes, lstm-form": f"{_TAKES}print(rate('lstm-form'))",
    "1 take, lstm-form": f"{_TAKES}print(rate('lstm-form', {_ONE}))",
    "4 takes of four tracks, ensemble": f"{_PARTS}print(rate('ensemble', four_tracks(), all_parts=True, takes=4))",
    "1 take of four tracks, ensemble": f"{_PARTS}print(rate('ensemble', four_tracks(), all_parts=True, {_ONE}))",
}
_GPT2 = "from lab.note_rates import gpt2_notes_per_second; print(gpt2_notes_per_second({}))"
GPT2 = {f"GPT-2, 6 x 512, {STREAMS} streams": _GPT2.format(STREAMS), "GPT-2, 6 x 512, 1 stream": _GPT2.format(1)}
NOTOCHORD = "Notochord, query_feed"
_NOTOCHORD = """
import time, torch
from notochord import Notochord
torch.set_num_threads(1)
net = Notochord().eval()
net.reset()
with torch.inference_mode():
    for event in range(32):
        net.feed(1, 60 + event % 12, 0.2, 80 * (event % 2))
    for _ in range(20):
        net.query_feed()
    began = time.process_time()
    for _ in range(200):
        net.query_feed()
    print(100 / (time.process_time() - began))
"""


def measure_rates(notochord: Path | None = None) -> list[Figure]:
    """Medians of 5 rounds, and each of ours divided by each of the others.

    Args:
        notochord: A Python that has Notochord; without one it is left out.

    Raises:
        UsageError: One of them could not be run.
    """
    commands = {name: [sys.executable, "-c", code] for name, code in (OURS | GPT2).items()}
    if notochord is not None:
        commands[NOTOCHORD] = [str(notochord), "-c", _NOTOCHORD]
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            found[name].append(_run(name, command))
    rates = {name: median(own) for name, own in found.items()}
    rows = [Figure("notes per CPU second, one thread", name, rate, "1/s", ROUNDS, 0) for name, rate in rates.items()]
    return rows + [
        Figure(f"{ours}, times the notes of", name, rates[ours] / rate, "times", ROUNDS, 0)
        for ours in OURS
        for name, rate in rates.items()
        if name not in OURS
    ]


def _run(name: str, command: list[str]) -> float:
    threads = {f"{kind}_NUM_THREADS": "1" for kind in ("OMP", "OPENBLAS", "MKL")}
    try:
        answer = subprocess.run(
            command, env={**os.environ, **threads}, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True
        )
        return float(json.loads(answer.stdout.strip().split("\n")[-1]))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().split("\n")[-1]
        raise UsageError("{name} could not be measured: {reason}", name=name, reason=reason) from error


class Gpt2(nn.Module):
    """Layers, each with a norm before it, learned positions, GELU of four times the width, and tied embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(TOKENS, WIDTH), nn.Embedding(LONGEST, WIDTH)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2 * LAYERS + 1))
        self.split = nn.ModuleList(nn.Linear(WIDTH, 3 * WIDTH) for _ in range(LAYERS))
        self.joined = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))
        self.inner = nn.ModuleList(nn.Linear(WIDTH, 4 * WIDTH) for _ in range(LAYERS))
        self.outer = nn.ModuleList(nn.Linear(4 * WIDTH, WIDTH) for _ in range(LAYERS))

    def forward(self, tokens: Tensor, cache: Tensor, start: int) -> Tensor:
        """Logits (B, V) after tokens (B, T) at ``start``; the cache (layers, 2, B, heads, LONGEST, size) grows."""
        streams, count = tokens.shape
        stream = self.tokens(tokens) + self.positions(torch.arange(start, start + count))
        for layer in range(LAYERS):
            parts = self.split[layer](self.norms[2 * layer](stream))
            queries, keys, values = parts.view(streams, count, 3, ATTENTION_HEADS, -1).permute(2, 0, 3, 1, 4)
            cache[layer, 0, :, :, start : start + count] = keys
            cache[layer, 1, :, :, start : start + count] = values
            keys, values = cache[layer, :, :, :, : start + count]
            read = functional.scaled_dot_product_attention(queries, keys, values, is_causal=count > 1)
            stream = stream + self.joined[layer](read.transpose(1, 2).reshape(streams, count, WIDTH))
            stream = stream + self.outer[layer](functional.gelu(self.inner[layer](self.norms[2 * layer + 1](stream))))
        return functional.linear(self.norms[-1](stream[:, -1]), self.tokens.weight)


def gpt2_notes_per_second(streams: int) -> float:
    """Notes in a second of CPU time, sampled from all classes; the reading of the prompt is not counted."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = Gpt2().eval()
    cache = torch.zeros(LAYERS, 2, streams, ATTENTION_HEADS, LONGEST, WIDTH // ATTENTION_HEADS)
    with torch.inference_mode():
        logits = net(torch.randint(TOKENS, (streams, PROMPT_TOKENS)), cache, 0)
        began = time.process_time()
        for place in range(PROMPT_TOKENS, PROMPT_TOKENS + NEW_TOKENS):
            logits = net(torch.multinomial(logits.softmax(-1), 1), cache, place)
        return streams * NEW_TOKENS / TOKENS_OF_NOTE / (time.process_time() - began)
