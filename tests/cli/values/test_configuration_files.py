"""Files as people have them: no value is taken that a file did not give, and none is guessed or mixed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.values.test_foreign_configuration import AIRBYTE, CLIENT_ID, OURS, OWOX
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.values.foreign_configuration import Configuration
from token_refresher_cli.values.foreign_kinds import KindName
from token_refresher_cli.values.foreign_sections import chosen, sections
from token_refresher_cli.values.placeholders import fault_of_value

YAML = f"""\
# The account of Acme.
client_id: {CLIENT_ID}
client_secret: |
  planted-client-secret
developer_token: >-
  planted-developer-token
refresh_token: "planted-refresh-token"  # from the tool
customer_id: 0034
account_id: ~
tenant: null
"""
MERGED = f"all: &all\n  client_id: {CLIENT_ID}\nacme:\n  <<: *all\n" + "".join(
    f"  {line}\n" for line in YAML.splitlines() if not line.startswith("client_id")
)
INI = f"""\
; of the BingAds SDK
[bing]
client_id = {CLIENT_ID}
client_secret = "planted-client-secret"
developer_token: planted-developer-token
refresh_token = planted-refresh-token ; as of today
"""
TOML = f"""\
title = "pipelines"
[bing]
client_id = "{CLIENT_ID}"
client_secret = 'planted-client-secret'
developer_token = "planted-developer-token"
refresh_token = "planted-refresh-token"
client_secret_expires_at = 2027-01-31
"""
ENV = f"""\
export CLIENT_ID={CLIENT_ID}
CLIENT_SECRET='planted-client-secret' # a comment
DEVELOPER_TOKEN=planted-developer-token
REFRESH_TOKEN="planted-refresh-token"
CUSTOMER_ID=
ACCOUNT_ID=null
"""
MODULE = f"""\
import os

