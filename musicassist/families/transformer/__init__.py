"""The Transformer over the tokens of a phrase; it also fills holes."""
