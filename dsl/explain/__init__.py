"""Why a scenario holds: what it went by, what it would need, how two differ."""
