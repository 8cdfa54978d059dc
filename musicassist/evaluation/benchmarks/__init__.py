"""Public benchmarks with small nets of their own, trained from the benchmark's training split alone."""
