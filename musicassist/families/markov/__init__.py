"""Chains of notes counted in the training music."""
