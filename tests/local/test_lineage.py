from typing import Any

from local.lineage import lost_tokens


def event(presented: str | None, issued: str | None, outcome: str = "issued") -> dict[str, Any]:
    return {"presented": presented, "issued": issued, "outcome": outcome}


def test_a_chain_that_ends_in_the_current_token_has_lost_nothing() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b"), event("b", "c")], "c") == []


def test_a_token_that_is_neither_presented_nor_current_is_lost() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b"), event("a", "c")], "c") == ["b"]


def test_the_newest_token_is_lost_where_an_older_one_is_current() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b")], "a") == ["b"]


def test_a_token_whose_answer_the_provider_kept_back_was_never_ours_to_lose() -> None:
    assert lost_tokens([event(None, "a"), event("a", "b", "hang"), event("a", "c")], "c") == []


def test_a_provider_that_rotates_nothing_hands_over_one_token() -> None:
    assert lost_tokens([event(None, "a"), event("a", None), event("a", None)], "a") == []
