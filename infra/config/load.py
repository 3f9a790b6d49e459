"""endpoints.yaml → endpoints, or one message that names every problem in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from infra.config import golden_file, validation
from infra.config.document import Document, parse
from infra.config.entry import Entry, File, RollbackOn
from infra.config.golden_file import GoldenFile
from infra.config.inheritance import inherited, origin
from infra.config.plan import Keys
from infra.config.problem import ConfigError, Problem, message
from infra.config.rules import asynchronous as asynchronous_rules
from infra.config.rules import autoscaling as autoscaling_rules
from infra.config.rules import entry as rules
from infra.config.rules import gate as gate_rules
from infra.config.rules import serverless as serverless_rules
from infra.config.rules import serving as serving_rules
from infra.config.rules import unsupported
from infra.config.rules.soaks import soaks
from infra.config.sections.autoscaling import Autoscaling
from infra.config.sections.evidence import Evidence
from infra.config.sections.gate import Gate
from infra.config.sections.janitor import Janitor
from infra.config.sections.ledger import Ledger
from infra.config.sections.metrics import Metrics
from infra.config.sections.rollout import STRATEGIES, strategy
from infra.config.sections.section import Section
from infra.config.sections.serving import Serving
from infra.config.sections.variant import ServerlessVariant, Variant
from infra.config.spec import spec
from infra.config.validation import found
from lambdas.gate.spec import Spec

S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class Endpoint:
    """An endpoint's name and its valid entry, made complete by the defaults, with the golden requests it names."""

    name: str
    entry: Entry
    golden: GoldenFile | None = None

    def spec(self, execution_role_arn: str) -> Spec:
        return spec(self.name, self.entry, execution_role_arn, self.golden.golden if self.golden else None)


@dataclass(frozen=True)
class Configuration:
    """What endpoints.yaml says."""

    endpoints: tuple[Endpoint, ...]
    ledger: Ledger
    janitor: Janitor


def load(path: FilePath) -> Configuration:
    """Raises ConfigError with all that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return parse_configuration(str(path), text)


def parse_configuration(file: str, text: str) -> Configuration:
    """`file` is the name that messages give. Raises ConfigError with all that is wrong."""
    document = parse(file, text)
    complete = inherited(document.data)
    problems: list[Problem] = []
    try:
        given = File.model_validate(complete)
    except ValidationError as error:
        given = None
        problems += _where_written(document.data, validation.problems(error))
    problems += _where_written(document.data, _section_problems(complete))
    problems += _entry_problems(complete)
    if given is None or problems:
        raise ConfigError(_message(file, document, problems))
    return Configuration(_with_golden_requests(file, document, given.endpoints), given.ledger, given.janitor)


def _message(file: str, document: Document, problems: Iterable[Problem]) -> str:
    # What the defaults say wrong is found again in each entry that inherits it.
    once = dict.fromkeys(problems)
    return message(file, ((document.line(origin(document.data, problem.path)), problem) for problem in once))


def _with_golden_requests(file: str, document: Document, entries: dict[str, Entry]) -> tuple[Endpoint, ...]:
    """Raises ConfigError with all that is wrong in the files that the entries name, each file's problems once."""
    read: dict[str, tuple[GoldenFile | golden_file.Misfit, list[tuple[int, Problem]]]] = {}
    endpoints, problems = [], []
    for name, entry in entries.items():
        path = entry.golden_requests
        if path is None:
            endpoints.append(Endpoint(name, entry))
            continue
        if path not in read:
            read[path] = golden_file.read(FilePath(file).parent / path)
        content = read[path][0]
        if isinstance(content, golden_file.Misfit):
            where = ("endpoints", name, "golden_requests")
            problems.append(Problem(where, f"{found(path)}, {content.found}", content.allowed, content.mend))
        else:
            endpoints.append(Endpoint(name, entry, content))
    messages = [_message(file, document, problems)] if problems else []
    messages += (message(path, wrong) for path, (_, wrong) in read.items() if wrong)
    if messages:
        raise ConfigError("\n\n".join(messages))
    return tuple(endpoints)


def _where_written(data: Any, problems: Iterator[Problem]) -> Iterator[Problem]:
    """Problems that are the same for every entry, each at the place in the file that has to be mended."""
    return (replace(problem, path=origin(data, problem.path)) for problem in problems)


