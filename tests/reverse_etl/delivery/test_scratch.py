"""Files with customers' values lie in the data folder, and do not outlive a delivery, nor a killed one for long."""

import subprocess
import sys
from pathlib import Path

from pipelines.config import Settings
from pipelines.privacy.files import scrub_files
from pipelines.privacy.person import Person, Subject
from reverse_etl.delivery.scratch import FOLDER, scratch
from tests.reverse_etl.delivery.test_crashes import die
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold

KILLED = """
import os, sys
from pathlib import Path
from pipelines.config import Settings
from reverse_etl.delivery.scratch import scratch
with scratch(Settings.model_construct(data_dir=Path(sys.argv[1]))) as folder:
    (folder / "values.jsonl").write_text("somebody@example.org")
    print(folder, flush=True)
    if sys.argv[2] == "die":
        os._exit(9)
    sys.stdin.read()
"""


def folders(data: Path) -> list[Path]:
    return [path for path in (data / FOLDER).iterdir() if path.is_dir()]


def test_a_folder_is_gone_after_use_and_after_a_failure(tmp_path: Path) -> None:
    settings = Settings.model_construct(data_dir=tmp_path)
    with scratch(settings) as folder:
        assert folder.stat().st_mode & 0o077 == 0
    try:
        with scratch(settings):
            raise ValueError
    except ValueError:
        pass
    assert folders(tmp_path) == []


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, tmp_path, "die"], check=False, capture_output=True)
    assert len(folders(tmp_path)) == 1
    command = [sys.executable, "-c", KILLED, tmp_path, "live"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as living:
        assert living.stdout is not None
        theirs = Path(living.stdout.readline().strip())
        with scratch(Settings.model_construct(data_dir=tmp_path)) as ours:
            assert set(folders(tmp_path)) == {theirs, ours}
        living.communicate("")
    assert folders(tmp_path) == []


def test_files_of_a_killed_bulk_delivery_are_gone_after_the_next(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    marketing.want({customer: gold() for customer in marketing.customers()[:3]})
    plan = marketing.plan()
    die(marketing, plan, "submitted", 1)
    data = marketing.settings.data_dir
    assert [file for folder in folders(data) for file in folder.glob("*.jsonl")]
    marketing.apply(plan)
    assert folders(data) == []


def test_an_erasure_finds_what_a_killed_delivery_left(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    marketing.want({number: gold() for number in marketing.customers()[:3]})
    die(marketing, marketing.plan(), "submitted", 1)
    settings = marketing.settings
    person = Person(Subject("us", customer), texts=(str(customer),))
    scrub_files(settings, person, [])
    left = [file for folder in folders(settings.data_dir) for file in folder.glob("*.jsonl")]
    assert left
    assert all(str(customer) not in file.read_text(encoding="utf-8") for file in left)
