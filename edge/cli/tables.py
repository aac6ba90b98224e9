"""How commands write: tables, and lines that are no markup."""

from rich.table import Table
from rich.text import Text

from edge.cli.door import console


def new_table(*headings: str) -> Table:
    """An empty table; what one copies stays in one piece."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=number == 0)
    return table


def add_row(table: Table, *cells: str) -> None:
    """Cells as they are: a name with brackets in it is no markup."""
    table.add_row(*(Text(cell) for cell in cells))


def say(line: str) -> None:
    """One line, as it is."""
    console.print(line, markup=False, highlight=False)
