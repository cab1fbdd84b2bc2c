"""Papers as PDF: what they say in words, their payment code, and their typesetting."""
