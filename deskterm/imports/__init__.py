"""Bring a desk's customers in from CSV files: companies, contacts, contracts, services, items, known solutions.

Reading collects every problem of a file by line, planning says what would be new or changed, and carrying out writes
only what differs: importing a file twice is importing it once.
"""

from deskterm.imports.columns import KINDS, ImportProblem
from deskterm.imports.planning import Plan, carry_out, plan
from deskterm.imports.rows import Row, Rows, read

__all__ = ["KINDS", "ImportProblem", "Plan", "Row", "Rows", "carry_out", "plan", "read"]
