"""Turns the keywords and topic categories of ISO 19115 into themes and keywords of GeoDCAT-AP 3.

An anchor is a concept: its address becomes the theme, because its text is that concept's label. High-value dataset
categories, their legislation and INSPIRE's service categories have properties of their own. Text from a thesaurus
becomes both a keyword and a concept in that thesaurus; other text a keyword.
"""

import re
from typing import Final

from lxml import etree
from pyoxigraph import NamedNode

from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf
from maillon import authority

HVD: Final = "http://data.europa.eu/eli/reg_impl/2023/138/oj"  # Implementing Regulation (EU) 2023/138
_SERVICE_CATEGORY: Final = rdf.CODELIST + "SpatialDataServiceCategory/"
_CATEGORY: Final = re.compile(
    r"(?:human(?:Interaction|CatalogueViewer|GeographicViewer|ServiceEditor|FeatureGeneralizationEditor)"
    r"|(?:info|spatial|thematic|temporal|metadata)[A-Z]\w*(?:Service|Services))"
)
# Codes and English and French labels of the 34 themes of Directive 2007/2/EC (INSPIRE registry, theme register).
_THEMES: Final = {
    "ac": "atmospheric conditions|conditions atmosphériques", "ad": "addresses|adresses",
    "af": "agricultural and aquaculture facilities|installations agricoles et aquacoles",
    "am": "area management/restriction/regulation zones and reporting units"
          "|zones de gestion, de restriction ou de réglementation et unités de déclaration",
    "au": "administrative units|unités administratives",
    "br": "bio-geographical regions|régions biogéographiques", "bu": "buildings|bâtiments",
    "cp": "cadastral parcels|parcelles cadastrales", "ef": "environmental monitoring facilities"
          "|installations de suivi environnemental",
    "el": "elevation|altitude", "er": "energy resources|sources d'énergie", "ge": "geology|géologie",
    "gg": "geographical grid systems|systèmes de maillage géographique",
    "gn": "geographical names|dénominations géographiques", "hb": "habitats and biotopes|habitats et biotopes",
    "hh": "human health and safety|santé et sécurité des personnes", "hy": "hydrography|hydrographie",
    "lc": "land cover|occupation des terres", "lu": "land use|usage des sols",
    "mf": "meteorological geographical features|caractéristiques géographiques météorologiques",
    "mr": "mineral resources|ressources minérales", "nz": "natural risk zones|zones à risque naturel",
    "of": "oceanographic geographical features|caractéristiques géographiques océanographiques",
    "oi": "orthoimagery|ortho-imagerie",
    "pd": "population distribution - demography|population distribution — demography"
          "|répartition de la population — démographie",
    "pf": "production and industrial facilities|lieux de production et sites industriels",
    "ps": "protected sites|sites protégés", "rs": "coordinate reference systems|référentiels de coordonnées",
    "sd": "species distribution|répartition des espèces", "so": "soil|sols", "sr": "sea regions|régions maritimes",
    "su": "statistical units|unités statistiques", "tn": "transport networks|réseaux de transport",
    "us": "utility and governmental services|services d'utilité publique et services publics",
}  # fmt: skip
_THEME_BY_LABEL: Final = {label: code for code, labels in _THEMES.items() for label in labels.split("|")}


def add(node: rdf.Node, identification: etree._Element, reader: iso.Reader) -> None:
    """Add all keywords and topic categories to a resource."""
    for block in identification.findall("descriptiveKeywords/MD_Keywords"):
        thesaurus = block.find("thesaurusName/CI_Citation")
        keywords = block.findall("keyword")
        for keyword in keywords:
            _keyword(node, keyword, thesaurus, reader, is_alone=len(keywords) == 1)
    for element in identification.findall("topicCategory"):
        code = iso.code(element, ".")
        if re.fullmatch(r"[A-Za-z]{3,60}", code):
            node.add("geodcatap:topicCategory", NamedNode(f"{rdf.CODELIST}TopicCategory/{code}"))


def _keyword(
    node: rdf.Node, keyword: etree._Element, thesaurus: etree._Element | None, reader: iso.Reader, is_alone: bool
) -> None:
    text = iso.value(keyword)
    concept = rdf.web(iso.href(keyword)) or rdf.web(text)
    if concept is None and _CATEGORY.fullmatch(text):
        concept = NamedNode(_SERVICE_CATEGORY + text)
    if concept is None and thesaurus is not None and "inspire" in iso.value(thesaurus, "title").lower():
        theme = _THEME_BY_LABEL.get(re.sub(r"\s+", " ", text.lower().replace("’", "'")))
        concept = NamedNode(f"http://inspire.ec.europa.eu/theme/{theme}") if theme else None
    if concept is not None:
        node.add(_property(concept.value), concept)
        return
    texts = reader.texts(keyword)
    if thesaurus is None and is_alone and len(texts) == 1:
        # One element with "water, rivers, lakes" holds three keywords; labels of a thesaurus may hold commas.
        parts = (rdf.literal(part, texts[0].language or "") for part in re.split(r"[,;]", texts[0].value))
        texts = [part for part in parts if part is not None]
    node.add("dcat:keyword", *texts)
    if thesaurus is not None and texts:
        _concept(node, keyword, thesaurus, reader)


def _property(concept: str) -> str:
    if concept.startswith(_SERVICE_CATEGORY):
        return "geodcatap:serviceCategory"
    if concept == HVD:
        return "dcatap:applicableLegislation"
    return "dcatap:hvdCategory" if authority.lookup("hvd-category", concept) else "dcat:theme"


def _concept(node: rdf.Node, keyword: etree._Element, thesaurus: etree._Element, reader: iso.Reader) -> None:
    titles = reader.texts(thesaurus, "title")
    if not titles:
        return
    child = node.embed("dcat:theme", "skos:Concept")
    child.add("skos:prefLabel", *reader.texts(keyword))
    scheme = reader.reference(thesaurus, "title")
    if scheme is not None:
        child.add("skos:inScheme", scheme)
    else:
        child.embed("skos:inScheme", "skos:ConceptScheme").add("dct:title", *titles)
