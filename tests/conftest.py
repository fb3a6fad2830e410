"""What holds for all tests."""

from hypothesis import settings

# How long an example takes says something of the machine, which may be busy, and nothing of the code. And what fails
# fails for everybody, each time: other examples are for the long runs, which ask for them.
settings.register_profile("any machine", deadline=None, derandomize=True, database=None)
settings.load_profile("any machine")
