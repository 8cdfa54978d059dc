"""What learning needs, whatever the family: music read and packed, batches and windows of it, and what a recipe is."""
