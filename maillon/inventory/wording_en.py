"""The words of the inventory workbook in English."""

from maillon.inventory.wording import Wording

ENGLISH = Wording(
    datasets="Datasets",
    files="Files",
    help="Help",
    lists="Lists",
    columns={
        "identifier": ("Reference", "A short code of your choice, a different one for each dataset, such as ENV-001. "
                       "Do not change it later: it is how we recognise the dataset."),
        "title": ("Title", "The name of the dataset, as you would say it to a resident. "
                  "Example: Trees in the town's parks."),
        "description": ("Description", "Two or three simple sentences: what is in the data, where does it come from, "
                        "what is it for?"),
        "theme": ("Theme", "Choose from the list. If there are several, put a semicolon ( ; ) between them."),
        "keyword": ("Keywords", "The words a person would type to find this data. Put a semicolon ( ; ) between them. "
                    "Example: tree ; park ; nature."),
        "publisher": ("Organisation in charge", "The full name of the administration that publishes the data."),
        "contact.name": ("Department to contact", "The name of the department (not of a person) that answers "
                         "questions."),
        "contact.email": ("Contact e-mail", "The department's e-mail address. A general address, such as "
                          "opendata@town.example, is better than that of a person."),
        "license": ("Licence", "What others may do with the data. Choose from the list. "
                    "CC0: everything is allowed. Attribution: everything is allowed if the source is named."),
        "access_rights": ("Access", "Who may see the data? Mostly: public."),
        "frequency": ("Updated", "How often does the data change? Choose from the list."),
        "issued": ("Date published", "The day it was first published. Example: 31/12/2024."),
        "modified": ("Last changed", "The day of the last change. Example: 31/12/2024."),
        "spatial": ("Area", "The municipality, province or region that the data is about."),
        "temporal.start": ("Start of the period", "Which period is the data about? Here, its first day."),
        "temporal.end": ("End of the period", "The last day of the period. Leave empty if it goes on."),
        "language": ("Language", "The language of the data. Choose from the list."),
        "landing_page": ("Web page", "The address of the page about the data. It begins with https://."),
        "file.dataset": ("Reference of the dataset", "The reference written in the sheet 'Datasets'. "
                         "Choose it from the list."),
        "file.access_url": ("Address of the file", "The full web address of the file. It begins with https://."),
        "file.format": ("Format", "The type of file. Choose from the list."),
        "file.title": ("Name of the file", "A simple name. Example: List of trees 2024."),
        "file.description": ("Description", "What is special about this file, if that is useful."),
        "file.modified": ("Last changed", "The day of the last change. Example: 31/12/2024."),
        "file.language": ("Language", "The language of the file. Choose from the list."),
    },
    languages={"fr": "in French", "nl": "in Dutch", "de": "in German", "en": "in English"},
    other_language="Optional: the same text in this language, if you have it.",
    required="Please fill in.",
    choose="Choose from the list.",
    wrong_choice=("Not in the list", "This value is not in the list. Choose one from the list, or keep yours if you "
                  "are sure."),
    wrong_date=("Date not readable", "Write a date, for example 31/12/2024."),
    guide=(
        ("What is this workbook for?", "For listing your data, so that everyone can find it. You fill it in, you send "
         "it back, and we do the rest."),
        ("1. Describe your data", "In the sheet 'Datasets', one row for each dataset. A dataset is all the data on one "
         "subject: the trees, the schools, the budget..."),
        ("2. Name the files", "In the sheet 'Files', one row for each file. The first column says which dataset the "
         "file belongs to: write the reference of that dataset there. A dataset may have several files, or none."),
        ("The stars (*)", "Columns with a star are to be filled in. The others help, but may stay empty. Do not write "
         "'none' or '-': leave the cell empty."),
        ("Do you need an explanation?", "Move the mouse over the title of a column: help appears."),
        ("The lists", "Many cells have a list: click on the cell, then on the small arrow to its right. There may be "
         "several themes: put a semicolon ( ; ) between them."),
        ("The dates", "Write day, month and year: 31/12/2024. The year alone (2024) will do too."),
        ("The examples", "Rows whose reference begins with 'example-' are examples. You may delete them or leave them: "
         "they will not be published."),
        ("What you may change", "You may add or sort rows, move or hide columns, and save with Excel or LibreOffice. "
         "Do not change row 2, which is hidden: it tells us which column is which."),
        ("What if I make a mistake?", "No harm done. We will tell you which cell to correct, for example "
         "'Datasets!D14': the sheet, then column D and row 14."),
        ("Privacy", "What you write here will be public. Do not enter personal data."),
    ),
    example_prefix="example-",
    example_datasets=(
        {"identifier": "example-trees", "title.en": "Trees in the town's parks",
         "description.en": "The list of the trees in the parks of the town: species, height and place.",
         "theme": "code:ENVI", "keyword.en": "tree ; park ; nature", "publisher.en": "Town of Meadowdale",
         "contact.name": "Green spaces department", "contact.email": "green@meadowdale.example",
         "license": "code:CC_BY_4_0", "access_rights": "code:PUBLIC", "frequency": "code:ANNUAL",
         "issued": "2023-03-01", "modified": "2024-11-15", "spatial": "Meadowdale", "temporal.start": "2023-01-01",
         "temporal.end": "2024-10-31", "language": "code:ENG",
         "landing_page": "https://www.meadowdale.example/data/trees", "title.fr": "Arbres des parcs communaux"},
        {"identifier": "example-budget", "title.en": "Budget of the town",
         "description.en": "What the town earns and spends, by year and by department.",
         "theme": "code:ECON", "keyword.en": "budget ; spending", "publisher.en": "Town of Meadowdale",
         "contact.email": "finance@meadowdale.example", "license": "code:CC0", "access_rights": "code:PUBLIC",
         "frequency": "code:ANNUAL", "issued": "2024-01-15", "spatial": "Meadowdale", "language": "code:ENG"},
    ),
    example_files=(
        {"dataset": "example-trees", "access_url": "https://www.meadowdale.example/data/trees.csv",
         "format": "code:CSV", "title.en": "List of the trees", "modified": "2024-11-15", "language": "code:ENG"},
        {"dataset": "example-trees", "access_url": "https://www.meadowdale.example/data/trees.geojson",
         "format": "code:GEOJSON", "title.en": "Map of the trees"},
        {"dataset": "example-budget", "access_url": "https://www.meadowdale.example/data/budget.xlsx",
         "format": "code:XLSX", "title.en": "Budget 2024"},
    ),
)  # fmt: skip
