"""OAuth and the Ads API over HTTP: the only room that speaks HTTP.

Imports `credential` and below. Knows neither where tokens are stored nor who is notified.

Microsoft is the only provider. Its addresses, claims and error codes are in `token_endpoint`, `authorization`,
`id_token` and `refusal_facts`, and what no other provider has is in `microsoft`. A second provider would be a folder
beside it.
"""
