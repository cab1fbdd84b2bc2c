"""Rules changed on purpose, to see whether a unit test notices."""
