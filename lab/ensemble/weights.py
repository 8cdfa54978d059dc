"""The net's weights as a file: fp16 safetensors, with the shape of the net in the file's own notes."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file

from lab.ensemble.net import EnsembleConfig, EnsembleNet


def save_net(net: EnsembleNet, path: Path) -> None:
    """Writes the weights as fp16."""
    tensors = {name: tensor.half().contiguous() for name, tensor in net.state_dict().items()}
    save_file(tensors, path, metadata={"config": json.dumps(net.config.as_json())})


def load_net(path: Path) -> EnsembleNet:
    """The net of a file, ready to foretell."""
    with safe_open(path, "pt") as file:
        page = (file.metadata() or {}).get("config")
    net = EnsembleNet(EnsembleConfig(**json.loads(page)) if page else EnsembleConfig())
    net.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    return net.eval()
