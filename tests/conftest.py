"""What holds for all tests."""

from hypothesis import settings

# How long an example takes says something of the machine, which may be busy, and nothing of the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
