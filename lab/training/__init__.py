"""Trainings that begin outside of the product."""
