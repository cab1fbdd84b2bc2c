"""Reads: SQL to views."""
