"""Numbers about music and models."""
