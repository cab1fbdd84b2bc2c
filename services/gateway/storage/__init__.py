"""Tables and statements of the gateway's own database."""
