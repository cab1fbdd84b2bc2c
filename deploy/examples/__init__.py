"""Small programs for the other side: how to use what we publish."""
