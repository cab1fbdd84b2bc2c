"""Motivation: plans, the append-only ledger of pay, statements."""
