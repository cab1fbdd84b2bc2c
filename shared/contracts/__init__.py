"""The public contracts as documents: generated from the code, committed, compared.

`python -m shared.contracts [--check]`.
"""
