"""Proofs for any number of threads that are alike: the package `mmscn.prove`."""
