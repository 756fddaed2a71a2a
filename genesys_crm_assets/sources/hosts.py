"""Where requests may go: one configured host for each purpose, and the links that vendors hand out, examined.

Nothing is sent from here.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from genesys_crm_assets.sources.errors import StrayHost, one_line

_DEFAULT_PORTS = {"https": 443, "http": 80}
_NEVER_IN_A_LINK = re.compile(r"[\x00-\x20\x7f-\uffff\\]")


def redacted(url: str) -> str:
    """Scheme, host and path, in one printable line: what may stand in a log. The query and any user name are left out."""
    parts = urlsplit(url)
    return one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", 200)


def is_loopback(hostname: str) -> bool:
    """Whether the name can only mean this machine."""
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Host:
    """One configured origin: `https` anywhere, plain `http` on loopback only (DESIGN §5.2)."""

    scheme: str
    name: str
    port: int

    @classmethod
    def of(cls, url: str, *, setting: str) -> "Host":
        """The origin that `url` names.

        Raises:
            StrayHost: the URL is not a bare origin, or is plain http to another machine. The message names `setting`.
        """
        parts = _split(url)
        remedy = f"Set {setting} to an address such as https://api.example.com"
        if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise StrayHost("The configured address is not a URL", remedy=remedy)
        if parts.username is not None or parts.query or parts.fragment or parts.path not in {"", "/"}:
            raise StrayHost(f"The configured address {redacted(url)} is more than scheme, host and port", remedy=remedy)
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise StrayHost(f"The configured address {redacted(url)} would send credentials unencrypted", remedy=remedy)
        return cls(parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme])

    @property
    def netloc(self) -> str:
        """Host, with its port where that is not the scheme's own."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == _DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """The origin as text, without a slash at the end."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def https(self) -> "Host":
        """The same name and port by https, which is how simple-salesforce writes every address."""
        return Host("https", self.name, self.port)

    @property
    def loopback(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(self.name)

    def is_origin_of(self, url: str) -> bool:
        """Whether an absolute URL has this very scheme, host and port, and carries no user name."""
        parts = _split(url)
        if parts is None or parts.username is not None or parts.scheme != self.scheme:
            return False
        return parts.hostname == self.name and (parts.port or _DEFAULT_PORTS[self.scheme]) == self.port

    def follow(self, link: object, *, under: str) -> str:
        """The path and query of a link a vendor handed out, as given, once it is known to lead nowhere else.

        Args:
            link: relative to this origin, or absolute within it.
            under: the path that it must stay below, such as `/services/data/`.

        Raises:
            StrayHost: it leads elsewhere, or is written so that two readers could disagree about where it leads (F-65).
        """
        if not isinstance(link, str) or not link or _NEVER_IN_A_LINK.search(link):
            raise StrayHost("A link to the next page is not a plain address")
        parts = _split(link)
        if parts is None:
            raise StrayHost("A link to the next page cannot be read")
        if (parts.scheme or parts.netloc) and not self.is_origin_of(link):
            raise StrayHost(f"A link to the next page leads to {redacted(link)} instead of {self.url}")
        if not parts.path.startswith(under) or ".." in unquote(parts.path).replace("\\", "/").split("/"):
            raise StrayHost(f"A link to the next page leaves {under}: {redacted(link)}")
        return parts.path + (f"?{parts.query}" if parts.query else "")


def handed_out(link: object) -> tuple[Host, str, str]:
    """Host, path and query of a signed link to another host: `https` anywhere, plain `http` on loopback only. No credentials go there.

    Raises:
        StrayHost: it is not such an address, or carries a user name. The message leaves the query out.
    """
    if not isinstance(link, str) or not link or _NEVER_IN_A_LINK.search(link):
        raise StrayHost("A link to a download is not a plain address")
    parts = _split(link)
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise StrayHost("A link to a download cannot be read")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise StrayHost(f"A link to a download is unencrypted: {redacted(link)}")
    return Host(parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]), parts.path or "/", parts.query


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 — reading it is what finds a port that is no number
    except ValueError:
        return None
    return parts
