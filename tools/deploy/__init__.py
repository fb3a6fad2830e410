"""`make deploy`: asks for the parameters, checks them, and deploys to AWS."""
