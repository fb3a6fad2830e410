"""The story that `make run` plays: an operator, a person and a pipeline, from the first consent to a reconnect."""
