"""The refresh of one credential: recover, exchange, store, write the entry, notify.

Imports `alerts` and below. Knows neither `consent` nor `dispatch`.
"""
