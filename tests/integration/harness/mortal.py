"""A server that is killed and started again on the same store and the same SIP address, while its phones live on."""

import contextlib
import json
import pathlib
import shutil
import sqlite3
import tempfile

from harness.api import Api
from harness.server import Server, free_port
from harness.stubs import journal
from harness.through import Through
from harness.wait import until


class Mortal(Through):
    def __init__(self, routes=None, config=None, host="127.0.0.1", transports=("udp", "tcp"), beside=(),
                 **options):
        """`beside`: listeners beside the usual one, at ports that do not change."""
        self.lasting = pathlib.Path(tempfile.mkdtemp(prefix="adieu-mortal-"))
        shown = f"[{host}]" if ":" in host else host
        listener = {"name": "v6" if ":" in host else "v4", "address": f"{shown}:{free_port()}", "transports": list(transports)}
        super().__init__(routes, config, listeners=[listener, *beside], store=f"sqlite:{self.lasting}/adieu.db", **options)
        self._stack.callback(shutil.rmtree, self.lasting, ignore_errors=True)

    def dialogs(self, name):
        """What the journal has of a call (adieu.journal.v1.Dialogs); None: nothing."""
        with contextlib.closing(sqlite3.connect(f"file:{self.lasting}/adieu.db?mode=ro", uri=True)) as database:
            row = database.execute("SELECT dialogs FROM call WHERE name = ?", (name,)).fetchone()
        return journal.Dialogs.FromString(row[0]) if row else None

    def wait_dialogs(self, name, wanted, what):
        """The journal is written behind the messages: waits until it has what is wanted."""
        def probe():
            dialogs = self.dialogs(name)
            return dialogs if dialogs and wanted(dialogs) else None
        return until(probe, f"{what} in the journal")

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
