"""Decides a call as the local AWS does, for a secret of another account; runs in its environment (.venv-aws).

Reads one JSON object from standard input: the two policies, who calls, and the ARN of the secret. Prints the decision.
"""

import json
import sys

from ministack.core.iam_evaluator import EvalContext, combine_resource_policy, evaluate, parse_policy_document

asked = json.load(sys.stdin)
context = EvalContext(
    principal_arn=asked["caller"],
    principal_type="AssumedRole",
    principal_account=asked["caller"].split(":")[4],
    action="secretsmanager:GetSecretValue",
    resource_arn=asked["secret"],
    region=asked["secret"].split(":")[3],
)
of_the_role = evaluate(context, [parse_policy_document(asked["of_the_role"])] if asked["of_the_role"] else [])
decided = combine_resource_policy(of_the_role, context, asked["of_the_secret"], asked["secret"].split(":")[4])
sys.stdout.write(decided.decision)
