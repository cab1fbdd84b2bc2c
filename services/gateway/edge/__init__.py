"""The way in: admission, the fast path, the proxy to the services, OpenAPI."""
