"""The consent of a person, from the link to the stored tokens: the first one and every reconnect.

Imports `alerts` and below. Knows neither `refresh` nor `dispatch`, and no HTML.
"""
