"""baresip, with a null sound card and a folder of tones that is empty: it tells each tone that it wanted to play."""

import pathlib

from harness.wait import until
from program import Program

_CONFIG = """sip_listen {host}:{port}
net_interface {interface}
audio_path {folder}/tones
audio_player alsa,null
audio_source alsa,null
audio_alert alsa,null
module_path {modules}
module stdio.so
module g711.so
module alsa.so
module_tmp account.so
module_app menu.so
"""


def _modules():
    """Debian 12 has them in /usr/lib/baresip, others below the architecture's folder."""
    return next(path.parent for path in pathlib.Path("/usr/lib").glob("**/baresip/modules/menu.so"))


class Baresip(Program):
    name = "baresip"

    def __init__(self, folder, host, port, interface):
        (folder / "tones").mkdir()
        (folder / "accounts").write_text(f"<sip:baresip@{host}:{port}>;regint=0\n")
        (folder / "config").write_text(
            _CONFIG.format(host=host, port=port, interface=interface, folder=folder, modules=_modules()))
        self.target = f"sip:baresip@{host}:{port}"
        super().__init__(["baresip", "-4", "-f", str(folder)], folder, {})
        self.expect("baresip is ready")

    def call(self, uri):
        self.say(f"/dial {uri}")

    def hears_ringback(self):
        self.expect("180 Ringing")

    def rings(self):
        self.expect("Incoming call from")

    def pick_up(self):
        self.say("/accept")

    def talks(self):
        self.expect("Call established")

    def hang_up(self):
        self.say("/hangup")

    def ends(self):
        """`487 Call ended`, or what the system says of a closed connection; nothing where it hung up itself."""
        return self.expect("session closed: (.*)|call: (terminate) call").group(1)

    def is_idle(self):
        def probe():
            self.say("/listcalls")
            return self.expect(r"Active calls \((\d+)\)").group(1) == "0"
        until(probe, "baresip is idle")

    def tones(self, mark):
        """The tones that it wanted to play since then."""
        return self.since(mark, r"play: .*/tones/(\w+)\.wav")
