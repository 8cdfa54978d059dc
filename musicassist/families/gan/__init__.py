"""The GAN of piano rolls."""
