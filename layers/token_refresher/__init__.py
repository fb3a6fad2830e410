"""Token Refresher: keeps OAuth credentials alive in AWS Secrets Manager."""
