"""A recurrent net mixed with what was counted in the seed, by a learned gate."""
