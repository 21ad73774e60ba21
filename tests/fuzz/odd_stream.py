"""Connections that nobody has to be kind to: over TCP, and over TLS with records of any size, some of them damaged."""

import socket
import ssl
import struct

from mutate import mutate

# Of what is sent at a time over TLS, so much is damaged on the way. It is the end of the connection.
_DAMAGED = 0.02
# Connections that end with a reset.
_RESET = 0.3
# Seconds: a server that sends nothing and reads nothing for so long is given up.
_PATIENCE = 2


class TcpStream:
    name = "tcp"

    def __init__(self, address, rng):
        self._rng = rng
        self._socket = socket.create_connection(address, timeout=_PATIENCE)

    def fileno(self):
        return self._socket.fileno()

    def send(self, data):
        self._socket.sendall(data)

    def receive(self):
        """What came. Empty: the end. None: only a part of something."""
        return self._socket.recv(65535)

    def close(self):
        if self._rng.random() < _RESET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


class TlsStream(TcpStream):
    name = "tls"

    def __init__(self, address, rng):
        super().__init__(address, rng)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = rng.choice((ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
        self._received, self._sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._sent)
        try:
            self._shake_hands()
        except OSError:
            self.close()
            raise

    def _shake_hands(self):
        while True:
            try:
                self._tls.do_handshake()
                return self._flush()
            except ssl.SSLWantReadError:
                self._flush()
            data = self._socket.recv(65535)
            if not data:
                raise ConnectionResetError("closed amid the handshake")
            self._received.write(data)

    def _flush(self):
        records = self._sent.read()
        if records and self._rng.random() < _DAMAGED:
            self._socket.sendall(mutate(self._rng, records))
            raise ConnectionAbortedError("damaged")
        self._socket.sendall(records)

    def send(self, data):
        while data:
            length = self._rng.choice((len(data), self._rng.randint(1, len(data))))
            self._tls.write(data[:length])
            data = data[length:]
            self._flush()

    def receive(self):
        data = self._socket.recv(65535)
        if not data:
            return b""
        self._received.write(data)
        try:
            return self._tls.read(65535)
        except ssl.SSLWantReadError:
            return None
