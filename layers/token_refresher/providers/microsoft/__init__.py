"""The parts that only Microsoft has: the Ads API and claims challenges."""
