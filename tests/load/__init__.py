"""How fast it is, beside what bare programs reach on the same machine at the same time."""
