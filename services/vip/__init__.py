"""Who holds which very important client, and why."""
