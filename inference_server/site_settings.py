"""The settings that a site changes from the desktop: what each is called, what it may be, what it does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import labels, library, settings
from db.label_rule import ADJUDICATION, CONSENSUS, LATEST
from inference_server import retention_rules
from inference_server.config import Config
from inference_server.protocol.site import SettingChoice, SiteSetting, Value

LEADER_BOARD = "leader_board"
LONGEST_DAYS, LARGEST_GB = 36_500.0, 1_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """``key`` and ``field`` say where it is kept; ``least`` is the least number besides 0."""

    key: str
    field: str
    name: str
    sentence: str
    default: Value
    role: str = "maintainer"  # that may change it
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    least: float = 0.0
    most: float = 0.0

    @property
    def id(self) -> str:
        """As the protocol and the command line call it."""
        return f"{self.key}.{self.field}"


def kinds(config: Config) -> tuple[Kind, ...]:
    """All there are; the defaults of the retention come from the server's settings file."""
    return (
        Kind(
            key=labels.RULE, field="rule", name="Which label counts", default=LATEST, role="admin",
            sentence="When people say different things of one picture. A change is applied to all pictures at once.",
            choices=(
                (LATEST, "The newest"), (CONSENSUS, "What most people say"),
                (ADJUDICATION, "An expert's, else what all agree on"),
            ),
        ),
        Kind(
            key=library.RULE, field="needed", name="Activate only what is signed off", default=False,
            sentence="A model can be made live only when an expert has signed it off.",
        ),
        Kind(
            key=LEADER_BOARD, field="shown", name="Show who labels most", default=True, role="admin",
            sentence="The leader board beside the labeler's pictures.",
        ),
        Kind(
            key=retention_rules.KEY, field="max_age_days", name="Remove pictures older than",
            sentence=f"{retention_rules.STAYS} 0: keep all.",
            default=config.store.max_age_days, unit="days", least=1.0, most=LONGEST_DAYS,
        ),
        Kind(
            key=retention_rules.KEY, field="max_gb", name="Keep the picture store below",
            sentence="The oldest go first, and what stays in any case counts too. 0: no limit.",
            default=config.store.max_gb, unit="GB", least=1.0, most=LARGEST_GB,
        ),
    )  # fmt: skip


def kind(config: Config, key: str) -> Kind:
    """The setting ``key``. Raises KeyError: there is none."""
    for each in kinds(config):
        if each.id == key:
            return each
    names = ", ".join(each.id for each in kinds(config))
    raise KeyError(f"there is no setting {key}; there are {names}")


def shown(session: Session, each: Kind) -> SiteSetting:
    """As it is now."""
    held = settings.entry(session, each.key)
    value = each.default if held is None else held.value.get(each.field, each.default)
    known = held is not None and each.field in held.value
    return SiteSetting(
        key=each.id, name=each.name, sentence=each.sentence, value=value, default=each.default,
        choices=tuple(SettingChoice(value=key, words=words) for key, words in each.choices),
        unit=each.unit, least=each.least, most=each.most,
        who=held.who if held is not None and known else "",
        at=held.at if held is not None and known else None,
    )  # fmt: skip


def checked(each: Kind, value: Value) -> Value:
    """The value to keep. Raises ValueError: it cannot be; the message says what can."""
    if isinstance(each.default, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{each.name} is either on or off")
        return value
    if isinstance(each.default, str):
        if value not in dict(each.choices):
            raise ValueError(f"{each.name} is one of {', '.join(dict(each.choices))}")
        return value
    if isinstance(value, bool | str) or not (value == 0 or each.least <= value <= each.most):
        raise ValueError(f"{each.name} is 0 or from {each.least:g} to {each.most:g} {each.unit}")
    return float(value)


def change(session: Session, each: Kind, value: Value, *, who: str) -> None:
    """Keep it, with its audit entry."""
    before = settings.read(session, each.key)
    settings.write(
        session,
        each.key,
        {**before, each.field: value},
        who=who,
        default={each.field: each.default},
    )
