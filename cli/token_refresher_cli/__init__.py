"""``token-refresher``: the operator's command. It talks to AWS with the operator's own credentials."""
