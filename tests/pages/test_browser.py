"""The pages in a real Chromium: accessible (axe), usable without JavaScript and at 320 px, in light and dark."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
QUERY = "sparql?lang=fr&query=SELECT+%3Fa+%3Fb+WHERE+%7B+%3Fa+dct%3Atitle+%3Fb+%7D+LIMIT+5"
CHECKED = (
    "fr/", "nl/datasets", "fr/datasets?q=v%C3%A9los&theme=TRAN#filters", "fr/datasets?q=zzzzzz",
    "de/dataset/ville/jeu-1", "fr/dataset/ville/sans-description", "fr/organisations", "nl/organisation/region/nature",
    "fr/sources", "fr/source/ville", "en/sparql", QUERY, "fr/about", "fr/rien", "fr/dataset/ville/disparu",
    "fr/doc/distribution/ville/jeu-1-1", "nl/source/ville/repairs", "fr/source/ville/repairs?rule=outer-blanks",
    "de/source/ville/run/9", "fr/dataset/region/copie-1", "nl/doc/data/ville/stations/1",
    "nl/quality", "fr/source/ville/report", "de/organisation/region/nature/report", "fr/quality/freshness",
    "en/source/ville/findings", "fr/source/ville/findings?rule=urn:maillon:shape:dataset-description",
    "fr/queries", "nl/queries/files-of-a-format",
    "en/queries/datasets-by-publisher?minimum=0", "de/api",
)  # fmt: skip
DIFFICULT = (
    "fr/dataset/difficile/hostile", "fr/dataset/difficile/traduit", "fr/dataset/difficile/long", "nl/datasets?page=3",
    "fr/datasets?sort=title&page=5", "fr/organisations", "fr/doc/distribution/difficile/long-1",
    "fr/source/difficile", "de/source/difficile/repairs", "nl/source/difficile/repairs?rule=outer-blanks",
    "fr/source/difficile/run/6", "fr/source/difficile/run/5", "fr/source/difficile/run/4",
    "de/source/difficile/report", "nl/source/difficile/findings",
    "de/source/difficile/findings?rule=urn:maillon:shape:dataset-description",
)  # fmt: skip


def _driver_starts() -> bool:
    return (
        subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True, check=False).returncode == 0
    )


pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: `apt-get install chromium`"),
    pytest.mark.skipif(not _driver_starts(), reason="the driver does not start: `apt-get install libatomic1`"),
]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a running Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()


def _context(browser: Browser, width: int, scheme: Scheme = "light", scripts: bool = False) -> BrowserContext:
    """Open a window; ``scripts`` is for axe, which is one itself."""
    size: ViewportSize = {"width": width, "height": 800}
    context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts, bypass_csp=scripts)
    context.set_default_timeout(20_000)
    return context


def _open_all(page: Page) -> None:
    """Unfold everything, so that what is folded is checked too."""
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")


def _violations(page: Page) -> list[str]:
    results: dict[str, Any] = Axe().run(page, options=RULES).response
    return [
        f"{found['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for found in results["violations"]
        for node in found["nodes"]
    ]


def _is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    context = _context(browser, width, scheme, scripts=True)
    page = context.new_page()
    for address in CHECKED:
        page.goto(f"{site}/{address}")
        assert not _is_too_wide(page), address
        _open_all(page)
        assert not _is_too_wide(page), address
        assert _violations(page) == [], address
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_difficult_records_are_accessible_and_fit(
    browser: Browser, difficult_site: str, width: int, scheme: Scheme
) -> None:
    context = _context(browser, width, scheme, scripts=True)
    page = context.new_page()
    for address in DIFFICULT:
        page.goto(f"{difficult_site}/{address}")
        _open_all(page)
        assert not _is_too_wide(page), address
        assert _violations(page) == [], address
    context.close()


def test_the_dark_scheme_is_dark(browser: Browser, site: str) -> None:
    colours = {}
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        context = _context(browser, 1280, scheme, scripts=True)
        page = context.new_page()
        page.goto(f"{site}/fr/datasets")
        colours[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()
    assert colours["light"] == "rgb(255, 255, 255)"
    assert colours["dark"] != colours["light"]


def test_a_visitor_finds_filters_and_opens_a_dataset_without_a_script(browser: Browser, site: str) -> None:
    context = _context(browser, 1280)
    page = context.new_page()
    page.goto(f"{site}/")
    page.get_by_role("link", name="Nederlands").click()
    page.get_by_role("searchbox").fill("Brussel")
    page.get_by_role("button", name="Zoeken").click()
    assert page.locator("ul.results > li").count() == 10
    page.get_by_role("checkbox", name="Vervoer").check()
    page.get_by_role("button", name="Filters toepassen").first.click()
    assert page.locator("ul.results > li").count() == 3
    page.get_by_role("link", name="Fietsnetwerk").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Fietsnetwerk"
    page.get_by_role("link", name="Français").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Réseau cyclable"
    context.close()


def test_filters_open_by_a_link_on_a_narrow_screen(browser: Browser, site: str) -> None:
    context = _context(browser, 320)
    page = context.new_page()
    page.goto(f"{site}/fr/datasets")
    box = page.get_by_role("checkbox", name="Transports")
    assert not box.is_visible()
    page.get_by_role("link", name="Filtrer").click()
    assert box.is_visible()
    box.check()
    page.get_by_role("button", name="Appliquer les filtres").first.click()
    assert page.locator("ul.results > li").count() == 3
    context.close()


def test_the_keyboard_reaches_the_content_first(browser: Browser, site: str) -> None:
    context = _context(browser, 1280)
    page = context.new_page()
    page.goto(f"{site}/fr/datasets")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    assert skip.is_visible()
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    context.close()


def test_a_query_is_asked_and_answered_in_a_page(browser: Browser, site: str) -> None:
    context = _context(browser, 1280)
    page = context.new_page()
    page.goto(f"{site}/nl/sparql")
    page.get_by_role("textbox").fill("SELECT (COUNT(*) AS ?n) WHERE { ?d a dcat:Dataset }")
    page.get_by_role("button", name="De vraag uitvoeren").click()
    assert page.get_by_role("cell").first.inner_text() == "12"
    context.close()


def test_nothing_is_loaded_from_elsewhere_and_the_policy_is_kept(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for address in CHECKED[:8]:
        page.goto(f"{site}/{address}")
    assert asked
    assert all(url.startswith((f"{site}/", "data:")) for url in asked)
    assert complaints == []
    context.close()
