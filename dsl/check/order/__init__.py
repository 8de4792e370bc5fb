"""Programs under another memory order than `sc`, as programs under `sc` with more state."""
