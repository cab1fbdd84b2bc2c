"""What every service shares: the published language and the mechanisms.

Knows no service, holds no business rule.
"""
