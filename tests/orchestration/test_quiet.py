"""What frameworks print goes to the log, what people should read to the real output."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, subprocess, sys
from pathlib import Path
from orchestration.quiet import output_to
with output_to(Path(sys.argv[1])) as console:
    print("noise from python")
    os.write(2, b"noise by descriptor\\n")
    subprocess.run(["echo", "noise from a child"], check=True)
    console.print("for the reader")
print("after")
"""


def test_children_and_descriptors_are_kept_off_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "run.log"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(log)], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout == "for the reader\nafter\n"
    assert done.stderr == ""
    assert set(log.read_text().splitlines()) == {"noise from python", "noise by descriptor", "noise from a child"}
