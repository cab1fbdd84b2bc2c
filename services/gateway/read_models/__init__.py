"""Read models in Redis: their keys, scripts and generations, and the reads of them."""
