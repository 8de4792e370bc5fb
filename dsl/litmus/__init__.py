"""Litmus tests: read, as scenarios, judged, compared with published verdicts, and written."""
