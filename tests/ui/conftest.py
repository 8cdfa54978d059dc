"""The window on its stage, for every test of the window."""

from stages import empty_stage, stage

__all__ = ["empty_stage", "stage"]
