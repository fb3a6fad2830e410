from typing import Any

from local.soak.lost_tokens import lost_tokens


def event(presented: str | None, issued: str | None, outcome: str = "issued") -> dict[str, Any]:
    return {"presented": presented, "issued": issued, "outcome": outcome}


def test_a_chain_that_ends_in_the_current_token_has_lost_nothing() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b"), event("b", "c")], "c") == []


def test_a_token_that_is_neither_presented_nor_current_is_lost() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b"), event("a", "c")], "c") == ["b"]


def test_the_newest_token_is_lost_if_an_older_one_is_current() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b")], "a") == ["b"]


def test_a_token_in_an_answer_that_a_fault_kept_back_is_not_lost() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b", "hang"), event("a", "c")], "c") == []


def test_a_provider_without_rotation_delivers_one_token_and_none_is_lost() -> None:
    assert lost_tokens([event(None, "a"), event("a", None), event("a", None)], "a") == []
