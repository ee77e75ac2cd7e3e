"""How the sql backend reads the clinic, a query for each kind of record, and how it tells the clinic of payments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ZONE = "America/Chicago"

QUERIES: Mapping[str, str] = {
    "persons": """
SELECT p.patient_no AS number, p.family_name AS family, p.first_names AS given, p.born AS birth_date,
       CASE p.sex WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' WHEN 'X' THEN 'other' END AS gender,
       NOT p.archived AS active, p.died AS deceased, p.phone, p.email,
       p.street AS address_lines, p.city AS address_city, p.state AS address_state, p.zip AS address_postal_code,
       (SELECT group_concat(old.patient_no) FROM patients AS old WHERE old.merged_into = p.patient_no) AS previous
  FROM patients AS p
 WHERE p.merged_into IS NULL
""",
    "bills": """
SELECT i.invoice_no AS number, i.patient_no AS patient,
       CASE i.stage WHEN 'OPEN' THEN 'owed' WHEN 'CLOSED' THEN 'settled' WHEN 'INSURER' THEN 'pending'
                    WHEN 'REFUND' THEN 'credit' WHEN 'VOID' THEN 'cancelled' WHEN 'ERROR' THEN 'mistake' END AS state,
       (SELECT sum(l.cents) FROM invoice_lines AS l WHERE l.invoice_no = i.invoice_no) AS billed,
       i.open_cents AS due, i.insurer_paid_cents AS insurance_paid, i.insurer_pending_cents AS insurance_pending,
       i.written_off_cents AS adjusted,
       (SELECT sum(s.cents) FROM payment_invoices AS s JOIN payments AS p USING (payment_no)
         WHERE s.invoice_no = i.invoice_no AND NOT p.reversed) AS patient_paid,
       i.issued_on AS created, i.service_on AS service_date, i.due_on AS due_date,
       i.stage = 'OPEN' AND i.open_cents > 0 AND NOT i.agency AS collectable,
       'P-' || i.patient_no AS account, i.site_no AS place, i.doctor_no AS practitioner, i.remark AS description
  FROM invoices AS i
""",
    "charges": """
SELECT invoice_no AS bill, line, cpt AS code, modifiers, label AS description, done_on AS date, cents AS amount
  FROM invoice_lines
""",
    "accounts": """
SELECT 'P-' || p.patient_no AS number, p.patient_no AS patient, 'Harbor Clinic' AS name,
       coalesce(sum(i.open_cents), 0) - (SELECT coalesce(sum(o.cents), 0) FROM online_payments AS o
         WHERE o.patient_no = p.patient_no AND o.invoice_no IS NULL AND o.appointment_no IS NULL) AS balance,
       coalesce(sum(CASE WHEN i.agency THEN i.open_cents END), 0) AS collections_balance,
       NOT p.archived AS active
  FROM patients AS p LEFT JOIN invoices AS i USING (patient_no)
 WHERE p.merged_into IS NULL
 GROUP BY p.patient_no
""",
    "visits": """
SELECT appointment_no AS number, patient_no AS patient,
       CASE progress WHEN 'PLANNED' THEN 'booked' WHEN 'HERE' THEN 'checked-in' WHEN 'DONE' THEN 'fulfilled'
                     WHEN 'CANCELLED' THEN 'cancelled' WHEN 'MISSED' THEN 'no-show' END AS state,
       starts_at AS start, minutes, reason AS kind, reason_code AS kind_code,
       site_no AS place, doctor_no AS practitioner,
       copay_cents - copay_paid_cents AS copay, copay_paid_cents AS collected
  FROM appointments
""",
    "payments": """
SELECT payment_no AS number, patient_no AS patient, CASE WHEN reversed THEN 'voided' ELSE 'posted' END AS state,
       cents AS amount, taken_at AS taken, 'P-' || patient_no AS account, appointment_no AS visit,
       tender AS method, last4
  FROM payments
""",
    "payment_shares": """
SELECT payment_no AS payment, invoice_no AS bill, cents AS amount FROM payment_invoices
""",
    "places": """
SELECT site_no AS number, title AS name, phone, street AS address_lines, city AS address_city,
       state AS address_state, zip AS address_postal_code
  FROM sites
""",
    "practitioners": """
SELECT doctor_no AS number, family_name AS family, first_name AS given, npi FROM doctors
""",
}


POSTING: Mapping[str, Any] = {
    "via": "statement",
    "statement": """
INSERT INTO online_payments (online_id, part, patient_no, invoice_no, appointment_no, cents, taken_at, tender, last4)
VALUES (:payment, :part, :patient, :bill, :visit, :amount, :captured_at, :method, :last4)
""",
    "found": """
SELECT o.invoice_no AS bill, o.appointment_no AS visit, o.cents AS amount, o.patient_no AS patient,
       p.payment_no AS number
  FROM online_payments AS o JOIN payments AS p USING (online_id)
 WHERE o.online_id = :payment
""",
    "methods": {"visa": "Visa", "mastercard": "MasterCard", "card": "Card", "ach": "Bank transfer"},
}
"""The ``posting`` table of an authority whose payments the clinic books."""


def clinic_settings(path: Path) -> dict[str, Any]:
    """The ``settings`` table of a billing system of type ``sql``: the database at ``path``."""
    return {
        "url": f"sqlite:///{path}",
        "posting_url": f"sqlite:///{path}",
        "timezone": ZONE,
        "amount_unit": "cents",
        "statement_timeout_seconds": 5,
        "queries": dict(QUERIES),
    }
