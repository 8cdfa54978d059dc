"""Fixtures that several tests of this room share."""

from tiny_vae import model, net

__all__ = ["model", "net"]
