"""What a person would do without chanspect: Delve, by its own command and by a script."""

import pathlib
import subprocess
import tempfile

from measure import run_once

HERE = pathlib.Path(__file__).resolve().parent


class Delve:
    def __init__(self, binary):
        self.binary = binary
        self.version = None
        if binary.exists():
            text = subprocess.run([binary, "version"], stdout=subprocess.PIPE, text=True).stdout
            self.version = text.split("Version:")[1].split()[0]

    def goroutines(self, pid):
        return self._attach(pid, "goroutines -t 1")

    def script(self, pid, how):
        return self._attach(pid, f"source {HERE}/delve_channels.star\ncount_by_channel {how}")

    def _attach(self, pid, commands):
        with tempfile.NamedTemporaryFile("w") as init, tempfile.TemporaryFile() as answer, \
                tempfile.TemporaryFile() as output:
            init.write(f"{commands}\nexit\n")
            init.flush()
            answer.write(b"n\n")  # to its last question, whether to kill the target
            answer.seek(0)
            run = run_once(
                [self.binary, "attach", str(pid), "--init", init.name,
                 "--allow-non-terminal-interactive=true"],
                stdin=answer, stdout=output, stderr=subprocess.STDOUT)
            output.seek(0)
            said = output.read()
            if b"goroutines]" not in said and b" channels\n" not in said:
                raise RuntimeError(f"Delve did not answer: {said[-500:]}")
            return run
