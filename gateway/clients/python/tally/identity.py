"""A member: its key and its certificate chain, as `tally identity` makes them, with what it signs."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from .cbor import encode
from .certificates import attribute, der_of, load_certificates
from .errors import TallyError
from .formats import EDDSA, PrivateKey, algorithm_of, cose_sign1, sha256, sign, to_be_signed


@dataclass
class Identity:
    """`chain`: leaf first, without the root. The files are for TLS, which reads them itself."""

    key: PrivateKey
    chain: list[x509.Certificate]
    certificate_file: pathlib.Path | None = None
    key_file: pathlib.Path | None = None
    passphrase: bytes | None = None

    @staticmethod
    def load(folder: str | pathlib.Path, passphrase: bytes | None = None) -> "Identity":
        """Of a folder with certificate.pem and key.pem."""
        folder = pathlib.Path(folder)
        return Identity.of_files(folder / "certificate.pem", folder / "key.pem", passphrase)

    @staticmethod
    def of_files(certificate: str | pathlib.Path, key: str | pathlib.Path, passphrase: bytes | None = None
                 ) -> "Identity":
        certificate, key = pathlib.Path(certificate), pathlib.Path(key)
        try:
            loaded: Any = serialization.load_pem_private_key(key.read_bytes(), passphrase)
            chain = load_certificates(certificate.read_text())
        except (ValueError, TypeError) as error:
            raise TallyError("bad_key", f"{key} or {certificate}: {error}") from error
        if not chain:
            raise TallyError("certificate_malformed", f"{certificate} holds no certificate")
        return Identity(loaded, chain, certificate, key, passphrase)

    @property
    def organization(self) -> str:
        return attribute(self.chain[0], NameOID.ORGANIZATION_NAME)

    @property
    def chain_der(self) -> list[bytes]:
        return [der_of(each) for each in self.chain]

    def token(self, channel: str, *, issued: int | None = None, lifetime: int = 240,
              header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A JWT for `Authorization: Bearer`."""
        issued = int(time.time()) if issued is None else issued
        head = {"alg": "EdDSA" if algorithm_of(self.key) == EDDSA else "ES256", "typ": "JWT",
                "x5c": [base64.b64encode(der).decode() for der in self.chain_der], **(header or {})}
        body = {"aud": channel, "iat": issued, "exp": issued + lifetime, **claims}
        signed = b".".join(base64url(json.dumps(part).encode()) for part in (head, body))
        return (signed + b"." + base64url(sign(self.key, signed))).decode()

    def proposal(self, contract: str, function: str, arguments: object, *, channel: str = "main",
                 attachments: Sequence[bytes] = (), nonce: bytes | None = None, created: int | None = None
                 ) -> tuple[bytes, str]:
        """The message that is sent, and the transaction's id. `arguments`: JSON text, or what becomes it."""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return self.signed_proposal(encode([1, channel, contract, function, text, list(attachments),
                                            os.urandom(16) if nonce is None else nonce,
                                            int(time.time() * 1000) if created is None else created]))

    def signed_proposal(self, payload: bytes) -> tuple[bytes, str]:
        chain = self.chain_der
        protected = {1: algorithm_of(self.key), 3: "application/tally-proposal+cbor",
                     33: chain[0] if len(chain) == 1 else chain}
        identifier = sha256(to_be_signed(encode(protected), b"", payload)).hex()
        return cose_sign1(self.key, protected, payload), identifier


def base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
