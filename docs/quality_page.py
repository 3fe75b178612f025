"""Turns the numbers of ``docs/quality_results.py`` and the words of its TOML into the lines of its page."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from maillon.quality import gains, indicators, lists

WORDS: Final = Path(__file__).with_name("quality_results.toml")
SEVERITIES: Final = ("Violation", "Warning", "Info")
TOP: Final = 20
GAINS: Final = 12


def total(rules: Sequence[Mapping[str, Any]], severity: str, key: str) -> int:
    """Return the number of findings of a severity, ``sent`` or ``left``."""
    return sum(row[key] for row in rules if row["severity"] == severity)


def share(number: float, of: float) -> str:
    """Return a number with what part of all it is."""
    return f"{number:,} ({number / of:.0%})" if of else f"{number:,}"


def on_steps(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of what the run cost."""
    yield "| step | wall s | CPU s | peak MB | |"
    yield "|---|--:|--:|--:|---|"
    harvested, validated, published = (step["said"] for step in found["steps"])
    entities = sum(found["whole"]["entities"].values())
    words = (
        f"{harvested['found']:,} datasets found, {harvested['published']:,} published; {entities:,} entities repaired, "
        "validated, kept",
        f"{validated['versions']:,} entities validated again: {validated['validating']:,} s of CPU for that alone, "
        f"{1000 * validated['validating'] / found['whole']['datasets']:.1f} ms a dataset with all that belongs "
        f"to it; {validated['differ']:,} with other findings",
        f"{published['datasets']:,} datasets scored, {published['triples']:,} triples in the store",
    )
    for step, text in zip(found["steps"], words, strict=True):
        yield f"| {step['name']} | {step['wall']:,.0f} | {step['cpu']:,.0f} | {step['memory']:,} | {text} |"


def on_part(name: str, values: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    """Yield the sections of the whole or of a part."""
    rules, count = values["rules"], values["datasets"]
    entities = ", ".join(f"{number:,} × {kind}" for kind, number in values["entities"].items())
    yield f"\n## {words[f'{name}_title']}\n\n{words[name].strip()}\n\nEntities: {entities}.\n"
    yield "| findings | as sent | after repair |"
    yield "|---|--:|--:|"
    for severity in SEVERITIES:
        yield f"| {severity} | {total(rules, severity, 'sent'):,} | {total(rules, severity, 'left'):,} |"
    yield (
        f"\nDatasets of which nothing breaks what DCAT-AP demands: {share(values['valid'], count)}; nor misses what it "
        f"recommends: {share(values['clean'], count)}.\n"
    )
    yield from on_spread(values["spread"])
    yield f"### The {min(TOP, len(rules))} rules with most findings\n"
    yield "| rule | severity | field | what is wrong | as sent | after repair | records |"
    yield "|---|---|---|---|--:|--:|--:|"
    for row in rules[:TOP]:
        counts = " | ".join(f"{row[key]:,}" for key in ("sent", "left", "records"))
        yield f"| `{row['rule']}` | {row['severity']} | {row['name']} | {cell(row['wrong'])} | {counts} |"
    rest = rules[TOP:]
    yield f"\n{len(rules)} rules have findings; those not shown have {sum(row['left'] for row in rest):,} after repair."
    yield from on_scores(values)


def on_spread(spread: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Yield the shared entities whose violation the most records inherit; nothing where there are none."""
    if not spread:
        return
    yield "A violation in a publisher or contact counts in every dataset that refers to it; those that weigh most:\n"
    yield "| entity | rule | records that refer to it |\n|---|---|--:|"
    yield from (f"| <{iri}> | `{rule}` | {number:,} |" for iri, rule, number in spread)
    yield ""


def on_scores(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield points, ratings, gains and indicators of the whole or of a part."""
    count = values["datasets"]
    yield (
        f"\n### Points\n\n{values['points']:.1f} of 405 on average ({values['rating']}); the best dataset has "
        f"{values['best']}, the worst {values['worst']}.\n\n| rating | datasets |\n|---|--:|"
    )
    yield from (f"| {name} | {share(number, count)} |" for name, number in values["ratings"].items())
    yield "\n| dimension | points on average | of |\n|---|--:|--:|"
    for item in lists.dimensions():
        yield f"| {item.label['en']} | {values['dimensions'][item.name]:.1f} | {item.maximum} |"
    yield "\n### What would gain most\n\n| fix | points in all | on average | values to write | datasets |"
    yield "|---|--:|--:|--:|--:|"
    for fix, points, written, datasets in values["gains"][:GAINS]:
        title = gains.FIXES[fix].title["en"]
        yield f"| {title} | {points:,} | {points / count:.1f} | {written:,} | {share(datasets, count)} |"
    yield "\n### Our own indicators\n\n| indicator | mean | datasets to which it applies |\n|---|--:|--:|"
    for name, (value, known) in values["indicators"].items():
        title = indicators.definitions()[name].title["en"]
        yield f"| {title} | {'not known' if value is None else f'{value:.2f}'} | {share(known, count)} |"


def cell(text: str) -> str:
    """Return a text for a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("{", "&#123;")


def on_federal(found: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[str]:
    """Yield the comparison with the report of the federal portal."""
    federal = words["federal"]
    yield f"\n## {federal['title']}\n\n{federal['introduction'].strip()}\n"
    yield (
        "| what they report | theirs, 2023 | official shapes, 2025 | our rule | ours, as sent | after repair "
        "| why they differ |\n|---|--:|--:|---|--:|--:|---|"
    )
    for row in federal["rows"]:
        part_of = found["whole" if row["of"] == "catalog" else "brussels"]
        of = part_of["entities"].get(row["of"], 0)
        counted = [
            sum(item[key] for item in part_of["rules"] if item["rule"] in row["rules"]) for key in ("sent", "left")
        ]
        ours = " | ".join(share(number, of) for number in counted)
        theirs = share(row["found"], federal["counted"].get(row["of"], 0))
        named = "<br>".join(f"`{name}`" for name in row["rules"])
        least = "at least " if row["found"] == federal["cap"] else ""
        again = share(found["official"].get(row["official"], 0), of) if row["official"] and found["official"] else "–"
        yield f"| {row['severity']}: {row['what']} | {least}{theirs} | {again} | {named} | {ours} | {row['why']} |"
    known = {name for row in federal["rows"] for name in row["rules"]}
    others = [row for row in found["brussels"]["rules"] if row["rule"] not in known]
    yield f"\n{federal['beyond'].strip()}\n"
    for severity in SEVERITIES:
        chosen = [row for row in others if row["severity"] == severity and row["sent"] + row["left"]]
        listed = ", ".join(f"`{row['rule']}` {row['sent']:,} → {row['left']:,}" for row in chosen)
        yield f"- {severity}: {listed or 'none'}."
    yield f"\n{federal['conclusion'].strip()}"


def federal() -> Sequence[Mapping[str, Any]]:
    """Return the rows of the federal report, each with our rules and what stands for it in the official shapes."""
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))["federal"]["rows"]
    return rows


def page(found: Mapping[str, Any]) -> str:
    """Return the page that the numbers of a run make."""
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    lines = [words["introduction"].strip().format(day=found["made"][:10], shapes=found["shapes"]), ""]
    lines += [*on_steps(found), "", words["on_steps"].strip()]
    lines += [*on_part("whole", found["whole"], words), *on_part("brussels", found["brussels"], words)]
    return "\n".join([*lines, *on_federal(found, words)]) + "\n"
