"""The SOAP half of Microsoft Advertising, for the few operations that the clients call first.

Shapes: the WSDL of the services in the `bingads` package. The SDK reads the code of a fault from there, too.
"""

from dataclasses import dataclass
from typing import Any, Final, Self
from xml.etree import ElementTree as ET

_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_CUSTOMER: Final = "https://bingads.microsoft.com/Customer/v13/Entities"


@dataclass(frozen=True)
class Call:
    """One call of an operation.

    Attributes:
        operation: The name of the operation, such as ``GetUser``.
        namespace: The namespace of its service.
        headers: The SOAP headers, by local name.
        arguments: The plain members of the body, by local name.
    """

    operation: str
    namespace: str
    headers: dict[str, str]
    arguments: dict[str, str]

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read an envelope."""
        envelope = ET.fromstring(body)  # noqa: S314 - The client of a test sends it.
        [request] = envelope.findall(f"{{{_ENVELOPE}}}Body/*")
        headers = envelope.findall(f"{{{_ENVELOPE}}}Header/*")
        namespace, _, name = request.tag[1:].partition("}")
        return cls(name.removesuffix("Request"), namespace, _members(headers), _members(request))

    def answer(self, account: dict[str, Any]) -> bytes:
        """Return the envelope of the answer, about one account."""
        parts = {
            "GetUser": f'<User xmlns:e="{_CUSTOMER}"><e:Id>101</e:Id><e:UserName>ads-owner</e:UserName></User>',
            "GetAccount": f'<Account xmlns:e="{_CUSTOMER}"><e:Id>{account["Id"]}</e:Id>'
            f"<e:LastModifiedTime>{account['LastModifiedTime']}</e:LastModifiedTime></Account>",
            "SearchAccounts": f'<Accounts xmlns:e="{_CUSTOMER}"><e:AdvertiserAccount><e:Id>{account["Id"]}</e:Id>'
            "</e:AdvertiserAccount></Accounts>",
            "GetCampaignsByAccountId": "<Campaigns><Campaign><Id>77</Id><Name>Spring</Name></Campaign></Campaigns>",
        }
        name = f"{self.operation}Response"
        return _envelope(f'<{name} xmlns="{self.namespace}">{parts[self.operation]}</{name}>')


def fault(error: dict[str, str]) -> bytes:
    """Return the envelope of an AdApiFaultDetail with one error in it."""
    members = "".join(f"<{name}>{error[name]}</{name}>" for name in ("Code", "Detail", "ErrorCode", "Message"))
    return _envelope(
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>Invalid client data.</faultstring><detail>"
        f'<AdApiFaultDetail xmlns="https://adapi.microsoft.com"><Errors><AdApiError>{members}</AdApiError></Errors>'
        "</AdApiFaultDetail></detail></s:Fault>"
    )


def _members(elements: Any) -> dict[str, str]:
    return {element.tag.partition("}")[2]: element.text or "" for element in elements}


def _envelope(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{_ENVELOPE}"><s:Header/><s:Body>{body}</s:Body></s:Envelope>'.encode()
