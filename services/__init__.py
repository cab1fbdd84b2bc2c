"""The four services.

They never import each other: facts travel through Kafka, commands through the gateway.
"""
