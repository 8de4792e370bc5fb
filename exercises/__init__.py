"""Exercises: scenarios with something wrong in them; read them with mmscn.documents.exercises."""
