"""``maillon repairs`` and ``rules``: what was repaired of a source, as a list or a patch, and by which rules."""

from collections import Counter
from collections.abc import Iterator

import click

from maillon import repair
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.errors import OperatorError
from maillon.ledger import Ledger
from maillon.ledger import repairs as stored
from maillon.repair import Application, patches
from maillon.settings import LANGUAGES, Settings

_FORMS = ("summary", "csv", "sparql-update", "rdf-patch")


def _applications(settings: Settings, source: str, rule: str) -> Iterator[tuple[str, list[Application]]]:
    """Yield the IRIs of a source's published entities with what is repaired of each."""
    with Ledger(settings.ledger) as ledger:
        if source not in {row.name for row in ledger.sources()}:
            raise OperatorError(f"{source!r} was never harvested: `maillon sources` lists the sources.")
        with ledger.reading() as connection:
            for row, _hash in stored.of_source(connection, source):
                done = [item for item in repair.unpack(row.applied) if rule in ("", item.rule)]
                if done:
                    yield row.iri, done


def _summary(applied: Iterator[tuple[str, list[Application]]], as_json: bool) -> None:
    times: Counter[str] = Counter()
    records: Counter[str] = Counter()
    for _iri, done in applied:
        times.update(item.rule for item in done)
        records.update({item.rule for item in done})
    titles = {rule.id: rule.title["en"] for rule in repair.RULES}
    rows = [(rule, number, records[rule], titles.get(rule, "")) for rule, number in times.most_common()]
    if not as_json:
        table(("rule", "times", "records", "what it does"), rows)
        return
    for rule, number, entities, title in rows:
        json_line({"rule": rule, "times": number, "records": entities, "title": title})


@click.command("repairs")
@click.argument("source")
@with_settings
@click.option("--as", "form", type=click.Choice(_FORMS), default="summary", show_default=True, help="What to write.")
@click.option("--rule", default="", help="Only what this rule repaired.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the rules' titles.")
@as_json
def repairs_command(settings: Settings, source: str, form: str, rule: str, language: str, as_json: bool) -> None:
    """Show what was repaired of SOURCE: per rule how often, or a patch with which the source can do the same."""
    if rule and rule not in repair.BY_ID:
        raise OperatorError(f"There is no rule {rule!r}: `maillon rules` lists them.")
    applied = _applications(settings, source, rule)
    if form == "summary":
        _summary(applied, as_json)
        return
    writers = {
        "csv": lambda: patches.csv_rows(applied, language),
        "sparql-update": lambda: patches.sparql_update(applied, language),
        "rdf-patch": lambda: patches.rdf_patch(applied),
    }
    for text in writers[form]():
        click.echo(text, nl=False)


@click.command("rules")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the titles.")
@as_json
def rules_command(language: str, as_json: bool) -> None:
    """List the repair rules in their order; `repairs_off` in the TOML of a source switches one off."""
    for rule in repair.RULES:
        if as_json:
            json_line({"rule": rule.id, "title": rule.title, "matches": rule.matches, "changes": rule.changes})
    if not as_json:
        table(("rule", "what it does"), [(rule.id, rule.title[language]) for rule in repair.RULES])


COMMANDS = (repairs_command, rules_command)
