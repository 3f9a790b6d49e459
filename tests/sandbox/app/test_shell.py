"""The shell that `python -m sandbox` prepares."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sandbox.app.shell import write_environment

URL = "http://localhost:4566"
PRINCIPALS = {
    "reviewer": {"AccessKeyId": "AKIAREVIEWER", "SecretAccessKey": "s/3+t"},
    "contributor": {"AccessKeyId": "AKIACONTRIBUTOR", "SecretAccessKey": "other"},
}
OPERATOR = "import boto3, json; print(json.dumps(boto3.Session().get_credentials().get_frozen_credentials()))"
REVIEWER = OPERATOR.replace("Session()", 'Session(profile_name=\\"reviewer\\")')
VARIABLES = "import json, os; print(json.dumps(dict(os.environ)))"


def test_the_shell_has_the_sandboxs_address_and_region(tmp_path: Path) -> None:
    found = sourced(tmp_path, VARIABLES)
    assert (
        found.items()
        >= {
            "AWS_ENDPOINT_URL": URL,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items()
    )


def test_the_shell_is_the_operators_unless_a_command_names_a_users_profile(tmp_path: Path) -> None:
    assert sourced(tmp_path, OPERATOR)[:2] == ["testing", "testing"]
    assert sourced(tmp_path, REVIEWER)[:2] == ["AKIAREVIEWER", "s/3+t"]


def sourced(work: Path, program: str) -> Any:
    """Return what a Python program prints, as JSON, in a shell that sourced the environment. Its folder has a space."""
    folder = work / "my models"
    folder.mkdir(exist_ok=True)
    file = write_environment(URL, PRINCIPALS, folder)
    command = f'. "{file}" && exec "{sys.executable}" -c "{program}"'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env={"HOME": str(work)})
    return json.loads(done.stdout)
