"""What happened in an execution, as steps and as columns."""
