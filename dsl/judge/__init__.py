"""From a text to a report: scenarios read, searched, and held against what they expect."""
