"""Models of a latent space: the VAE of melodies, and the GAN that samples its codes."""
