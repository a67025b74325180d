"""Which label counts when people say different things. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

LATEST, CONSENSUS, ADJUDICATION = "latest", "consensus", "adjudication"
RULES = (LATEST, CONSENSUS, ADJUDICATION)


@dataclass(frozen=True, slots=True)
class Said:
    """A person's vote; ``class_name`` None: taken back."""

    id: int
    who: str
    class_name: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The vote that stands for the label (None: no label), and whether people disagree."""

    vote: Said | None
    disputed: bool


def decide(votes: Sequence[Said], rule: str, experts: Collection[str] = ()) -> Outcome:
    """The current label by ``rule`` from all votes on a picture, oldest first.

    Only the last word of each person counts. *latest*: the newest. *consensus*: what more people say
    than anything else; without that there is no label. *adjudication*: the newest of an expert, else
    what all others agree on. Raises ValueError: no such rule.
    """
    last = {vote.who: vote for vote in votes}
    standing = sorted(
        (vote for vote in last.values() if vote.class_name is not None), key=lambda vote: vote.id
    )
    disputed = len({vote.class_name for vote in standing}) > 1
    match rule:
        case "latest":
            return Outcome(standing[-1] if standing else None, disputed)
        case "consensus":
            return Outcome(_majority(standing), disputed)
        case "adjudication":
            expert = [vote for vote in standing if vote.who in experts]
            if expert:
                return Outcome(expert[-1], disputed=False)
            return Outcome(None if disputed or not standing else standing[-1], disputed)
    raise ValueError(f"there is no rule {rule}; the rules are {', '.join(RULES)}")


def _majority(standing: Sequence[Said]) -> Said | None:
    counts = Counter(vote.class_name for vote in standing).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return [vote for vote in standing if vote.class_name == counts[0][0]][-1]
