"""What a shell needs to work against the sandbox: the operator's keys, and a profile per user."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from sandbox.app.deployment import operator_environment

Keys = Mapping[str, str]
"""AccessKeyId and SecretAccessKey."""


def write_environment(endpoint_url: str, principals: Mapping[str, Keys], folder: Path) -> Path:
    """Write the users' profiles and the variables of a shell to `folder`. Return the file that the shell sources."""
    credentials = folder.absolute() / "credentials"
    credentials.write_text("".join(_profile(name, keys) for name, keys in principals.items()))
    variables = operator_environment(endpoint_url) | {"AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    file = folder / "environment"
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
    return file


def _profile(name: str, keys: Keys) -> str:
    return f"[{name}]\naws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n\n"