def _section_problems(data: Any) -> Iterator[Problem]:
    """The rules for every section that is valid by itself, so that one mistake does not hide another."""
    if not isinstance(data, dict):
        return
    if isinstance(defaults := data.get("defaults"), dict):
        yield from (replace(each, path=("defaults", *each.path)) for each in _rule_problems(defaults))
    for name, raw in _raw_entries(data).items():
        yield from (replace(each, path=("endpoints", name, *each.path)) for each in _rule_problems(raw))


def _rule_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    if variant := _valid(Variant, raw.get("variant")):
        yield from rules.variant(variant)
    rollout = _rollout(raw)
    serverless = _valid(ServerlessVariant, raw.get("variant"))
    if serverless:
        yield from serverless_rules.variant(serverless)
        yield from _serverless_problems(raw, rollout)
    elif rollout:
        yield from rules.rollout(rollout)
    if rollback_on := _valid(RollbackOn, raw.get("rollback_on", {})):
        yield from rules.rollback_on(rollback_on)
    if gate := _valid(Gate, raw.get("gate", {})):
        yield from gate_rules.gate(gate)
    asynchronous = False
    if serving := _valid(Serving, raw.get("serving", {})):
        yield from serving_rules.serving(serving, variant.instance_type if variant else None)
        if asynchronous := serving.asynchronous is not None:
            yield from asynchronous_rules.serving(serving)
            yield from unsupported.problems(raw, _valid(Metrics, raw.get("metrics", {})), asynchronous_rules.REASONS)
            if serverless:
                yield asynchronous_rules.serverless()
    if variant and rollback_on and rollback_on.average_latency_ms and not asynchronous:
        yield asynchronous_rules.average_latency(rollback_on.average_latency_ms)
    autoscaling = _valid(Autoscaling, raw.get("autoscaling"))
    if autoscaling and not serverless and not asynchronous:
        yield from autoscaling_rules.autoscaling(autoscaling, variant.instance_count if variant else None)
        if rollout:
            yield from autoscaling_rules.fleet(rollout, autoscaling)


def _serverless_problems(raw: dict[str, Any], rollout: Keys | None) -> Iterator[Problem]:
    """What the other sections ask for that a serverless variant cannot have."""
    if rollout and "rollout" in raw:
        yield from serverless_rules.rollout(rollout)
    if serving := _valid(Serving, raw.get("serving", {})):
        yield from serverless_rules.serving(serving)
    if evidence := _valid(Evidence, raw.get("evidence", {})):
        yield from serverless_rules.evidence(evidence)
    yield from unsupported.problems(raw, _valid(Metrics, raw.get("metrics", {})), serverless_rules.REASONS)


def _entry_problems(data: Any) -> Iterator[Problem]:
    """The rules for what several sections, or several entries, set together."""
    entries = data.get("endpoints") if isinstance(data, dict) else None
    seen: dict[str, str] = {}
    for name in entries if isinstance(entries, dict) else ():
        first = seen.setdefault(str(name).casefold(), name)
        if first != name:
            yield Problem(
                ("endpoints", name),
                f"the name {name} beside {first}",
                "names that differ in more than upper and lower case: SageMaker takes these two for one endpoint",
                "rename one of them",
            )
    valid: dict[str, Entry] = {}
    for name, raw in _raw_entries(data).items():
        rollout, variant = _rollout(raw), _valid(Variant, raw.get("variant"))
        if rollout and variant:
            fleet = rules.fleet(rollout, variant.instance_count)
            yield from (replace(problem, path=("endpoints", name, *problem.path)) for problem in fleet)
        if entry := _valid(Entry, raw):
            valid[name] = entry
            sizes = rules.sizes(name, entry)
            yield from (replace(problem, path=("endpoints", name, *problem.path)) for problem in sizes)
    yield from soaks(valid, list(entries) if isinstance(entries, dict) else [])
    yield from rules.all_endpoints(valid)


def _raw_entries(data: Any) -> dict[str, dict[str, Any]]:
    entries = data.get("endpoints") if isinstance(data, dict) else None
    mappings = entries.items() if isinstance(entries, dict) else ()
    return {name: raw for name, raw in mappings if isinstance(raw, dict)}


def _rollout(raw: dict[str, Any]) -> Keys | None:
    keys = raw.get("rollout", {})
    return cast(Keys | None, _valid(STRATEGIES.get(str(strategy(keys)), Section), keys))


def _valid(section: type[S], keys: object) -> S | None:
    try:
        return section.model_validate(keys)
    except ValidationError:
        return None
