"""What the properties of records are called, for people who read no vocabularies.

Turns prefixed names (``dct:license``) into texts in the language of the request, after the labels and usage notes of
DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.0/) and of what is seen beside it on data.gov.be.
"""

from maillon.web.wording import _


def names() -> dict[str, str]:
    """Return what each property is called, by its prefixed name; it is asked once for a whole table."""
    return {**_said_of_all(), **_of_datasets(), **_when_and_where(), **_of_files(), **_of_bodies()}


def _said_of_all() -> dict[str, str]:
    return {
        "rdf:type": _("Class"),
        "dct:title": _("Title"),
        "dct:alternative": _("Other title"),
        "dct:description": _("Description"),
        "dct:identifier": _("Identifier"),
        "adms:identifier": _("Other identifier"),
        "skos:notation": _("Identifier"),
        "dct:language": _("Language"),
        "dct:type": _("Kind"),
        "rdfs:label": _("Name"),
        "skos:prefLabel": _("Name"),
        "rdf:value": _("Value"),
        "dct:license": _("Licence"),
        "dct:rights": _("Rights"),
        "dct:accessRights": _("Access"),
        "dct:conformsTo": _("Conforms to"),
        "dct:provenance": _("Origin"),
        "foaf:page": _("Documentation"),
        "owl:sameAs": _("Same as"),
        "adms:status": _("Status"),
        "dct:relation": _("Related to"),
        "dct:source": _("Made from"),
        "dct:isReferencedBy": _("Mentioned by"),
        "dct:references": _("Mentions"),
    }


def _of_datasets() -> dict[str, str]:
    return {
        "dcat:theme": _("Theme"),
        "dcat:keyword": _("Keyword"),
        "dct:subject": _("Subject"),
        "dcat:landingPage": _("Page of the publisher"),
        "dcat:distribution": _("File or service"),
        "adms:sample": _("Sample of the data"),
        "dcat:inSeries": _("Part of the series"),
        "dct:isPartOf": _("Part of"),
        "dct:hasPart": _("Has part"),
        "dcat:hasVersion": _("Other version"),
        "dct:isVersionOf": _("Version of"),
        "dcat:version": _("Version"),
        "owl:versionInfo": _("Version"),
        "adms:versionNotes": _("What is new in this version"),
        "dct:accrualPeriodicity": _("Update frequency"),
        "dcatap:hvdCategory": _("High-value category"),
        "dcatap:applicableLegislation": _("Applicable legislation"),
        "dcatap:availability": _("Planned availability"),
    }


def _when_and_where() -> dict[str, str]:
    return {
        "dct:issued": _("First published"),
        "dct:modified": _("Last updated"),
        "dct:created": _("Made on"),
        "dct:spatial": _("Area covered"),
        "dct:temporal": _("Period covered"),
        "dcat:startDate": _("Beginning"),
        "dcat:endDate": _("End"),
        "time:hasBeginning": _("Beginning"),
        "time:hasEnd": _("End"),
        "dcat:bbox": _("Rectangle around it"),
        "dcat:centroid": _("Centre"),
        "locn:geometry": _("Outline"),
        "dcat:spatialResolutionInMeters": _("Spatial resolution in metres"),
        "dcat:temporalResolution": _("Time between two values"),
    }


def _of_files() -> dict[str, str]:
    return {
        "dcat:accessURL": _("Address that leads to the data"),
        "dcat:downloadURL": _("Address of the file"),
        "dct:format": _("Format"),
        "dcat:mediaType": _("Media type"),
        "dcat:compressFormat": _("Compression"),
        "dcat:packageFormat": _("Package format"),
        "dcat:byteSize": _("Size in bytes"),
        "spdx:checksum": _("Checksum"),
        "spdx:checksumValue": _("Checksum"),
        "spdx:algorithm": _("Algorithm"),
        "dcat:accessService": _("Data service"),
        "dcat:servesDataset": _("Dataset"),
        "dcat:endpointURL": _("Address of the service"),
        "dcat:endpointDescription": _("Technical description"),
        "odrl:hasPolicy": _("Terms of use"),
    }


def _of_bodies() -> dict[str, str]:
    return {
        "dct:publisher": _("Published by"),
        "dct:creator": _("Made by"),
        "dct:contributor": _("Contributor"),
        "dct:rightsHolder": _("Holder of the rights"),
        "geodcatap:custodian": _("Kept by"),
        "geodcatap:originator": _("Made by"),
        "dcat:contactPoint": _("Contact point"),
        "prov:qualifiedAttribution": _("Who did what"),
        "prov:agent": _("Person or organisation"),
        "dcat:hadRole": _("Role"),
        "foaf:name": _("Name"),
        "foaf:givenName": _("First name"),
        "foaf:familyName": _("Family name"),
        "foaf:mbox": _("E-mail"),
        "foaf:homepage": _("Website"),
        "foaf:workPlaceHomepage": _("Website"),
        "org:memberOf": _("Member of"),
        "vcard:fn": _("Name"),
        "vcard:organization-name": _("Organisation"),
        "vcard:hasEmail": _("E-mail"),
        "vcard:hasTelephone": _("Telephone"),
        "vcard:hasURL": _("Website"),
    }
