"""Fixtures that several tests of this room share."""

from tiny_counting_models import engine

__all__ = ["engine"]
