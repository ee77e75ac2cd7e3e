"""The sample practice's departments, in three time zones, and its providers."""

from __future__ import annotations

from fhir_facade.sandbox.athenahealth.practice import Practice


def add_sites(practice: Practice) -> None:
    """Riverside: departments 1, 21 and 102 (hidden from the portal).  Lakeside: 62 and 142."""
    practice.add_department(
        "1", "Riverside Main Street", zone="US/Eastern",
        address="100 Main Street", city="Riverside", state="MA", zip="02110", phone="6175550100",
    )  # fmt: skip
    practice.add_department(
        "21", "Riverside Prairie", zone="US/Central",
        address="21 Prairie Road", city="Springfield", state="IL", zip="62701", phone="2175550121",
    )  # fmt: skip
    practice.add_department("102", "Riverside Billing Office", hidden=True, takes_cards=False)
    practice.add_department(
        "62", "Lakeside Cardiology", group="2", zone="US/Eastern",
        address="62 Lake Shore Drive", city="Lakeside", state="OH", zip="43440", phone="4195550162",
    )  # fmt: skip
    practice.add_department(
        "142", "Lakeside Desert Clinic", group="2", zone="US/Mountain", observes_dst=False,
        address="142 Cactus Way", city="Phoenix", state="AZ", zip="85001", phone="6025550142",
    )  # fmt: skip
    practice.add_provider(
        "27",
        first="Nora",
        last="Lindqvist",
        display="Nora Lindqvist, MD",
        npi="1912345677",
        specialty="Family Medicine",
    )
    practice.add_provider("86", first="Peter", last="Adeyemi", specialty="Pediatrics", type="NP")
    practice.add_provider(
        "71", first="Ruth", last="Castellano", display="Ruth Castellano, MD", specialty="Cardiology", groups=("2",)
    )
