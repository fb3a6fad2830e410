"""Writes docs/alerts: every message that people get, as the code writes it now.

``make alerts`` runs it. Links have a placeholder instead of the invite.
"""

import json
import re
from pathlib import Path
from typing import Final

from token_refresher.alerts.email import mail
from tools.alerts.situation import Situation
from tools.alerts.situations import SITUATIONS

FOLDER: Final = Path(__file__).parents[2] / "docs" / "alerts"
_INVITE: Final = re.compile(r"(?<=[?]invite=)[^\s\"]+")

_INDEX: Final = """\
# The messages that people get

Written by `make alerts` from the code that sends them; a test holds them against it. Do not edit them here.

Each file has the subject, the text that goes out by e-mail, and the JSON that every other subscription gets
([its schema](../alert.schema.json)). Each situation begins at 2026-01-31 09:00 UTC. `INVITE` stands for the signed
invite of a link.

| message | who gets it, and when | subject |
|---|---|---|
"""


def render() -> dict[str, str]:
    """Return the text of every file in the folder, by its name."""
    played = [(situation, situation.play()) for situation in SITUATIONS]
    rows = "".join(f"| [{one.title}]({one.name}.md) | {one.reader} | {alert.subject} |\n" for one, alert in played)
    files = {f"{one.name}.md": _page(one, alert.subject, mail(alert), alert.to_json()) for one, alert in played}
    return {"README.md": _INDEX + rows, **files}


def _page(situation: Situation, subject: str, text: str, document: str) -> str:
    page = (
        f"# {situation.title}\n\n{situation.reader}\n\n## Subject\n\n```text\n{subject}\n```\n\n"
        f"## E-mail\n\n```text\n{text}```\n\n## JSON\n\n```json\n{json.dumps(json.loads(document), indent=2)}\n```\n"
    )
    return _INVITE.sub("INVITE", page)


def write() -> None:
    """Write the files, and remove the files of former situations."""
    files = render()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
