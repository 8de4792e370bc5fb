"""What the tests of proofs for any number of threads have in common."""
