"""Who may log in, as whom, and with what: accounts, tokens, API keys."""
