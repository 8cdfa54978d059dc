"""What a drag in the ruler makes of the loop. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from musicassist.ui.piano_roll.geometry import Grid

HANDLE_PX = 6.0


@dataclass(frozen=True, slots=True)
class LoopDrag:
    """A drag in the ruler.

    Attributes:
        part: ``"new"``, ``"start"``, ``"end"`` or ``"body"``: what was taken hold of.
        from_tick: Where.
        loop: The loop as it was, if there was one.
    """

    part: str
    from_tick: float
    loop: tuple[int, int] | None = None

    def loop_at(self, tick: float, grid: Grid) -> tuple[int, int] | None:
        """The loop with the mouse at ``tick``; None while it has no length."""
        if self.loop is None or self.part == "new":
            start, end = sorted((grid.snapped(self.from_tick), grid.snapped(tick)))
        elif self.part == "body":
            shift = max(grid.shift_ticks(self.loop[0], tick - self.from_tick), -self.loop[0])
            start, end = self.loop[0] + shift, self.loop[1] + shift
        else:
            still = self.loop[1] if self.part == "start" else self.loop[0]
            start, end = sorted((still, grid.snapped(tick)))
        return (start, end) if end > start else None


def begin_loop_drag(
    tick: float, loop: tuple[int, int] | None, pixels_per_tick: float, *, is_on_brace: bool
) -> LoopDrag:
    """The drag that a press begins: the handles come first, then the brace, else a new loop."""
    if loop is not None:
        distances_px = [abs(tick - edge) * pixels_per_tick for edge in loop]
        if min(distances_px) <= HANDLE_PX:
            return LoopDrag("start" if distances_px[0] < distances_px[1] else "end", tick, loop)
        if is_on_brace and loop[0] < tick < loop[1]:
            return LoopDrag("body", tick, loop)
    return LoopDrag("new", tick, loop)
