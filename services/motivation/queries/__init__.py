"""Reads: SQL to views, and who may see them."""
