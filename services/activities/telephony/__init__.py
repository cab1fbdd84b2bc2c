"""Telephony as it talks to us: what the reports of each provider say, in one shape.

Here is no rule of ours and no storage: bytes in, a `Report` out, `Invalid` for what is none.
"""
