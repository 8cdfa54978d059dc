"""What is written into a card from outside."""

from __future__ import annotations

import json
from pathlib import Path


def edit_card(path: Path, **changes: object) -> None:
    page = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**page, **changes}))
