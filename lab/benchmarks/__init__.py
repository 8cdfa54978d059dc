"""Small nets of our own on published data sets, beside published figures."""
