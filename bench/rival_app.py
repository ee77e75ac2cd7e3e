"""fhirstarter serving Invoices from memory, as its own documentation shows it; run by the Python of ``.venv-bench``.

``rival_app.py FILE PORT``: FILE is a searchset of Invoices.  They are made models once; ``GET /Invoice?patient=``
answers with a Bundle of those of a patient, ``GET /Invoice/{id}`` with one of them.
"""
# mypy: ignore-errors
# no "from __future__ import annotations": fhirstarter reads the handlers' annotations

import json
import os
import sys
from pathlib import Path

os.environ["FHIR_SEQUENCE"] = "R4B"

import uvicorn
from fhir.resources.R4B.bundle import Bundle, BundleEntry
from fhir.resources.R4B.invoice import Invoice
from fhirstarter import FHIRProvider, FHIRStarter, InteractionContext
from fhirstarter.exceptions import FHIRResourceNotFoundError


def provider(invoices: list[Invoice]) -> FHIRProvider:
    """Read and search over Invoices in memory."""
    by_id = {invoice.id: invoice for invoice in invoices}
    by_patient: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        by_patient.setdefault(invoice.subject.reference, []).append(invoice)
    found = FHIRProvider()

    async def read(context: InteractionContext, id_: str) -> Invoice:
        if id_ not in by_id:
            raise FHIRResourceNotFoundError
        return by_id[id_]

    async def search(context: InteractionContext, patient: str | None) -> Bundle:
        matches = by_patient.get(patient or "", [])
        entries = [BundleEntry.model_construct(resource=invoice) for invoice in matches]
        return Bundle.model_construct(type="searchset", total=len(entries), entry=entries)

    found.read(Invoice)(read)
    found.search_type(Invoice)(search)
    return found


def main(file: str, port: str) -> None:
    """Serve with uvicorn, one worker, without an access log."""
    entries = json.loads(Path(file).read_bytes())["entry"]
    app = FHIRStarter(title="rival")
    app.add_providers(provider([Invoice.model_validate(entry["resource"]) for entry in entries]))
    uvicorn.run(app, host="127.0.0.1", port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
