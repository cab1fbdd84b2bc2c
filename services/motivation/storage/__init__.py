"""Tables, statements, and rows as the domain's values."""
