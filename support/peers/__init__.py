"""The chargers: power boards and the nodes in front of them, which find each other and share a circuit."""
