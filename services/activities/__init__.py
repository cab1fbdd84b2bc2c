"""Clients, activities and the directory they live in."""
