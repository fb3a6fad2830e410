"""``token-refresher link``."""

from urllib.parse import parse_qs, urlsplit

from tests.cli.desk import Desk


def _invite(address: str) -> str:
    [invite] = parse_qs(urlsplit(address.strip()).query)["invite"]
    return invite


def test_the_link_is_all_that_goes_to_a_pipe(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    printed = desk.done("link", "acme-bing-ads")
    assert printed.count("\n") == 1
    assert printed.startswith(f"{desk.installation.outputs['ConnectBaseUrl']}/acme-bing-ads?invite=")


def test_the_link_is_one_that_the_stack_accepts_for_this_credential_and_its_next_consent(desk: Desk) -> None:
    desk.put("acme-bing-ads", identity={"consented_at": "2026-01-01T00:00:00Z"})
    invite = desk.installation.links.read("acme-bing-ads", _invite(desk.done("link", "acme-bing-ads")))
    assert invite.consent_generation == "2026-01-01T00:00:00Z"


def test_a_name_that_is_not_there_is_answered_with_the_one_that_may_be_meant(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    result = desk.run("link", "acme-bingads")
    assert result.exit_code == 3
    assert "There is no credential acme-bingads" in result.stderr
    assert "Do you mean acme-bing-ads?" in result.stderr
