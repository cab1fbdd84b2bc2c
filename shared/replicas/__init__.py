"""Replicas of other services' data: declared, kept by version, fetched when one is missing."""

from shared.replicas.lookup import Reference, ReplicaLoader, ReplicaMissing, require
from shared.replicas.peer import PeerClient, snapshots_router
from shared.replicas.snapshot import Snapshot, Snapshots
from shared.replicas.upsert import Replica, subject

__all__ = [
    "PeerClient",
    "Reference",
    "Replica",
    "ReplicaLoader",
    "ReplicaMissing",
    "Snapshot",
    "Snapshots",
    "require",
    "snapshots_router",
    "subject",
]
