"""The door itself: authentication, limits, passing on, documents."""
