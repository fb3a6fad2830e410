"""The local AWS, the stack that is deployed on it, and control of its schedule and its queue."""
