"""What the columns of an import may be called, and which field of a record each fills."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from deskterm.desk.fold import fold
from deskterm.desk.records.customers import Company, Contact, Contract, Entry, Item, Service, Solution

MODELS: Final[dict[str, type[Entry]]] = {
    "companies": Company,
    "contacts": Contact,
    "contracts": Contract,
    "services": Service,
    "items": Item,
    "solutions": Solution,
}
"""What a file may hold, and the record each of its rows becomes."""
KINDS: Final = tuple(MODELS)

SYNONYMS: Final[dict[str, dict[str, str]]] = {
    "": {
        "id": "key", "number": "key", "no": "key", "telephone": "phone", "tel": "phone", "phone_number": "phone",
        "mobile_phone": "mobile", "cell": "mobile", "e_mail": "email", "mail": "email", "email_address": "email",
        "notes": "note", "site_names": "sites", "lang": "language", "company_key": "company", "customer": "company",
        "customer_number": "company", "customer_key": "company", "company_id": "company", "account": "company",
    },
    "companies": {
        "customer_number": "key", "customer_key": "key", "company_key": "key", "company_id": "key", "account": "key",
        "company": "name", "company_name": "name", "customer": "name", "customer_name": "name",
        "manager": "account_manager",
    },
    "contacts": {"full_name": "name", "contact": "name", "contact_name": "name", "contact_id": "key",
                 "contact_key": "key", "number": "", "main": "is_main", "main_contact": "is_main",
                 "preferred": "prefers", "preferred_channel": "prefers",
                 "job": "role", "job_title": "role"},
    "contracts": {"contract": "key", "contract_number": "key", "contract_id": "key", "contract_no": "key",
                  "level": "service_level", "sla": "service_level", "start": "starts", "start_date": "starts",
                  "end": "ends", "end_date": "ends", "required": "requires", "required_fields": "requires"},
    "services": {"service": "name", "service_id": "key", "service_key": "key", "service_name": "name",
                 "circuit_id": "circuit", "contract_number": "contract"},
    "items": {"serial": "key", "serial_number": "key", "serial_no": "key", "s_n": "key", "manufacturer": "make",
              "place": "location", "contract_number": "contract", "service_id": "service"},
    "solutions": {"solution": "title", "name": "title", "keywords": "words", "answer": "resolution"},
}  # fmt: skip
"""Other names that columns go by: for every kind, and for one."""

Line = tuple[int, list[str]]
"""A line of a file by its number, and its cells."""


@dataclass(frozen=True, slots=True, order=True)
class ImportProblem:
    """What is wrong, and where: a line of the file from 1, and the column as the file calls it."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.message}"


def fields_of(kind: str, header: Line, problems: list[ImportProblem]) -> list[str]:
    """The field each column fills; an empty string for one that is unknown, which is a problem."""
    known = [name for name in MODELS[kind].model_fields if name != "kind"]
    others = {**SYNONYMS[""], **SYNONYMS[kind]}
    fields: list[str] = []
    for written in header[1]:
        name = re.sub(r"[^\w]+", "_", fold(written)).strip("_")
        field = name if name in known else others.get(name, "")
        if field not in known:
            field = ""
            near = get_close_matches(name, [*known, *others], 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            message = f"There is no such column.{hint} The columns of {kind} are {', '.join(known)}."
            problems.append(ImportProblem(header[0], written.strip() or "(empty)", message))
        elif field in fields:
            problems.append(ImportProblem(header[0], written.strip(), f"Another column fills {field} already."))
        fields.append(field)
    if not problems:
        needed = [name for name, about in MODELS[kind].model_fields.items() if about.is_required()]
        # A contact without a number of their own is known by company and name.
        missing = [n for n in needed if n not in fields and (kind, n) != ("contacts", "key")]
        problems += [ImportProblem(header[0], n, "This column is missing, and every row needs it.") for n in missing]
    return fields
