"""The reference chargers: a power board (`.emulator`) and a node (`.node`), each a program of its own."""
