"""Ready answers in Redis: their keys, scripts, generations and reads."""
