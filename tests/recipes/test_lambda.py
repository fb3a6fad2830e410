"""Lambda functions with AWS's two caches. Each has an interval after which it reads anew."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.recipes.background import QuietHandler, serving
from local.recipes.microsoft import Microsoft
from local.recipes.page import code
from local.recipes.pipeline import Pipeline, RecipeFailedError
from local.stack.aws import LocalAws
from tests.local.identity_provider.client_app import Clock
from tests.recipes.publisher import Publisher

EXTENSION = code("Lambda with the Parameters and Secrets extension")
CACHE = code("Lambda with aws-secretsmanager-caching")
TWICE = "\nhandler({}, None)\nhandler({}, None)\n"
LATER = """
import datetime
from aws_secretsmanager_caching.cache import items

class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(minutes=25)

handler({}, None)
items.datetime = Later
handler({}, None)
"""
"""Two invocations, 25 minutes apart on the clock of the cache."""


class Extension:
    """Behaves as AWS documents its extension: a cache with a TTL of 300 seconds, behind HTTP on localhost."""

    def __init__(self, secrets: Any, clock: Clock, ttl: timedelta) -> None:
        self._secrets = secrets
        self._clock = clock
        self._ttl = ttl
        self._kept: dict[str, tuple[datetime, str]] = {}
        self.reads = 0

    def answer(self, path: str) -> bytes:
        """Answer a request with the shape of GetSecretValue."""
        asked = urlsplit(path)
        assert asked.path == "/secretsmanager/get"
        [secret_id] = parse_qs(asked.query)["secretId"]
        read_at, value = self._kept.get(secret_id, (None, ""))
        if read_at is None or self._clock() - read_at >= self._ttl:
            self.reads += 1
            value = self._secrets.get_secret_value(SecretId=secret_id)["SecretString"]
            self._kept[secret_id] = self._clock(), value
        return json.dumps({"Name": secret_id, "SecretString": value, "VersionStages": ["AWSCURRENT"]}).encode()


@pytest.fixture
def ttl() -> timedelta:
    return timedelta(seconds=300)


@pytest.fixture
def extension(aws: LocalAws, clock: Clock, rights: dict[str, str], ttl: timedelta) -> Iterator[tuple[Extension, int]]:
    extension = Extension(aws.client("secretsmanager"), clock, ttl)

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server calls it by this name.
            if self.headers["X-Aws-Parameters-Secrets-Token"] == rights["AWS_SESSION_TOKEN"]:
                self.send(200, "application/json", extension.answer(self.path))
            else:
                self.send(400, "text/plain", b"")

    with serving(Handler) as port:
        yield extension, port


def _invoke(pipeline: Pipeline, port: int) -> None:
    pipeline.run("lambda_extension", EXTENSION + TWICE, PARAMETERS_SECRETS_EXTENSION_HTTP_PORT=str(port))


def _sent(microsoft: Microsoft) -> list[tuple[str, int]]:
    return [(call.access_token, call.code) for call in microsoft.calls]


def test_the_extension_serves_what_it_keeps_for_less_than_a_token_has_left(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, extension: tuple[Extension, int]
) -> None:
    _invoke(pipeline, extension[1])
    assert _sent(microsoft) == [(publisher.published[0], 0)] * 2
    assert extension[0].reads == 1


def test_the_extension_serves_the_next_token_after_its_interval(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, extension: tuple[Extension, int]
) -> None:
    microsoft.after(1, publisher.replace)
    _invoke(pipeline, extension[1])
    assert _sent(microsoft) == [(publisher.published[0], 0), (publisher.published[1], 0)]


@pytest.mark.parametrize("ttl", [timedelta(hours=3)], ids=["three hours"])
def test_an_extension_with_a_long_interval_serves_a_token_that_has_ended(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, extension: tuple[Extension, int]
) -> None:
    microsoft.after(1, publisher.replace)
    with pytest.raises(RecipeFailedError, match="HTTP Error 401"):
        _invoke(pipeline, extension[1])
    assert _sent(microsoft)[-1] == (publisher.published[0], 109)


def _replace_after_25_minutes(microsoft: Microsoft, publisher: Publisher, clock: Clock) -> None:
    publisher.live_for(timedelta(minutes=20))
    publisher.publish()

    def replace() -> None:
        clock.pass_by(timedelta(minutes=25))
        publisher.publish()

    microsoft.after(1, replace)


def test_the_caching_library_needs_the_right_to_describe(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher
) -> None:
    with pytest.raises(RecipeFailedError, match=r"not authorized to perform: secretsmanager:DescribeSecret"):
        pipeline.run("caching", CACHE + TWICE)
    assert microsoft.calls == []


@pytest.mark.usefixtures("describing")
def test_the_caching_library_with_a_short_interval_serves_the_next_token(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, clock: Clock
) -> None:
    _replace_after_25_minutes(microsoft, publisher, clock)
    pipeline.run("caching", CACHE + LATER)
    assert _sent(microsoft) == [(publisher.published[1], 0), (publisher.published[2], 0)]
    assert microsoft.token_requests == []


@pytest.mark.usefixtures("describing")
def test_the_caching_library_with_its_default_serves_a_token_that_has_ended(
    pipeline: Pipeline, microsoft: Microsoft, publisher: Publisher, clock: Clock
) -> None:
    _replace_after_25_minutes(microsoft, publisher, clock)
    by_default = CACHE.replace("SecretCacheConfig(secret_refresh_interval=300)", "")
    assert by_default != CACHE
    with pytest.raises(RecipeFailedError, match="401 Client Error"):
        pipeline.run("caching", by_default + LATER)
    assert _sent(microsoft) == [(publisher.published[1], 0), (publisher.published[1], 109)]