CLIENT_ID = "{CLIENT_ID}"
CLIENT_SECRET = os.environ["CLIENT_SECRET"]
REFRESH_TOKEN: str = "planted-refresh-token"
"""


def parsed(text: str) -> dict[str, str]:
    return Configuration.parse(text).for_account(None, "add")


def refused(text: str, *elsewhere: str) -> str:
    with pytest.raises(CommandError) as caught:
        Configuration.parse(text).for_account(None, "add", elsewhere)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert "planted" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        pytest.param(YAML, {"customer_id": "0034"}, id="YAML, with blocks, and what is null"),
        pytest.param("---\n" + YAML, {"customer_id": "0034"}, id="one document of YAML"),
        pytest.param(INI, {}, id="INI that begins with a section"),
        pytest.param("[bing]\n" + YAML.replace("|\n ", "").replace(">-\n ", ""), {"customer_id": "0034"}, id="INI"),
        pytest.param(TOML, {"client_secret_expires_at": "2027-01-31"}, id="TOML"),
        pytest.param(ENV, {}, id=".env, with what is empty"),
        pytest.param(json.dumps({"bing": OURS}), {}, id="JSON in a section"),
    ],
)
def test_what_a_file_gives_is_taken(text: str, more: dict[str, str]) -> None:
    assert parsed(text) == {**OURS, **more}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"token_type": "Bearer", "access_token": "planted", "refresh_token": "planted"}, id="the least"),
        pytest.param(
            {
                "token_type": "Bearer",
                "scope": "https://ads.microsoft.com/msads.manage",
                "expires_in": 3599,
                "ext_expires_in": 3599,
                "access_token": "planted",
                "refresh_token": "planted",
                "id_token": "planted",
            },
            id="Microsoft's",
        ),
    ],
)
def test_the_answer_of_the_token_endpoint_is_an_import_of_its_refresh_token(answer: dict[str, str]) -> None:
    configuration = Configuration.parse(json.dumps(answer))
    assert configuration.kind.name is KindName.TOKEN_ANSWER
    assert configuration.values == {"refresh_token": "planted"}


def test_a_refusal_of_the_token_endpoint_has_nothing_to_import() -> None:
    assert "an error response" in refused(
        '{"error": "invalid_grant", "error_description": "planted", "refresh_token": ""}'
    )


def test_an_answer_without_a_refresh_token_says_why_there_is_none() -> None:
    text = '{"token_type": "Bearer", "access_token": "planted", "refresh_token": null}'
    assert "did not ask for offline_access" in refused(text)


NO_VALUES = r"""
${CLIENT_SECRET}
${CLIENT_SECRET:-planted}
$CLIENT_SECRET
$(planted)
$env:CLIENT_SECRET
%CLIENT_SECRET%
{{ client_secret }}
${{ secrets.CLIENT_SECRET }}
{{resolve:secretsmanager:planted}}
<%= planted %>
env('X')
os.environ['X']
process.env.X
vault:secret/planted#key
op://planted/planted
ENC[AES256_GCM,data:planted]
arn:aws:secretsmanager:eu-west-1:123456789012:secret:planted
@Microsoft.KeyVault(SecretUri=https://planted)
your_client_secret
YOUR-CLIENT-SECRET
YourClientSecret
<client secret>
<YOUR_SECRET>
[client secret]
INSERT_CLIENT_SECRET_HERE
ClientSecretGoesHere
xxxx
XXXXXXXX-XXXX-XXXX
changeme
CHANGE_ME
TODO
client_secret
client-id
my_refresh_token
bing_ads_developer_token
********
...
placeholder
secret
00000000-0000-0000-0000-000000000000
""".strip().splitlines()


@pytest.mark.parametrize("no_value", NO_VALUES)
@pytest.mark.parametrize("form", ["json", "env", "yaml", "ini"])
def test_what_only_stands_for_a_value_is_refused_with_its_line(no_value: str, form: str) -> None:
    quoted = json.dumps(no_value)
    text = {
        "json": f'{{\n"client_id": "{CLIENT_ID}",\n"client_secret": {quoted}\n}}',
        "env": f"CLIENT_ID={CLIENT_ID}\n\nCLIENT_SECRET={quoted}",
        "yaml": f"\nclient_id: {CLIENT_ID}\nclient_secret: {quoted}\n",
        "ini": f"[bing]\nclient_id = {CLIENT_ID}\nclient_secret = {no_value}\n",
    }[form]
    complaint = refused(text)
    assert "The client secret" in complaint
    assert "in line 3" in complaint
    assert "--client-secret" in complaint
    assert Configuration.parse(text).for_account(None, "add", ["client_secret"]).keys() <= {"client_id"}


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~._-", min_size=40, max_size=40))
def test_what_microsoft_makes_is_no_placeholder(secret: str) -> None:
    assert fault_of_value(f"8Q~{secret[:20]}7{secret[20:]}") == ""
    assert fault_of_value(f"M.C519_BAY.0.U.-{secret}*a!b$$") == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(MODULE, 4, id="an expression of a program"),
        pytest.param(f"client_id: {CLIENT_ID}\nclient_secret: !secret planted\n", 2, id="a tag of YAML"),
        pytest.param(f"client_id: {CLIENT_ID}\nclient_secret: yes\n", 2, id="yes or no"),
        pytest.param(
            f"client_id: {CLIENT_ID}\nclient_secret:\n  valueFrom: planted\n", 3, id="where Kubernetes keeps it"
        ),
        pytest.param('{\n"client_id": "a",\n"client_secret": {"_secret": "planted"}}', 3, id="where Airbyte keeps it"),
        pytest.param(
            '{\n"ClientID": "a",\n"ClientSecret": {"value": {"x": "planted"}}}', 3, id="a wrap around no text"
        ),
    ],
)
def test_what_says_where_a_value_is_kept_is_no_value(text: str, line: int) -> None:
    complaint = refused(text)
    assert "The client secret" in complaint
    assert f"in line {line}" in complaint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("client_id: a\nclient_id: b\n", "line 1 and line 2", id="YAML"),
        pytest.param('{"client_id": "a",\n"client_id": "b"}', "line 1 and line 2", id="JSON"),
        pytest.param("CLIENT_ID=a\nCLIENT_ID=b\n", "line 1 and line 2", id=".env"),
        pytest.param("[a]\nclient_id=a\nclient_id=b\n", "line 3", id="INI"),
        pytest.param("CLIENT_ID=a\nclient_id=b\n", "line 1 and in line 2", id="in two spellings"),
        pytest.param(
            '{"credentials": {"client_id": "a"},\n"oauth2": {"client_id": "b"}}', "line 1 and in line 2", id="two wraps"
        ),
    ],
)
def test_a_file_that_says_two_things_is_refused_with_both_lines(text: str, says: str) -> None:
    assert says in refused(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{"client_id": "a",\n"client_secret": planted}', "JSON, because of line 2", id="JSON"),
        pytest.param("client_id: a\n  client_secret: planted\n", "YAML because of line 2", id="YAML"),
        pytest.param("client_id: a\nclient_secret: [planted\n", "YAML because of line", id="YAML without an end"),
        pytest.param("[a]\nclient_id = a\n[a]\nclient_secret = planted\n", "a section twice, in line 3", id="INI"),
        pytest.param("CLIENT_ID=a\nclient_secret: |\n  planted\n", "because of line 2", id=".env with a block"),
        pytest.param("CLIENT_ID=a\n  client_secret: planted\n", "because of line 2", id=".env with a part of YAML"),
    ],
)
def test_a_torn_file_is_refused_with_the_line(text: str, says: str) -> None:
    assert says in refused(text)


SEVERAL = [
    pytest.param("[prod]\nclient_id=a\n[dev]\nclient_id=b\nclient_secret=planted\n", ["prod", "dev"], id="INI"),
    pytest.param(
        "client_id=a\n[dev]\nclient_secret=planted\n", ["before the first section", "dev"], id="before a section"
    ),
    pytest.param("[DEFAULT]\nclient_secret=planted\n[dev]\nclient_id=b\n", ["DEFAULT", "dev"], id="INI with a default"),
    pytest.param('[prod]\nclient_id="a"\n[dev.bing]\nclient_id="b"\n', ["prod", "dev.bing"], id="TOML"),
    pytest.param("prod:\n  client_id: a\ndev:\n  client_secret: planted\n", ["prod", "dev"], id="YAML"),
    pytest.param("client_id: a\n---\nclient_secret: planted\n", ["1", "2"], id="documents of YAML"),
    pytest.param('{"prod": {"client_id": "a"}, "dev": {"client_secret": "planted"}}', ["prod", "dev"], id="JSON"),
    pytest.param('{"client_id": "a", "dev": {"client_secret": "planted"}}', ["top", "dev"], id="the top and a section"),
]


@pytest.mark.parametrize(("text", "names"), SEVERAL)
def test_sections_are_never_mixed_and_one_is_to_be_chosen(text: str, names: list[str]) -> None:
    complaint = refused(text)
    assert f"{len(names)} sections" in complaint
    found = sections(text)
    assert [section.name for section in found] == names
    for name in names:
        assert f"--section {name}" in complaint.replace("'", "")
        assert chosen(found, name, "add").name == name
    with pytest.raises(CommandError, match=f"It has: {', '.join(names)}"):
        chosen(found, "another", "add")


@pytest.mark.parametrize(("text", "names"), SEVERAL[1:])
def test_what_is_chosen_has_the_values_of_its_section_alone(text: str, names: list[str]) -> None:
    taken = [Configuration.of(chosen(sections(text), name, "add")).values for name in names]
    assert [len(values) for values in taken] == [1, 1]


def test_what_one_section_takes_from_another_by_itself_is_its_own() -> None:
    section = chosen(sections(MERGED), "acme", "add")
    assert Configuration.of(section).for_account(None, "add") == {**OURS, "customer_id": "0034"}


def test_a_part_without_anything_of_a_grant_is_no_section_of_its_own() -> None:
    document = {**AIRBYTE, "schedule": {"units": 24}, "metrics": {"ids": ["1"], "tenant_id": "x"}}
    assert parsed(json.dumps(document)) == {**OURS, "tenant": "common"}


def test_what_tools_wrap_is_no_section() -> None:
    assert [section.name for section in sections(json.dumps(OWOX))] == ["top"]


def test_aliases_do_not_make_a_short_text_a_long_one() -> None:
    levels = "".join(f"l{n}: &l{n}\n" + "".join(f"  k{k}: *l{n - 1}\n" for k in range(9)) for n in range(1, 9))
    assert "far too large" in refused("l0: &l0\n  client_id: a\n" + levels)


def test_a_section_whose_name_may_be_a_secret_is_named_by_its_line() -> None:
    found = sections("[a~b?planted]\nclient_id=a\n[dev]\nclient_id=b\n")
    assert [section.name for section in found] == ["line-2", "dev"]
