"""A server that is killed and started again on the same store and the same SIP address, while its phones live on."""

import json
import pathlib
import shutil
import tempfile

from harness.api import Api
from harness.server import Server, free_port
from harness.through import Through


class Mortal(Through):
    def __init__(self, config=None, host="127.0.0.1", transports=("udp", "tcp"), **options):
        self.lasting = pathlib.Path(tempfile.mkdtemp(prefix="adieu-mortal-"))
        shown = f"[{host}]" if ":" in host else host
        listener = {"name": "v4", "address": f"{shown}:{free_port()}", "transports": list(transports)}
        super().__init__(config=config, listeners=[listener], store=f"sqlite:{self.lasting}/adieu.db", **options)
        self._stack.callback(shutil.rmtree, self.lasting, ignore_errors=True)

    def die(self):
        """kill -9."""
        self.server.kill()

    def rise(self):
        """The next process."""
        settings = {"sip": {"listeners": self.listeners}, "routes": [self._route(name) for name in self.forwards],
                    **self.config}
        self.server = self._stack.enter_context(
            Server(config=json.dumps(settings, indent=1), sip_listen=None, store=f"sqlite:{self.lasting}/adieu.db"))
        self.api = self._stack.enter_context(Api(self.server.grpc))

    def die_and_rise(self):
        self.die()
        self.rise()
