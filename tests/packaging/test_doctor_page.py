"""The page of the doctor lists every check with its rights, and shows the real JSON."""

import json
import re

from local.stack.toolchain import ROOT
from token_refresher_cli.doctor.catalogue import CHECKS
from token_refresher_cli.doctor.finding import Finding, Level, Report, exit_code, warning

PAGE = (ROOT / "docs" / "doctor.md").read_text("utf-8")


def test_the_page_lists_the_checks_in_their_order_with_what_they_need() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (.*) \| (.*) \|$", PAGE[: PAGE.index("## For a monitor")], re.MULTILINE)
    rights = {check.name: ", ".join(f"`{right}`" for right in check.rights) or "none" for check in CHECKS}
    assert listed == [(check.name, check.about, rights[check.name]) for check in CHECKS]


def test_the_page_says_how_each_level_ends() -> None:
    said = dict(re.findall(r"^\| `(\w+)` \| .* \| (\d+) \|$", PAGE, re.MULTILINE))
    ends = {str(level): str(int(exit_code([Report.of("x", [Finding(level, "")])]))) for level in Level}
    assert said == ends


def test_the_page_shows_a_finding_as_it_is_written() -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    text, remedy = "acme-bing-ads waits for its first sign-in.", "token-refresher link acme-bing-ads"
    report = Report.of("people", [warning(text, remedy, "acme-bing-ads")])
    assert shown["checks"] == [report.to_document()]
