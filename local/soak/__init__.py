"""Refreshes many credentials under random faults, and checks that no token is lost."""
