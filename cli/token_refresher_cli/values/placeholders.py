"""Recognises what is not a value in a configuration: a reference to one, or a placeholder."""

import re
from typing import Final

_NOTHING: Final = frozenset({"", "~", "null", "none", "nil", "undefined", "n/a"})

_REFERENCE = re.compile(
    r"""
    .*\$\{.*\}.*                                  # ${VAR}, ${VAR:-default}: shells, Compose, Spring, Airbyte
    | \$\(.*\) | \$[A-Za-z_]\w*                   # $(command), $(VAR), $VAR
    | \$(?:env|Env|ENV):\w+                       # PowerShell
    | %[A-Za-z_]\w*%                              # cmd.exe
    | .*\{\{.*\}\}.* | .*<%.*%>.*                 # Jinja, Helm, GitHub Actions, CloudFormation's {{resolve:…}}; ERB
    | \#\{.*\}\#? | @\{.*\} | __\w+__             # Octopus, Azure DevOps
    | (?:os\.|process\.)?(?:env|environ|getenv|env_var|ENV)\s*[(\[.].*  # env('X'), os.environ["X"], process.env.X
    | arn:aws[\w-]*:.* | projects/[^/]+/secrets/.*  # where a cloud keeps it
    | (?:vault|op|secret|secrets|ssm|sm|awssm|gcpsm|azkv|keyvault|ref\+\w+|file|env)(?:://|:).+
    | @Microsoft\.KeyVault\(.* | ENC\[.* | \$ANSIBLE_VAULT;.*
    | !\w+\s.*                                    # a tag of YAML
    """,
    re.VERBOSE | re.DOTALL,
)

_PLACEHOLDER = re.compile(
    r"""
    <.*> | \[.*\] | \{.*\}                        # <client id>
    | (?:your|insert|enter|replace|paste|fill|put)(?:[\W_].*|[a-z]*(?:id|secret|token|key|value|here))
    | .*(?:goes|[\W_])here
    | change[\W_]?(?:me|it|this).* | (?:todo|fixme|tbd|placeholder|dummy|example|sample|redacted|secret|password)
    | (?:my|the|a|some|test|example|sample|dummy|fake)?[\W_]*  # client_id, my-client-secret, EXAMPLE_TOKEN
      (?:(?:azure|app|application|oauth|microsoft|bing|ads)[\W_]*)*
      (?:client|developer|dev|refresh|access|customer|account|tenant)[\W_]*(?:id|secret|token|key)s?(?:[\W_]*(?:value|here))?
    | x[x\W_]{2,} | [*•.?_-]{3,} | 0{8}-0{4}-0{4}-0{4}-0{12} | (?:x+-)+x+
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_nothing(text: str) -> bool:
    """Tell whether a text stands for no value in a configuration."""
    return text.strip().lower() in _NOTHING


def fault_of_value(text: str) -> str:
    """Return why a text is not a value, as the end of a sentence; empty if it may be one."""
    text = text.strip()
    if _REFERENCE.fullmatch(text):
        return "only refers to where the value is kept, such as an environment variable"
    # Exports show a row of stars in place of a secret.
    if _PLACEHOLDER.fullmatch(text):
        return "is masked" if set(text) <= set("*•.") else "is a placeholder, such as the samples of tools have"
    return ""
