"""linphonec, with files instead of a sound card; its own log tells the tones that it makes."""

import re

from harness.wait import until
from program import Program

_RC = """[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
guess_hostname=1
use_ipv6=0
contact="linphone" <sip:linphone@{host}>
[sound]
remote_ring=/usr/share/sounds/linphone/ringback.wav
[video]
capture=0
display=0
"""


_TONES = {"440": "busy", "480": "hung up", "620": "call lost"}


class Linphone(Program):
    name = "linphone"

    def __init__(self, folder, host, port):
        (folder / ".local/share/linphone").mkdir(parents=True)
        (folder / "rc").write_text(_RC.format(host=host, port=port))
        self.target = f"sip:linphone@{host}:{port}"
        self._log = folder / "log"
        super().__init__(["linphonec", "-c", str(folder / "rc"), "-d", "6", "-l", str(self._log)], folder,
                         {"ALSA_CONFIG_PATH": "/dev/null"})
        self.say("soundcard use files")
        self.expect("Using wav files instead of soundcard")

    def call(self, uri):
        self.say(f"call {uri}")

    def hears_ringback(self):
        self.expect(r"Call \d+ to .* ringing")

    def rings(self):
        self.expect("Receiving new incoming call")

    def pick_up(self):
        self.say("answer")

    def talks(self):
        self.expect("Media streams established")

    def hang_up(self):
        self.say("terminate")

    def ends(self):
        """What it says of the end: `error`, or `ended (No error)`."""
        return self.expect(r"Call \d+ with .* (ended .*|error)\.").group(1)

    def is_idle(self):
        def probe():
            self.say("calls")
            return self.expect(r"(No active call)|Call states").group(1)
        until(probe, "linphone is idle")

    def mark(self):
        return len(self._logged())

    def _logged(self):
        return self._log.read_text(errors="replace").splitlines()

    def tones(self, mark):
        """The tones that it made at the end of calls since then: `busy`, `hung up`, `call lost`, or their hertz."""
        found = re.findall(r"Playing tones of frequencies (\d+)", "\n".join(self._logged()[mark:]))
        return [_TONES.get(hertz, hertz) for hertz in found]

    def last_status(self):
        """How its call log names the last call."""
        self.say("call-logs")
        self.expect(r"(Incoming|Outgoing) call at")
        return self.expect("Status: (.*)").group(1)
