"""However many threads, tasks and event loops ask at once, one of them reads."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from tests.client.aws import CONSUMER, NOON, FakeSecrets, consumer, refusal
from token_refresher_client import SecretMissingError, Token, TokenNotFreshError, TokenReader

Result = TypeVar("Result")

MANY = 32
SOON = 30
"""Seconds after which a test gives up; none of them waits for a duration."""


@pytest.fixture
def gate(secrets: FakeSecrets) -> Iterator[threading.Event]:
    """Return an event that each read waits for."""
    gate = threading.Event()
    secrets.before_read = lambda: waited(gate)
    yield gate
    gate.set()


def waited(event: threading.Event) -> None:
    assert event.wait(SOON)


def at_once(ask: Callable[[], Result]) -> list[Future[Result]]:
    """Ask in many threads, which begin at the same time."""
    barrier = threading.Barrier(MANY)

    def run() -> Result:
        barrier.wait(SOON)
        return ask()

    with ThreadPoolExecutor(MANY) as pool:
        return [pool.submit(run) for _ in range(MANY)]


def test_many_threads_share_one_read(reader: TokenReader, secrets: FakeSecrets) -> None:
    tokens = {future.result().access_token for future in at_once(reader.token)}
    assert tokens == {"token-1"}
    assert secrets.reads == 1


def test_many_threads_share_one_read_after_a_401(reader: TokenReader, secrets: FakeSecrets) -> None:
    held = reader.token()
    secrets.put(CONSUMER, consumer("token-2", generation=2))
    renewed = [future.result() for future in at_once(lambda: reader.renewed(held))]
    assert [token and token.access_token for token in renewed] == ["token-2"] * MANY
    assert secrets.reads == 2


def test_many_threads_share_one_failure(secrets: FakeSecrets, gate: threading.Event) -> None:
    """Who comes while the read is under way gets its error; the next one reads again."""
    joined = threading.Semaphore(0)

    def clock() -> datetime:
        joined.release()  # A reader looks at the clock when it decides whether to read or to wait for a read.
        return NOON

    secrets.remove(CONSUMER)
    reader = TokenReader("acme-ads", client=secrets, clock=clock)
    with ThreadPoolExecutor(MANY) as pool:
        futures = [pool.submit(reader.token) for _ in range(MANY)]
        for _ in futures:
            assert joined.acquire(timeout=SOON)
        gate.set()
        assert {type(future.exception(SOON)) for future in futures} == {SecretMissingError}
    assert secrets.reads == 1
    secrets.put(CONSUMER, consumer())
    assert reader.token().access_token == "token-1"


def test_many_threads_without_a_fresh_token_ask_once_for_the_reason(reader: TokenReader, secrets: FakeSecrets) -> None:
    errors = {type(future.exception()) for future in at_once(lambda: reader.token(timedelta(hours=5)))}
    assert errors == {TokenNotFreshError}
    assert secrets.reads <= 2
    assert secrets.calls["DescribeSecret"] <= 2


def test_who_can_do_with_the_token_at_hand_does_not_wait_for_a_read(reader: TokenReader, secrets: FakeSecrets) -> None:
    reader.token()
    reading, gate = threading.Event(), threading.Event()

    def hold() -> None:
        reading.set()
        waited(gate)

    secrets.before_read = hold
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(reader.token, timedelta(hours=5))
        waited(reading)
        assert reader.token().access_token == "token-1"
        assert not slow.done()
        gate.set()
        assert isinstance(slow.exception(SOON), TokenNotFreshError)


def test_many_tasks_share_one_read(reader: TokenReader, secrets: FakeSecrets) -> None:
    async def ask() -> list[Token]:
        return await asyncio.gather(*(reader.token_async() for _ in range(MANY)))

    assert {token.access_token for token in asyncio.run(ask())} == {"token-1"}
    assert secrets.reads == 1


def test_many_tasks_share_one_read_after_a_401(reader: TokenReader, secrets: FakeSecrets) -> None:
    async def ask() -> list[Token | None]:
        held = await reader.token_async()
        secrets.put(CONSUMER, consumer("token-2", generation=2))
        return await asyncio.gather(*(reader.renewed_async(held) for _ in range(MANY)))

    assert [token and token.access_token for token in asyncio.run(ask())] == ["token-2"] * MANY
    assert secrets.reads == 2


def test_threads_and_event_loops_share_one_read(reader: TokenReader, secrets: FakeSecrets) -> None:
    turn = iter(range(MANY))

    def ask() -> Token:
        return reader.token() if next(turn) % 2 else asyncio.run(reader.token_async())

    assert {future.result().access_token for future in at_once(ask)} == {"token-1"}
    assert secrets.reads == 1


def test_the_event_loop_goes_on_during_a_read(reader: TokenReader, secrets: FakeSecrets, gate: threading.Event) -> None:
    async def ask() -> Token:
        task = asyncio.create_task(reader.token_async())
        await asyncio.sleep(0)
        assert not task.done()
        gate.set()  # Only a loop that is not blocked comes here.
        return await asyncio.wait_for(task, SOON)

    assert asyncio.run(ask()).access_token == "token-1"


def test_a_task_that_is_cancelled_cancels_nobody_else(
    reader: TokenReader, secrets: FakeSecrets, gate: threading.Event
) -> None:
    async def ask() -> Token:
        first = asyncio.create_task(reader.token_async())
        await asyncio.sleep(0)
        second = asyncio.create_task(reader.token_async())
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.set()
        return await asyncio.wait_for(second, SOON)

    assert asyncio.run(ask()).access_token == "token-1"
    assert secrets.reads == 1


def test_a_task_reads_also_if_all_threads_of_its_loop_wait_for_it(
    reader: TokenReader, secrets: FakeSecrets, gate: threading.Event
) -> None:
    async def ask() -> list[Token]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        leader = asyncio.create_task(reader.token_async())
        await asyncio.sleep(0)
        others = [asyncio.create_task(asyncio.to_thread(reader.token)) for _ in range(4)]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.wait_for(asyncio.gather(leader, *others), SOON)

    assert len(asyncio.run(ask())) == 5


def test_a_task_gets_the_same_errors_as_a_thread(reader: TokenReader, secrets: FakeSecrets) -> None:
    with pytest.raises(TokenNotFreshError, match="60 minutes left"):
        asyncio.run(reader.token_async(timedelta(hours=5)))
    secrets.refusals[CONSUMER] = refusal("ResourceNotFoundException")
    with pytest.raises(SecretMissingError):
        asyncio.run(TokenReader("acme-ads", client=secrets).token_async())


def test_a_process_that_may_start_no_thread_gets_an_error_and_no_deadlock(
    reader: TokenReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            asyncio.run(reader.token_async())
    assert reader.token().access_token == "token-1"


def test_an_interrupted_read_is_begun_anew(reader: TokenReader, secrets: FakeSecrets) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    secrets.before_read = interrupt
    with pytest.raises(KeyboardInterrupt):
        reader.token()
    secrets.before_read = lambda: None
    assert reader.token().access_token == "token-1"
