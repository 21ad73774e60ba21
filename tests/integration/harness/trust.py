"""Who trusts whom: authorities and certificates, tokens and the file that lists them, made anew for each test."""

import datetime
import hashlib
import hmac
import ipaddress
import json
import secrets
import ssl
import tempfile
import time

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

_HOUR = datetime.timedelta(hours=1)


def _pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def _name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)] if text else [])


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def hmac_sha256(key, text):
    return hmac.digest(key.encode(), text.encode(), "sha256")


class Identity:
    """A certificate and its key, in PEM."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key


class Authority:
    """A CA."""

    def __init__(self, name="test CA"):
        self.name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(_name(name), self._key, is_ca=True)

    def _sign(self, subject, key, is_ca=False, names=(), ends=_HOUR):
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(_name(self.name))
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - _HOUR).not_valid_after(now + ends)
                   .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def server(self, ends=_HOUR):
        """For `localhost`, 127.0.0.1 and ::1."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName("localhost"), *[x509.IPAddress(ipaddress.ip_address(ip)) for ip in ("127.0.0.1", "::1")]]
        return Identity(self._sign(_name("adieud"), key, names=names, ends=ends), _pem(key))

    def client(self, common_name="", dns=(), uris=()):
        key = ec.generate_private_key(ec.SECP256R1())
        names = [*map(x509.DNSName, dns), *map(x509.UniformResourceIdentifier, uris)]
        return Identity(self._sign(_name(common_name), key, names=names), _pem(key))


def client_context(ca, identity=None):
    """Of a client that trusts the authority `ca` and shows `identity`."""
    context = ssl.create_default_context(cadata=ca.certificate)
    if identity:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
            both.write(identity.certificate + identity.key)
            both.flush()
            context.load_cert_chain(both.name)
    return context


class Issuer:
    """Signs JSON Web Tokens with a key of each algorithm. The claim `groups` gives the role of its name."""

    def __init__(self, name="sso", url="https://sso.example.com", audience="adieu"):
        self.name, self.url, self.audience = name, url, audience
        rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        ec_key = ec.generate_private_key(ec.SECP256R1())
        self.keys = {"HS256": secrets.token_hex(32), "RS256": rsa_key, "ES256": ec_key}
        self.public = {"HS256": self.keys["HS256"], "RS256": public_pem(rsa_key), "ES256": public_pem(ec_key)}

    def token(self, role, algorithm="RS256", key=None, **claims):
        """A good token, but for the claims that are given; a claim that is None is left out."""
        all_claims = {"iss": self.url, "aud": self.audience, "sub": f"{role}@example.com", "groups": [role],
                      "exp": int(time.time()) + 600, **claims}
        all_claims = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(all_claims, self.keys[algorithm] if key is None else key, algorithm)

    def entry(self, folder):
        """For the tokens file; the keys are written to the folder."""
        for algorithm, text in self.public.items():
            (folder / f"{self.name}-{algorithm}.key").write_text(text)
        return {"name": self.name, "issuer": self.url, "audiences": [self.audience], "role_claim": "groups",
                "keys": [{"algorithm": algorithm, "file": str(folder / f"{self.name}-{algorithm}.key")}
                         for algorithm in self.public],
                "roles": [{"value": role, "role": role.upper()} for role in ("viewer", "operator", "admin")]}


def static(name, role, token, **more):
    """A token's entry in the tokens file."""
    return {"name": name, "role": role.upper(), "sha256": hashlib.sha256(token.encode()).hexdigest(), **more}


def write(path, text):
    """Puts a new file in the place of the old one at once."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.replace(path)
    return str(path)


def tokens_file(path, **lists):
    """Writes the tokens file; JSON is YAML."""
    return write(path, json.dumps({name: entries for name, entries in lists.items() if entries}))
