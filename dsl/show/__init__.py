"""Reports as tables, messages, JSON and colour."""
