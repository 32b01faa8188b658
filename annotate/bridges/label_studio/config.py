"""Write the labelling config, and check that of a project that is to be adopted."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from annotate.errors import BridgeError
from annotate.labelling.ledger.spans import SPAN_KINDS
from annotate.labelling.verdicts import ASPECTS, ERROR_TAGS, VERDICTS

HOTKEYS = dict(zip(VERDICTS, ("1", "2", "3", "4", "5", "0"), strict=True))
DATA_FIELDS = (
    "pair_id",
    "order",
    "language",
    "cluster",
    "question",
    "answer_a",
    "answer_b",
    "passages_a",
    "passages_b",
)
_SHOWN = ("answer_a", "answer_b")  # without these nobody can judge


def labelling_config() -> str:
    """Return the labelling config; it is checked with label-studio-sdk where that is installed.

    The verdict is a `Choices` control, not `Pairwise`, which knows neither ties nor hotkeys. The
    answers can be marked; aspects and errors are folded away and optional.
    """
    verdicts = "\n".join(
        f'    <Choice value="{verdict}" hotkey="{HOTKEYS[verdict]}"/>' for verdict in VERDICTS
    )
    config = f"""<View>
  <Header value="$question"/>
  <View style="display: grid; grid-template-columns: 1fr 1fr; gap: 1rem">
{_side("a")}
{_side("b")}
  </View>
  <Choices name="verdict" toName="answer_a" choice="single" required="true" showInline="true">
{verdicts}
  </Choices>
  <Collapse>
    <Panel value="Aspects"><View>
{_aspects()}
    </View></Panel>
  </Collapse>
  <TextArea name="comment" toName="answer_a" rows="2" maxSubmissions="1"/>
</View>"""
    validate_locally(config)
    return config


def validate_locally(config: str) -> None:
    """Check a config with label-studio-sdk, where that is installed; raise BridgeError when it is wrong."""
    try:
        from label_studio_sdk.label_interface import LabelInterface
    except ImportError:
        return
    try:
        LabelInterface(config).validate()
    except Exception as error:  # the SDK raises bare exceptions of many kinds
        raise BridgeError(f"not a labelling config: {str(error).splitlines()[0]}") from error


def check_config(config: str, project: str) -> None:
    """Raise BridgeError, naming what is missing, when our tasks cannot be judged under a project's config."""
    try:
        root = fromstring(config)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BridgeError(f"{project}: its labelling config cannot be read: {error}") from error
    problems = [*_missing_verdicts(root), *_missing_texts(root)]
    if problems:
        raise BridgeError(f"{project} cannot be adopted: its labelling config {'; '.join(problems)}")


def _missing_verdicts(root: Element) -> list[str]:
    if root.find(".//Pairwise") is not None:
        return []
    control = next((found for found in root.iter("Choices") if found.get("name") == "verdict"), None)
    if control is None:
        return ["has no <Choices name='verdict'> and no <Pairwise>"]
    offered = {str(choice.get("alias") or choice.get("value")) for choice in control.iter("Choice")}
    missing = [verdict for verdict in VERDICTS if verdict not in offered]
    unknown = sorted(offered - set(VERDICTS))
    return [
        *([f"lacks the verdicts {', '.join(missing)}"] if missing else []),
        *([f"offers verdicts unknown here: {', '.join(unknown)}"] if unknown else []),
    ]


def _missing_texts(root: Element) -> list[str]:
    used = {
        name
        for element in root.iter()
        for value in element.attrib.values()
        for name in re.findall(r"\$(\w+)", str(value))
    }
    missing = [f"${name}" for name in _SHOWN if name not in used]
    foreign = [f"${name}" for name in sorted(used - set(DATA_FIELDS))]
    return [
        *([f"does not show {', '.join(missing)}"] if missing else []),
        *([f"wants {', '.join(foreign)}, which our tasks do not have"] if foreign else []),
    ]


def _side(side: str) -> str:
    kinds = "".join(f'<Label value="{kind}"/>' for kind in SPAN_KINDS)
    errors = "".join(f'<Choice value="{tag}"/>' for tag in ERROR_TAGS)
    return f"""    <View>
      <Header value="{side.upper()}" size="5"/>
      <HyperTextLabels name="spans_{side}" toName="answer_{side}">{kinds}</HyperTextLabels>
      <HyperText name="answer_{side}" value="$answer_{side}" granularity="word"/>
      <Collapse>
        <Panel value="Passages"><View>
          <HyperText name="passages_{side}" value="$passages_{side}"/>
        </View></Panel>
        <Panel value="Errors"><View>
          <Choices name="tags_{side}" toName="answer_{side}" choice="multiple">{errors}</Choices>
        </View></Panel>
      </Collapse>
    </View>"""


def _aspects() -> str:
    choices = "".join(f'<Choice value="{side}"/>' for side in ("A", "tie", "B"))
    return "\n".join(
        f'      <Header value="{aspect.replace("_", " ")}" size="6"/>'
        f'<Choices name="aspect_{aspect}" toName="answer_a" choice="single" showInline="true">'
        f"{choices}</Choices>"
        for aspect in ASPECTS
    )
