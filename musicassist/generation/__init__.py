"""The composing engine: requests in, takes out."""
