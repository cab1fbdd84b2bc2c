"""Notifications: from events on the bus to the people whom they concern."""
