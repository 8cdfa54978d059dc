"""The laboratory: what measures, proves or benchmarks; importable in a checkout, not shipped."""
