"""The window on its stage, for what measures it."""

from stages import empty_stage

__all__ = ["empty_stage"]
