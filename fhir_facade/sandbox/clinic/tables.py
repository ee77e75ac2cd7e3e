"""The clinic's own tables.  Amounts are whole cents; times are the clinic's local time, as text.

What is paid online comes into ``online_payments``, and a trigger books it: payments, balances and copays follow.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE sites (
    site_no INTEGER PRIMARY KEY, title TEXT NOT NULL, phone TEXT,
    street TEXT, city TEXT, state TEXT, zip TEXT
);
CREATE TABLE doctors (
    doctor_no INTEGER PRIMARY KEY, family_name TEXT NOT NULL, first_name TEXT NOT NULL, npi TEXT
);
CREATE TABLE patients (
    patient_no INTEGER PRIMARY KEY, family_name TEXT NOT NULL, first_names TEXT NOT NULL,
    born TEXT, sex TEXT CHECK (sex IN ('F', 'M', 'X')), phone TEXT, email TEXT,
    street TEXT, city TEXT, state TEXT, zip TEXT,
    archived INTEGER NOT NULL DEFAULT 0, died TEXT,
    merged_into INTEGER REFERENCES patients
);
CREATE TABLE invoices (
    invoice_no TEXT PRIMARY KEY, patient_no INTEGER NOT NULL REFERENCES patients,
    site_no INTEGER REFERENCES sites, doctor_no INTEGER REFERENCES doctors,
    issued_on TEXT, service_on TEXT, due_on TEXT,
    stage TEXT NOT NULL CHECK (stage IN ('OPEN', 'CLOSED', 'INSURER', 'REFUND', 'VOID', 'ERROR')),
    insurer_paid_cents INTEGER, insurer_pending_cents INTEGER, written_off_cents INTEGER,
    open_cents INTEGER NOT NULL, agency INTEGER NOT NULL DEFAULT 0, remark TEXT
);
CREATE TABLE invoice_lines (
    invoice_no TEXT NOT NULL REFERENCES invoices, line INTEGER NOT NULL,
    cpt TEXT, modifiers TEXT, label TEXT, done_on TEXT, cents INTEGER NOT NULL,
    PRIMARY KEY (invoice_no, line)
);
CREATE TABLE appointments (
    appointment_no INTEGER PRIMARY KEY, patient_no INTEGER NOT NULL REFERENCES patients,
    site_no INTEGER REFERENCES sites, doctor_no INTEGER REFERENCES doctors,
    starts_at TEXT NOT NULL, minutes INTEGER, reason TEXT, reason_code TEXT,
    progress TEXT NOT NULL CHECK (progress IN ('PLANNED', 'HERE', 'DONE', 'CANCELLED', 'MISSED')),
    copay_cents INTEGER, copay_paid_cents INTEGER
);
CREATE TABLE payments (
    payment_no INTEGER PRIMARY KEY, patient_no INTEGER NOT NULL REFERENCES patients,
    taken_at TEXT NOT NULL, cents INTEGER NOT NULL, tender TEXT, last4 TEXT,
    appointment_no INTEGER REFERENCES appointments, reversed INTEGER NOT NULL DEFAULT 0,
    online_id TEXT UNIQUE
);
CREATE TABLE payment_invoices (
    payment_no INTEGER NOT NULL REFERENCES payments, invoice_no TEXT NOT NULL REFERENCES invoices,
    cents INTEGER NOT NULL, PRIMARY KEY (payment_no, invoice_no)
);
CREATE INDEX invoices_patient ON invoices (patient_no);
CREATE INDEX appointments_patient ON appointments (patient_no);
CREATE INDEX payments_patient ON payments (patient_no);
CREATE UNIQUE INDEX invoice_of_a_patient ON invoices (invoice_no, patient_no);
CREATE UNIQUE INDEX appointment_of_a_patient ON appointments (appointment_no, patient_no);
CREATE TABLE online_payments (
    online_id TEXT NOT NULL, part INTEGER NOT NULL, patient_no INTEGER NOT NULL REFERENCES patients,
    invoice_no TEXT, appointment_no INTEGER, cents INTEGER NOT NULL CHECK (cents > 0),
    taken_at TEXT NOT NULL, tender TEXT, last4 TEXT,
    PRIMARY KEY (online_id, part),
    FOREIGN KEY (invoice_no, patient_no) REFERENCES invoices (invoice_no, patient_no),
    FOREIGN KEY (appointment_no, patient_no) REFERENCES appointments (appointment_no, patient_no)
);
CREATE INDEX online_payments_patient ON online_payments (patient_no);
CREATE TRIGGER online_payment_is_booked AFTER INSERT ON online_payments BEGIN
    INSERT INTO payments (patient_no, taken_at, cents, tender, last4, appointment_no, online_id)
    VALUES (NEW.patient_no, NEW.taken_at, NEW.cents, NEW.tender, NEW.last4, NEW.appointment_no, NEW.online_id)
    ON CONFLICT (online_id) DO UPDATE
    SET cents = cents + excluded.cents, appointment_no = coalesce(excluded.appointment_no, appointment_no);
    INSERT INTO payment_invoices (payment_no, invoice_no, cents)
    SELECT payment_no, NEW.invoice_no, NEW.cents FROM payments
     WHERE online_id = NEW.online_id AND NEW.invoice_no IS NOT NULL;
    UPDATE invoices SET open_cents = open_cents - NEW.cents,
           stage = CASE WHEN open_cents > NEW.cents THEN stage
                        WHEN open_cents = NEW.cents THEN 'CLOSED' ELSE 'REFUND' END
     WHERE invoice_no = NEW.invoice_no;
    UPDATE appointments SET copay_paid_cents = coalesce(copay_paid_cents, 0) + NEW.cents
     WHERE appointment_no = NEW.appointment_no;
END;
"""
