"""``[options]`` of a spreadsheet source: what is wrong with them is said before anything is read."""

from typing import Any

import pytest

from harvesters import _sheet_plan
from maillon.errors import SourceDefinitionError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colums": {}}, "unknown key colums"),
        ({"columns": {"titel": "A"}}, "no field 'titel': do you mean .*title"),
        ({"columns": {"title": {"français": "A"}}}, "no field 'title.français'"),
        ({"columns": {"title": True}}, "give a column by its header"),
        ({"columns": {"title": 0}}, "give a column by its header"),
        ({"columns": "A"}, "columns = 'A': give a table"),
        ({"columns": {"title": {"label": "x", "column": "B"}}}, 'for layout = "form" only'),
        ({"layout": "cards"}, "layout = 'cards'"),
        ({"header_rows": 0}, "header_rows = 0"),
        ({"header_row": "2"}, "'2': give a whole number"),
        ({"delimiter": ";;"}, "delimiter = ';;': give one sign"),
        ({"encoding": "klingon"}, "encoding = 'klingon'"),
        ({"melt": {"columns": "("}}, "melt: give columns"),
        ({"melt": {"columns": "(", "name": "distribution.title", "value": "distribution.identifier"}}, "no regular"),
        ({"melt": {"columns": "x", "name": "title", "value": "identifier"}}, "fields of distributions"),
        ({"constants": {"license": [["x"]]}}, "give a text"),
        ({"skip_rows": ["x"]}, "give a whole number"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_read(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceDefinitionError, match=message):
        _sheet_plan.plan("test", options)
