"""The words of the inventory workbook in French."""

from maillon.inventory.wording import Wording

FRENCH = Wording(
    datasets="Jeux de données",
    files="Fichiers",
    help="Aide",
    lists="Listes",
    columns={
        "identifier": ("Référence", "Un code court que vous choisissez, différent pour chaque jeu de données, par "
                       "exemple ENV-001. Ne le changez plus ensuite : c'est lui qui permet de reconnaître le jeu."),
        "title": ("Titre", "Le nom du jeu de données, comme vous le diriez à un habitant. "
                  "Exemple : Arbres des parcs communaux."),
        "description": ("Description", "Deux ou trois phrases simples : que contiennent les données, d'où viennent-"
                        "elles, à quoi servent-elles ?"),
        "theme": ("Thème", "Choisissez dans la liste. S'il y en a plusieurs, séparez-les par un point-virgule ( ; )."),
        "keyword": ("Mots-clés", "Les mots qu'une personne taperait pour trouver ces données. Séparez-les par un "
                    "point-virgule ( ; ). Exemple : arbre ; parc ; nature."),
        "publisher": ("Organisme responsable", "Le nom complet de l'administration qui publie les données."),
        "contact.name": ("Service à contacter", "Le nom du service (pas d'une personne) qui répond aux questions."),
        "contact.email": ("E-mail de contact", "L'adresse e-mail du service. Préférez une adresse générale, comme "
                          "opendata@commune.example, à celle d'une personne."),
        "license": ("Licence", "Ce que les autres peuvent faire des données. Choisissez dans la liste. "
                    "CC0 : tout est permis. Attribution : tout est permis si l'on cite la source."),
        "access_rights": ("Accès", "Qui peut consulter les données ? Le plus souvent : public."),
        "frequency": ("Mise à jour", "À quelle fréquence les données changent-elles ? Choisissez dans la liste."),
        "issued": ("Date de publication", "Le jour de la première publication. Exemple : 31/12/2024."),
        "modified": ("Dernière modification", "Le jour de la dernière modification. Exemple : 31/12/2024."),
        "spatial": ("Territoire", "La commune, la province ou la région que les données décrivent."),
        "temporal.start": ("Début de la période", "Les données parlent de quelle période ? Ici, le premier jour."),
        "temporal.end": ("Fin de la période", "Le dernier jour de la période. Laissez vide si elle continue."),
        "language": ("Langue", "La langue des données. Choisissez dans la liste."),
        "landing_page": ("Page web", "L'adresse de la page qui présente les données. Elle commence par https://."),
        "file.dataset": ("Référence du jeu de données", "La référence écrite dans la feuille « Jeux de données ». "
                         "Choisissez-la dans la liste."),
        "file.access_url": ("Adresse du fichier", "L'adresse web complète du fichier. Elle commence par https://."),
        "file.format": ("Format", "Le type de fichier. Choisissez dans la liste."),
        "file.title": ("Nom du fichier", "Un nom simple. Exemple : Liste des arbres 2024."),
        "file.description": ("Description", "Ce que ce fichier a de particulier, si c'est utile."),
        "file.modified": ("Dernière modification", "Le jour de la dernière modification. Exemple : 31/12/2024."),
        "file.language": ("Langue", "La langue du fichier. Choisissez dans la liste."),
    },
    languages={"fr": "en français", "nl": "en néerlandais", "de": "en allemand", "en": "en anglais"},
    other_language="Facultatif : le même texte dans cette langue, si vous l'avez.",
    required="À remplir.",
    choose="Choisissez dans la liste.",
    wrong_choice=("Pas dans la liste", "Cette valeur n'est pas dans la liste. Choisissez une valeur de la liste, ou "
                  "gardez la vôtre si vous en êtes sûr."),
    wrong_date=("Date illisible", "Écrivez une date, par exemple 31/12/2024."),
    guide=(
        ("À quoi sert ce classeur ?", "À faire la liste de vos données, pour que chacun puisse les trouver. Vous le "
         "remplissez, vous le renvoyez, et nous nous occupons du reste."),
        ("1. Décrivez vos données", "Dans la feuille « Jeux de données », une ligne par jeu de données. Un jeu de "
         "données est un ensemble d'informations sur un même sujet : les arbres, les écoles, le budget..."),
        ("2. Indiquez les fichiers", "Dans la feuille « Fichiers », une ligne par fichier. La première colonne dit à "
         "quel jeu de données le fichier appartient : écrivez-y la référence de ce jeu. Un jeu peut avoir plusieurs "
         "fichiers, ou aucun."),
        ("Les étoiles (*)", "Les colonnes marquées d'une étoile sont à remplir. Les autres aident, mais peuvent rester "
         "vides. N'écrivez pas « néant » ou « - » : laissez la case vide."),
        ("Besoin d'explications ?", "Passez la souris sur le titre d'une colonne : une aide apparaît."),
        ("Les listes", "Beaucoup de cases proposent une liste : cliquez sur la case, puis sur la petite flèche à "
         "droite. Plusieurs thèmes sont possibles : séparez-les par un point-virgule ( ; )."),
        ("Les dates", "Écrivez le jour, le mois et l'année : 31/12/2024. Une année seule (2024) suffit aussi."),
        ("Les exemples", "Les lignes dont la référence commence par « exemple- » sont des exemples. Vous pouvez les "
         "effacer ou les laisser : elles ne seront pas publiées."),
        ("Ce que vous pouvez changer", "Vous pouvez ajouter ou trier des lignes, déplacer ou cacher des colonnes, et "
         "enregistrer avec Excel ou LibreOffice. Ne modifiez pas la ligne 2, qui est cachée : elle permet de "
         "reconnaître les colonnes."),
        ("Et si je me trompe ?", "Ce n'est pas grave. Nous vous dirons quelle case corriger, par exemple « Jeux de "
         "données!D14 » : la feuille, puis la colonne D et la ligne 14."),
        ("Vie privée", "Ce que vous écrivez ici sera public. N'indiquez pas de données personnelles."),
    ),
    example_prefix="exemple-",
    example_datasets=(
        {"identifier": "exemple-arbres", "title.fr": "Arbres des parcs communaux",
         "description.fr": "La liste des arbres des parcs de la commune : espèce, hauteur et emplacement.",
         "theme": "code:ENVI", "keyword.fr": "arbre ; parc ; nature", "publisher.fr": "Commune de Valprairie",
         "contact.name": "Service des espaces verts", "contact.email": "espaces.verts@valprairie.example",
         "license": "code:CC_BY_4_0", "access_rights": "code:PUBLIC", "frequency": "code:ANNUAL",
         "issued": "2023-03-01", "modified": "2024-11-15", "spatial": "Valprairie", "temporal.start": "2023-01-01",
         "temporal.end": "2024-10-31", "language": "code:FRA",
         "landing_page": "https://www.valprairie.example/donnees/arbres", "title.nl": "Bomen in de gemeenteparken"},
        {"identifier": "exemple-budget", "title.fr": "Budget communal",
         "description.fr": "Les recettes et les dépenses de la commune, par année et par service.",
         "theme": "code:ECON", "keyword.fr": "budget ; dépenses", "publisher.fr": "Commune de Valprairie",
         "contact.email": "finances@valprairie.example", "license": "code:CC0", "access_rights": "code:PUBLIC",
         "frequency": "code:ANNUAL", "issued": "2024-01-15", "spatial": "Valprairie", "language": "code:FRA"},
    ),
    example_files=(
        {"dataset": "exemple-arbres", "access_url": "https://www.valprairie.example/donnees/arbres.csv",
         "format": "code:CSV", "title.fr": "Liste des arbres", "modified": "2024-11-15", "language": "code:FRA"},
        {"dataset": "exemple-arbres", "access_url": "https://www.valprairie.example/donnees/arbres.geojson",
         "format": "code:GEOJSON", "title.fr": "Carte des arbres"},
        {"dataset": "exemple-budget", "access_url": "https://www.valprairie.example/donnees/budget.xlsx",
         "format": "code:XLSX", "title.fr": "Budget 2024"},
    ),
)  # fmt: skip
