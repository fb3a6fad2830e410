"""The messages of a FIFO queue, one after the other; a message that fails stops the later ones of its group only."""

from collections.abc import Callable, Iterable
from typing import Any


def failed_messages(records: Iterable[dict[str, Any]], process: Callable[[str], None]) -> dict[str, Any]:
    """Process the messages of an event; return which of them SQS must deliver again.

    Powertools has the same, but it loads a class for each kind of event of AWS, and asyncio: 70 modules.

    Args:
        records: The ``Records`` of the event.
        process: Processes the body of a message. An error that it raises means that it must be delivered again.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    failed, groups = [], set()
    for record in records:
        group = record["attributes"]["MessageGroupId"]
        try:
            if group not in groups:
                process(record["body"])
                continue
        except Exception:  # noqa: BLE001 - Any error means: deliver it again. `reporting_faults` has logged it.
            groups.add(group)
        failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
