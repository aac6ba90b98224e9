"""World: what it takes to be let in by a broker: its address, TLS, a password; and what to do when it fails."""

import os
import socket
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

from edge.errors import ConfigError

CREDENTIAL: Final = "mqtt-password"
"""The systemd credential that holds the password: `LoadCredential=mqtt-password:/etc/edge/mqtt-password`."""

_EXPIRED: Final = 10
_NOT_YET_VALID: Final = 9
_WRONG_NAME: Final = frozenset({62, 64})
"""OpenSSL's numbers for what is wrong with a certificate."""

_RESET: Final = b"\x01\x00\x00\x00\x00\x00\x00\x00"
"""struct linger {1, 0}: to close is to forget what was not sent yet."""

UNACKNOWLEDGED_MS_MAX: Final = 5_000
"""So long may the broker's machine leave our bytes unacknowledged before the connection counts as dead."""


class BrokerSettings(Protocol):
    """What must be known of a broker; `edge.config.MqttSettings` is one."""

    @property
    def url(self) -> str | None: ...

    @property
    def user(self) -> str | None: ...

    @property
    def password_file(self) -> Path | None: ...

    @property
    def ca_file(self) -> Path | None: ...

    @property
    def certificate_file(self) -> Path | None: ...

    @property
    def key_file(self) -> Path | None: ...


@dataclass(frozen=True)
class Address:
    """Where a broker listens."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, url: str | None) -> Self:
        """From `mqtt://host[:port]` or `mqtts://host[:port]`; raises `ConfigError` for anything else."""
        try:
            parts = urlsplit(url or "")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in {"mqtt", "mqtts"} or parts.path.strip("/") or parts.username:
            raise ConfigError("mqtt.url must look like mqtt://host:1883, or mqtts://host:8883 for TLS.")
        tls = parts.scheme == "mqtts"
        return cls(host, port or (8883 if tls else 1883), tls)

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def password(settings: BrokerSettings) -> str | None:
    """The first line of the password file, or else of systemd's credential; None without either. Raises OSError."""
    path = settings.password_file or _credential()
    if path is None:
        return None
    return (path.read_text(encoding="utf-8").splitlines() or [""])[0]


def _credential() -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / CREDENTIAL if folder else None
    return path if path and path.is_file() else None


def exposed(settings: BrokerSettings) -> tuple[Path, ...]:
    """The files with secrets that every user of this machine may read."""
    secrets = [path for path in (settings.password_file, settings.key_file) if path and path.exists()]
    return tuple(path for path in secrets if path.stat().st_mode & stat.S_IROTH)


def tls_context(settings: BrokerSettings) -> ssl.SSLContext:
    """Trust in the broker's certificate, and our own one where it is set. Raises OSError, of which SSLError is one."""
    ca_file = settings.ca_file
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.sslsocket_class = _TidySocket
    if ca_file:
        # Python 3.13 began to refuse what many home-made authorities leave out; the certificate itself is checked.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if settings.certificate_file:
        # Without a password of ours OpenSSL would ask the terminal for that of an encrypted key.
        try:
            context.load_cert_chain(settings.certificate_file, settings.key_file, password=b"")
        except ssl.SSLError as error:
            raise OwnCertificateError from error
    return context


class OwnCertificateError(OSError):
    """Our own certificate and key cannot be used."""


class _TidySocket(ssl.SSLSocket):
    """A socket that closes itself when the handshake fails; paho would leave it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def prepare(opened: socket.socket) -> None:
    """Have a socket to a broker send at once, notice a dead link, and forget with its end what it did not send."""
    # Without this each QoS 1 message costs 40-80 ms: Nagle's algorithm waits for the delayed acknowledgement.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux only; elsewhere the keepalive alone notices
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS_MAX)


def cut_off(opened: socket.socket) -> None:
    """End a connection that is held to be dead: what still waits to be sent shall not arrive when the link recovers."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    socket.socket.shutdown(opened, socket.SHUT_RDWR)  # not TLS's own, which would first take leave of the broker


def remedy(address: Address, error: Exception) -> str:
    """What went wrong on the way to the broker, and what to do about it."""
    text = f"{address} cannot be reached ({type(error).__name__}): check mqtt.url and the network."
    match error:
        case ConnectionRefusedError():
            text = f"Nothing listens at {address}: start the broker, or mend mqtt.url."
        case socket.gaierror():
            text = f"The host {address.host!r} of mqtt.url is unknown: check its spelling and the network."
        case ssl.SSLCertVerificationError():
            text = _distrust(address, error)
        case OwnCertificateError():
            text = (
                "mqtt.certificate_file and mqtt.key_file do not belong together, are damaged, or the key wants a"
                " password."
            )
        case ssl.SSLError() | ConnectionResetError() if address.tls:
            text = (
                f"{address} does not speak TLS, or mqtt.ca_file is no certificate, or it wants a certificate of ours:"
                " use mqtt://, mend the file, or set mqtt.certificate_file and mqtt.key_file."
            )
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | UnicodeDecodeError():
            text = (
                "A file of the section mqtt (password_file, ca_file, certificate_file, key_file) cannot be read: check"
                " that it exists and who may read it."
            )
        case TimeoutError():
            text = f"{address} does not answer: check mqtt.url, the network and the firewall."
    return text


def _distrust(address: Address, error: ssl.SSLCertVerificationError) -> str:
    """Why the broker's certificate is not believed."""
    if error.verify_code == _EXPIRED:
        return f"The certificate of {address} has expired: have the broker's renewed; if it is new, set this clock."
    if error.verify_code == _NOT_YET_VALID:
        return f"The certificate of {address} is not valid yet: this machine's clock is wrong, or the broker's was."
    if error.verify_code in _WRONG_NAME:
        return f"The certificate of {address} is for another host: in mqtt.url use the host name that stands in it."
    return (
        f"The certificate of {address} is not trusted ({error.verify_message.rstrip('.')}): set mqtt.ca_file to the CA"
        " that signed it."
    )


def silence(address: Address, settings: BrokerSettings) -> str:
    """What to do about a broker that hung up without an answer to our first packet."""
    text = f"{address} takes no MQTT connection: is a broker listening on that port?"
    if not address.tls:
        return f"{text} Does that port want TLS (mqtts://)?"
    if settings.certificate_file:
        return (
            f"{address} hung up on our certificate: the broker must know the CA that signed mqtt.certificate_file,"
            " and it must not have expired."
        )
    return f"{text} If it wants a certificate of ours, set mqtt.certificate_file and mqtt.key_file."


def refusal(address: Address, settings: BrokerSettings, reason: str) -> str:
    """What to do about a broker that knows us and does not let us in."""
    if not settings.user:
        return f"{address} wants a user ({reason}): set mqtt.user and mqtt.password_file."
    who = f"user {settings.user!r} ({reason})"
    return f"{address} refuses {who}: check mqtt.user and the password in mqtt.password_file."
