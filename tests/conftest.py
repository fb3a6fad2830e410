"""Settings for all tests."""

from functools import cache

import botocore.session
from hypothesis import settings

# No deadline: the time of an example depends on how busy the machine is. Derandomized: a failure must happen for
# everybody, each time. The long runs ask for other examples.
settings.register_profile("any machine", deadline=None, derandomize=True, database=None)
settings.load_profile("any machine")

# Each session of boto3 reads the models of the services again, which takes longer than most tests. They never change.
botocore.session.create_loader = cache(botocore.session.create_loader)
