"""Reads: VIPs and places as the API shows them."""
