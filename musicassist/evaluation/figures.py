"""One measured figure, as it is printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """A row of the tables of ``evaluate`` and ``bench``.

    Attributes:
        metric: What was measured.
        model: Of which model or baseline.
        value: The figure.
        unit: Its unit; ``""`` for shares and counts.
        n: How many notes, takes, tunes or runs it is the mean of.
        seed: Random number, where there is chance in it.
        split: Side of the split or name of the benchmark.
    """

    metric: str
    model: str
    value: float
    unit: str
    n: int
    seed: int | None = None
    split: str = ""

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)
