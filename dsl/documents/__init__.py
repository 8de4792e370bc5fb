"""Scenarios in documents: found, run, compared with what the document says, shown."""
