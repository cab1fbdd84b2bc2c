"""Kafka by FastStream: subscriptions, their consumers and dead letters, and a producer."""
