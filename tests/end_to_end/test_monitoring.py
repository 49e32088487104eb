"""The alerts and the dashboard of deploy/monitoring name only what the programs really tell."""

import json
import re
import urllib.error
import urllib.request

import pytest

from suite import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
OPERATORS = {"and", "or", "unless", "bool", "offset"}
SET_BY_PROMETHEUS = {"instance"}


def selectors(expression):
    """Each series that a PromQL expression names, with its matchers as (label, operator, value)."""
    text = re.sub(r"\b(by|on|without|ignoring)\s*\([^)]*\)", " ", expression)
    text = re.sub(r"\[[^\]]*\]", " ", text)
    for name, rest in re.findall(r"\b([a-zA-Z_]\w*)\s*(\(|\{[^}]*\})?", text):
        if rest != "(" and name not in OPERATORS:
            yield name, re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', rest)


def rules():
    """Name and expression of each alert. Without a YAML parser, which is not among what tests need."""
    text = (MONITORING / "rules.yaml").read_text()
    found = re.findall(r"- alert: (\w+)\n +expr: (>-\n(?: {10}.*\n)+|.+\n)", text)
    assert len(found) == text.count("- alert:") > 0
    return [(name, " ".join(expression.removeprefix(">-").split())) for name, expression in found]


def dashboard():
    """Title and expression of each line that is drawn."""
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]


@pytest.fixture(scope="module")
def told(suite):
    """What the programs tell: the label sets of each series, by its name."""
    # What media counts of pictures it counts by status, so there is nothing to be seen before the first answer.
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://{suite.address('media_http')}/")
    series = {}
    for service in ("gateway", "article", "media", "recommendation"):
        with urllib.request.urlopen(f"http://127.0.0.1:{suite.ops_port(service)}/metrics") as answer:
            text = answer.read().decode()
        for name, labels in re.findall(r"^([a-z_]+)(?:\{(.*)\})? \S+$", text, re.M):
            series.setdefault(name, []).append(dict(re.findall(r'(\w+)="([^"]*)"', labels)))
    return series


def missing(expression, told):
    """What the expression names and nobody tells. Of patterns only the label: what they match may have to happen first."""
    for name, matchers in selectors(expression):
        wanted = [(label, operator, value) for label, operator, value in matchers if label not in SET_BY_PROMETHEUS]
        if not any(all(label in labels and (operator != "=" or labels[label] == value)
                       for label, operator, value in wanted) for labels in told.get(name, [])):
            yield f"{name} {wanted}"


@pytest.mark.parametrize("expression", [pytest.param(expression, id=name) for name, expression in rules()])
def test_an_alert_waits_for_what_there_is(told, expression):
    assert list(selectors(expression))
    assert not list(missing(expression, told))


def test_the_dashboard_draws_what_there_is(told):
    assert dashboard()
    assert not {title: gone for title, expression in dashboard() if (gone := list(missing(expression, told)))}


def test_series_that_nobody_tells_are_found(told):
    made_up = 'sum by (le) (rate(broadsheet_gone_total{a="b"}[5m])) > 0 or broadsheet_gateway_shed_total{priority="none"} == 1'
    assert len(list(missing(made_up, told))) == 2
    assert list(missing('broadsheet_gateway_shed_total{who=~".+"}', told))
    assert not list(missing('rate(broadsheet_gateway_shed_total{priority="reader", instance="one"}[5m]) unless on (who) '
                            'absent(broadsheet_build_info{service="media"})', told))


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    for alert in re.split(r"- alert: ", (MONITORING / "rules.yaml").read_text())[1:]:
        for part in (r"severity: (critical|warning)\n", r"summary: .{20,}\n", r"description: >-\n( {12}.{20,}\n){1,4}"):
            assert re.search(part, alert), f"{part} in {alert}"
