"""How fast the models decode here, beside a loop of plain arithmetic that tells how fast the machine is just now."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from lab.evaluation.first_note import measure_first_notes
from lab.evaluation.take_time import phrase_song
from musicassist.composing.engine import Engine
from musicassist.composing.request import DEFAULT_CANDIDATES, GenerationRequest
from musicassist.errors import CheckpointError
from musicassist.evaluation.figures import Figure
from musicassist.families.recurrent.decoding import CellStep, RecurrentStep
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder

RUNS = 20
STEPS = 10  # decoding steps of a run


def measure(model: str = "lstm") -> list[dict[str, object]]:
    """First note, also after a long seed, four takes of four bars, one step against ``torch.nn.LSTM``.

    Medians and 95th percentiles of 20 runs.

    Raises:
        CheckpointError: The model is not installed.
    """
    engine = Engine(checkpoints_folder(), FAMILIES)
    engine.load(model)
    rows = _reference()
    rows += _takes(engine, model)
    rows += _more_takes(engine, model)
    rows += measure_first_notes(engine)
    rows += _whole_step(model, engine.ready(model).model.net, engine.ready(model).card.parameters)
    rows += _steps("2x512, fp32", torch.nn.LSTM(512, 512, 2))
    rows += _steps(model, _net_of(engine, model))
    return [row.as_json() for row in rows]


def _net_of(engine: Engine, name: str) -> torch.nn.LSTM:
    model: RecurrentModel = engine.ready(name).net()
    if not isinstance(model.net, torch.nn.LSTM):
        raise CheckpointError("The model {name} is no LSTM.", name=name)
    return model.net


def _takes(engine: Engine, model: str) -> list[Figure]:
    first_seconds, all_seconds, notes = [], [], 0
    for run in range(RUNS + 1):  # the first run warms up and is not counted
        heard: list[float] = []
        request = GenerationRequest("continue", phrase_song(), bars=4, takes=4, candidates=1, seed=run, model=model)
        start = time.perf_counter()
        takes = engine.generate(request, on_note=lambda _take, _note: heard.append(time.perf_counter()))  # noqa: B023
        all_seconds.append(time.perf_counter() - start)
        first_seconds.append(heard[0] - start)
        notes += sum(len(take.notes) for take in takes)
    per_second = notes / sum(all_seconds)
    return [
        *_percentiles("first note after the request", model, first_seconds[1:]),
        *_percentiles("4 takes of 4 bars", model, all_seconds[1:]),
        Figure("notes per second, 4 takes", model, per_second, "1/s", RUNS, 0),
    ]


def _more_takes(engine: Engine, model: str) -> list[Figure]:
    """8 takes against 1, of four bars each, as they come; and 4 that the critic chooses from 8 against 4."""

    def work(takes: int, candidates: int = 1) -> Callable[[], None]:
        request = GenerationRequest(
            "continue", phrase_song(), bars=4, takes=takes, candidates=candidates, seed=1, model=model
        )

        def generate() -> None:
            engine.generate(request)

        return generate

    one, eight = _timed(work(1)), _timed(work(8))
    four, chosen = _timed(work(4)), _timed(work(4, DEFAULT_CANDIDATES))
    choice = float(np.median(chosen) / np.median(four))
    ratio = float(np.median(eight) / np.median(one))
    return [
        *_percentiles("8 takes of 4 bars", model, eight),
        Figure("8 takes against 1, p50", model, ratio, "", RUNS, 0),
        Figure("4 takes chosen from 8 against 4 as they come, p50", model, choice, "", RUNS, 0),
    ]


def _whole_step(name: str, model: RecurrentStep, parameters: int) -> list[Figure]:
    """One step of one stream with all four heads, against reading the same weights once."""
    config, random = model.config, np.random.default_rng(0)

    def classes(columns: Sequence[str]) -> NDArray[np.int64]:
        return np.stack([random.integers(config.tables[column], size=1) for column in columns], -1)

    decoder = model.decoder()
    state, heads = classes(config.state_columns), [classes(head.columns) for head in config.heads]
    numbers = random.random((1, config.numbers), dtype=np.float32)
    head_numbers = random.random((1, config.head_numbers), dtype=np.float32)
    decoder.begin(model.read(model.beginning(), state, numbers), 1)
    weights = np.ones(parameters, dtype=np.float32)

    def step() -> None:
        for _ in range(STEPS):
            decoder.step(state, numbers)
            for head, columns in enumerate(heads):
                decoder.logits(head, columns, head_numbers)

    def read() -> None:
        for _ in range(STEPS):
            weights.sum()

    own, reading = ([seconds / STEPS for seconds in _timed(work)] for work in (step, read))
    ratio = float(np.median(own) / np.median(reading))
    return [
        *_percentiles("one decoding step with all heads", name, own),
        *_percentiles("reading the weights once", name, reading),
        Figure("decoding step, times reading the weights once (p50)", name, ratio, "", RUNS, 0),
    ]


def _reference() -> list[Figure]:
    matrix = np.random.default_rng(0).standard_normal((1024, 2048), dtype=np.float32)
    vector = np.ones(1024, dtype=np.float32)

    def loop() -> None:
        for _ in range(10):
            vector @ matrix

    return _percentiles("reference: 10 products of 1024 with 1024 x 2048", "numpy", _timed(loop))


def _steps(name: str, net: torch.nn.LSTM) -> list[Figure]:
    """One step of one stream: ours, ``nn.LSTM`` called once a step, and how far their outputs are apart."""
    net = net.eval()
    names = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
    weights = [[getattr(net, f"{name}_l{n}").detach().numpy() for name in names] for n in range(net.num_layers)]
    cells = [CellStep("lstm", (own[0], own[1]), (own[2], own[3])) for own in weights]
    inputs = torch.randn(16, 1, net.input_size, generator=torch.Generator().manual_seed(0))
    outputs: dict[str, list[torch.Tensor]] = {"ours": [], "theirs": []}
    batch_first = net.batch_first

    def ours() -> None:
        state = [cell.begin(1) for cell in cells]
        outputs["ours"] = []
        for read in inputs.numpy():
            for layer, cell in enumerate(cells):
                state[layer] = cell.step(read, state[layer])
                read = state[layer][0]
            outputs["ours"].append(torch.from_numpy(read))

    def theirs() -> None:
        last, outputs["theirs"] = None, []
        for read in inputs:
            out, last = net(read[None] if not batch_first else read[:, None], last)
            outputs["theirs"].append(out.reshape(1, -1))

    with torch.inference_mode():
        own, other = _timed(ours), _timed(theirs)
    apart = float((torch.cat(outputs["ours"]) - torch.cat(outputs["theirs"])).abs().max())
    return [
        *_percentiles("one decoding step", name, [seconds / len(inputs) for seconds in own]),
        *_percentiles("one step of torch.nn.LSTM", name, [seconds / len(inputs) for seconds in other]),
        Figure(
            "decoding step, times faster than torch.nn.LSTM (p50)",
            name,
            float(np.median(other) / np.median(own)),
            "",
            RUNS,
            0,
        ),
        Figure("decoding step, largest difference of the outputs", name, apart, "", len(inputs), 0),
    ]


def _timed(work: Callable[[], None]) -> list[float]:
    work()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def _percentiles(metric: str, model: str, seconds: Sequence[float]) -> list[Figure]:
    return [
        Figure(f"{metric}, p{share}", model, float(np.percentile(seconds, share)) * 1000, "ms", len(seconds), 0)
        for share in (50, 95)
    ]
