"""The only door: accounts, the public API passed on to the services, read models in Redis, live
updates.
"""
