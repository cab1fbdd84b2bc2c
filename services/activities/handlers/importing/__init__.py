"""Imports of tables: files looked at, read into rows, rows judged and written."""
