"""Starts one program and writes what it used to a file: `python -S -E launcher.py FILE COMMAND...`.

A process counts the memory of the one that started it as its own, up to the moment when it becomes another program. The
bench is large, this is small: only through it is the peak of a small program its own.
"""

import json
import os
import subprocess
import sys

if __name__ == "__main__":
    answer, *command = sys.argv[1:]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    with open(answer, "w") as file:
        json.dump({"cpu": usage.ru_utime + usage.ru_stime, "maxrss": usage.ru_maxrss}, file)
    sys.exit(max(0, os.waitstatus_to_exitcode(status)) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
