"""The Secrets of the component tls, as cert-manager and an operator would make them."""

import pathlib
import subprocess
import tempfile

import yaml

from builds import built
from manifests import one

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


def _openssl(folder: str, *arguments: str) -> None:
    subprocess.run(["openssl", "req", "-x509", *_KEY, *arguments], cwd=folder, check=True, capture_output=True,
                   timeout=60)


def secrets() -> dict[str, dict[str, str]]:
    """By the Secret's name. The certificate has the names that the component cert-manager asks for."""
    names = one(built("components/cert-manager"), "Certificate")["spec"]["dnsNames"]
    with tempfile.TemporaryDirectory() as folder:
        _openssl(folder, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=adieu-ca")
        _openssl(folder, "-keyout", "tls.key", "-out", "tls.crt", "-subj", "/", "-CA", "ca.crt", "-CAkey", "ca.key",
                 "-addext", "basicConstraints=CA:FALSE",
                 "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
        pair = {name: (pathlib.Path(folder) / name).read_text() for name in ("tls.crt", "tls.key", "ca.crt")}
    tokens = {"certificates": [{"name": names[0], "role": "ADMIN"}]}
    return {"adieu-tls": pair, "adieu-tokens": {"tokens.yaml": yaml.safe_dump(tokens)}}
