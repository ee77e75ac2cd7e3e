"""Logical ids: they open, they hide, they admit no change, and they are FHIR's."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fhir_facade.errors import StateUnavailable
from fhir_facade.identity.alphabet import read
from fhir_facade.identity.sealing import Opened, Sealer
from fhir_facade.keys import PatientKey
from fhir_facade.state.database import Database
from fhir_facade.state.numbers import LongNumbers
from tests.identity.conftest import AUTHORITIES, KEY, OLDER

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
ANNA, NOT_ANNA = PatientKey("riverside", "1001"), PatientKey("clinic", "1001")
TYPES = st.sampled_from(["Invoice", "Account", "Appointment", "PaymentNotice", "DocumentReference"])
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)  # lone surrogates and NUL too
PATIENTS = st.builds(PatientKey, st.sampled_from(AUTHORITIES), ANY_TEXT)
many = settings(max_examples=150, deadline=None)


def minted(sealer: Sealer, type: str, key: PatientKey, own: str) -> str:
    """An id of any type, about ``key``."""
    if type == "Patient":
        return sealer.patient(key)
    return sealer.support(type, *key) if type in ("Location", "Practitioner") else sealer.record(type, key, own)


ALL_TYPES = st.one_of(TYPES, st.sampled_from(["Patient", "Location", "Practitioner"]))


@many
@given(ALL_TYPES, PATIENTS, ANY_TEXT)
def test_an_id_opens_as_whom_it_is_about(sealer: Sealer, type: str, key: PatientKey, own: str) -> None:
    assert sealer.open(type, minted(sealer, type, key, own)) == Opened(*key)


@many
@given(ALL_TYPES, PATIENTS, ANY_TEXT)
def test_an_id_is_one_that_fhir_allows_whatever_the_numbers(
    sealer: Sealer, type: str, key: PatientKey, own: str
) -> None:
    id = minted(sealer, type, key, own)
    assert FHIR_ID.fullmatch(id)
    assert not id.startswith(".")
    assert not id.endswith(".")


@many
@given(ALL_TYPES, st.sampled_from(AUTHORITIES), st.text("0123456789ABCabc.-", min_size=6, max_size=60))
def test_an_id_does_not_show_the_number(sealer: Sealer, type: str, authority: str, number: str) -> None:
    id = minted(sealer, type, PatientKey(authority, number), number)
    assert number not in id
    assert number.encode() not in (read(id) or b"")
    assert authority not in id


@many
@given(ALL_TYPES, PATIENTS, ANY_TEXT, st.data())
def test_a_changed_character_opens_nothing(
    sealer: Sealer, type: str, key: PatientKey, own: str, data: st.DataObject
) -> None:
    id = minted(sealer, type, key, own)
    place = data.draw(st.integers(0, len(id) - 1))
    changed = id[:place] + data.draw(st.characters()) + id[place + 1 :]
    assume(changed != id)
    opened = sealer.open(type, changed)
    if opened is not None:  # only the part that says which record: then it is the id of none of the patient's
        assert opened == Opened(*key)
        assert place >= len(id) - 17
        assert sealer.own_number(type, changed, key, [own]) is None


@pytest.mark.parametrize("value", ["1", "12", "123", "0123456789abcdef"])  # each way that base64 can end
def test_no_other_spelling_of_an_id_opens(sealer: Sealer, value: str) -> None:
    key = PatientKey("riverside", value)
    id, record = sealer.patient(key), sealer.record("Invoice", key, "7")
    for letter in string.ascii_letters + string.digits + ".-_=+/ \n%":
        for changed in {id[:place] + letter + id[place + 1 :] for place in range(len(id))} - {id}:
            assert sealer.open("Patient", changed) is None
        changed = record[:-1] + letter
        assert changed == record or sealer.own_number("Invoice", changed, key, ["7"]) is None
    assert [sealer.open("Patient", other) for other in (f"{id}=", f"{id}==", f" {id}", f"{id}\n", "")] == [None] * 5


def test_no_id_begins_or_ends_with_a_full_stop(sealer: Sealer) -> None:
    ids = [sealer.patient(PatientKey("riverside", f"{number:05}")) for number in range(1_000)]
    ids += [sealer.record("Invoice", PatientKey("riverside", "123456"), str(number)) for number in range(1_000)]
    assert any("." in id for id in ids)
    assert not [id for id in ids if id.strip(".") != id]


@many
@given(ALL_TYPES, st.one_of(st.text(max_size=70), st.text("ABCxyz019.-", min_size=20, max_size=64)))
def test_any_other_text_opens_nothing(sealer: Sealer, type: str, text: str) -> None:
    assert sealer.open(type, text) is None


@many
@given(ANY_TEXT)
def test_a_type_that_nobody_has_opens_nothing(sealer: Sealer, type: str) -> None:
    assume(type != "Patient")
    assert sealer.open(type, sealer.patient(ANNA)) is None


@many
@given(TYPES, TYPES, PATIENTS, ANY_TEXT)
def test_an_id_opens_as_its_own_type_only(sealer: Sealer, type: str, other: str, key: PatientKey, own: str) -> None:
    assert (sealer.open(other, sealer.record(type, key, own)) is not None) == (type == other)


def test_the_same_number_at_two_authorities_is_two_people(sealer: Sealer) -> None:
    assert sealer.patient(ANNA) != sealer.patient(NOT_ANNA)
    assert sealer.record("Invoice", ANNA, "7") != sealer.record("Invoice", NOT_ANNA, "7")
    assert sealer.support("Location", *ANNA) != sealer.support("Location", *NOT_ANNA)


@many
@given(TYPES, PATIENTS, st.lists(ANY_TEXT, unique=True, min_size=2, max_size=5))
def test_each_record_of_a_patient_has_an_id_of_its_own(
    sealer: Sealer, type: str, key: PatientKey, owns: list[str]
) -> None:
    ids = [sealer.record(type, key, own) for own in owns]
    assert len(set(ids)) == len(ids)
    assert [sealer.own_number(type, id, key, owns) for id in ids] == owns


def test_ids_are_the_same_after_a_restart(numbers: LongNumbers) -> None:
    def ids() -> list[str]:
        sealer = Sealer([KEY], AUTHORITIES, numbers)
        return [minted(sealer, type, ANNA, "7") for type in ("Patient", "Location", "Invoice")]

    assert ids() == ids()


def test_ids_stay_what_they_were_in_the_first_release(numbers: LongNumbers) -> None:
    # A change here makes every id that was ever given out a 404.
    sealer = Sealer(["the secret of the first release, kept for good"], AUTHORITIES, numbers)
    assert sealer.patient(ANNA) == "mqwW7YQmGrwuHQpwNP5rUuGM9HmtzMvcjQ"
    assert sealer.record("Invoice", ANNA, "7") == "AP.eLfuQMRouj9e.KLIIwlWb4ymmd8z2sUdtnp8Q-c1w7QLarA"
    assert (
        sealer.support("Location", "riverside", "a place with a long number")
        == "tK8Q0UrvR6OmT6Z0TVf.mg-1haveuy1.He1S5RFwD3kQDs1j"
    )


def test_another_sites_ids_open_nothing(sealer: Sealer, numbers: LongNumbers) -> None:
    elsewhere = Sealer([OLDER], AUTHORITIES, numbers)
    assert sealer.open("Patient", elsewhere.patient(ANNA)) is None


def test_the_ids_of_an_authority_that_was_removed_open_nothing(sealer: Sealer, numbers: LongNumbers) -> None:
    without = Sealer([KEY], ["lakeside"], numbers)
    assert without.open("Patient", sealer.patient(ANNA)) is None
    assert without.open("Invoice", sealer.record("Invoice", ANNA, "7")) is None


@pytest.mark.parametrize("value", ["1001", "a number of more than fifteen bytes"])
def test_an_older_secret_opens_and_the_newest_seals(numbers: LongNumbers, value: str) -> None:
    key = PatientKey("riverside", value)
    before, after = Sealer([OLDER], AUTHORITIES, numbers), Sealer([KEY, OLDER], AUTHORITIES, numbers)
    old, new = before.record("Invoice", key, "7"), after.record("Invoice", key, "7")
    assert new == Sealer([KEY], AUTHORITIES, numbers).record("Invoice", key, "7") != old
    assert after.open("Invoice", old) == Opened(*key, current=False)
    assert after.open("Invoice", new) == Opened(*key, current=True)
    assert [after.own_number("Invoice", id, key, ["6", "7"]) for id in (old, new)] == ["7", "7"]
    assert after.open("Patient", before.patient(key)) == Opened(*key, current=False)


def test_a_number_too_long_for_an_id_is_found_in_the_state(database: Database, numbers: LongNumbers) -> None:
    key = PatientKey("clinic", "0123456789abcdef")  # sixteen bytes
    id = Sealer([KEY], AUTHORITIES, numbers).record("Invoice", key, "7")
    assert len(id) == 64
    assert Sealer([KEY], AUTHORITIES, LongNumbers(database)).open("Invoice", id) == Opened(*key)


def test_a_long_number_that_the_state_lost_opens_nothing(sealer: Sealer) -> None:
    id = sealer.patient(PatientKey("clinic", "0123456789abcdef"))
    empty = Database("sqlite:///:memory:")
    empty.create()
    assert Sealer([KEY], AUTHORITIES, LongNumbers(empty)).open("Patient", id) is None
    empty.close()


def test_a_state_that_is_down_is_said_and_is_no_missing_patient(sealer: Sealer) -> None:
    id = sealer.patient(PatientKey("clinic", "0123456789abcdef"))
    down = Database("sqlite:////nowhere/at/all/state.db")
    with pytest.raises(StateUnavailable):
        Sealer([KEY], AUTHORITIES, LongNumbers(down)).open("Patient", id)
    down.close()


def test_authorities_that_look_alike_inside_an_id_are_refused(numbers: LongNumbers) -> None:
    Sealer([KEY], ["group-15976", "group-15976"], numbers)
    with pytest.raises(ValueError, match="'group-15976' and 'group-65084' look alike"):
        Sealer([KEY], ["group-15976", "group-65084"], numbers)


@pytest.mark.parametrize("keys", [[], [""], [b""]])
def test_nothing_is_sealed_without_a_secret(numbers: LongNumbers, keys: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Sealer(keys, AUTHORITIES, numbers)
