"""A broker (mosquitto) with TLS, for a story: it knows the gateway and each meter by their certificates, and lets a meter
write under its own name only."""

import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCESS = """user bridge
topic read tally/v1/+/+/record
topic write tally/v1/+/+/reply
pattern write tally/v1/+/%u/record
pattern read tally/v1/+/%u/reply
"""


class Broker:
    def __init__(self, folder):
        self.program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        if not os.path.exists(self.program):
            sys.exit("this story sends its records through a broker: apt-get install mosquitto")
        with socket.socket() as probe:  # a port that is free, and no node's
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder, self.port = folder.resolve(), port
        self.folder.mkdir()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = self._named("broker authority")
        self.authorities = self.folder / "ca.pem"
        self.authorities.write_bytes(self._certify(self.name, self.key, True).public_bytes(serialization.Encoding.PEM))
        server, server_key = self.issue("broker")
        (self.folder / "acl").write_text(ACCESS)
        self.configuration = self.folder / "mosquitto.conf"
        self.configuration.write_text(
            f"listener {port} 127.0.0.1\ncafile {self.authorities}\ncertfile {server}\nkeyfile {server_key}\n"
            f"require_certificate true\nuse_identity_as_username true\nacl_file {self.folder}/acl\n"
            f"message_size_limit 1200000\n{'user root' if os.geteuid() == 0 else ''}\n")
        self.process = None

    def _named(self, name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def _certify(self, subject, key, is_authority=False):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                .not_valid_after(now + datetime.timedelta(days=30))
                .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
                .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                .sign(self.key, hashes.SHA256()))

    def issue(self, name):
        """The files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        files = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        if not files[0].exists():
            files[0].write_bytes(self._certify(self._named(name), key).public_bytes(serialization.Encoding.PEM))
            files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                   serialization.NoEncryption()))
            files[1].chmod(0o600)
        return files

    @property
    def url(self):
        return f"mqtts://127.0.0.1:{self.port}"

    def gateway_section(self):
        """What the gateway's node.toml says of it."""
        certificate, key = self.issue("bridge")
        return (f'\n[mqtt]\nbroker = "{self.url}"\nauthorities = "{self.authorities}"\ncertificate = "{certificate}"\n'
                f'key = "{key}"\n')

    def options_of(self, device):
        """How a meter finds it, for `tally device publish`."""
        certificate, key = self.issue(device)
        return ["--mqtt", self.url, "--mqtt-authorities", self.authorities, "--mqtt-certificate", certificate,
                "--mqtt-key", key]

    def start(self):
        self.process = subprocess.Popen([self.program, "-c", self.configuration], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        sys.exit("the broker does not start")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
