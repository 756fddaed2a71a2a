"""The replay, sentence by sentence of the rules of history (§6.4), on Cases told by hand."""

from datetime import timedelta

import pytest

from genesys_crm_assets_tests.dimensions.crm import CASE, CREATED, READ, Crm, at

ANNA, BEN = "005000000000001AAA", "005000000000002AAA"


@pytest.mark.shows("S0-60", "S0-61")
def test_a_case_whose_status_changed_twice_has_three_versions_half_open_and_adjacent():
    crm = Crm()
    crm.tell(200, status="Closed")
    crm.change(100, "Status", "New", "Open")
    crm.change(200, "Status", "Open", "Closed")
    assert crm.story("status") == [(0, "New", "created"), (100, "Open", "history"), (200, "Closed", "history")]
    ends = [(row["valid_to"], row["is_current"]) for row in crm.versions()]
    assert ends == [(at(100), False), (at(200), False), (None, True)]


@pytest.mark.shows("S0-62")
def test_the_first_reading_alone_already_gives_the_past_that_history_tells():
    crm = Crm()
    crm.tell(500, status="Open", priority="High")
    crm.change(100, "Status", "New", "Open")
    assert [(row["status"], row["priority"]) for row in crm.versions()] == [("New", "High"), ("Open", "High")]


def test_without_history_rows_a_value_is_the_first_tellings_from_the_beginning():
    crm = Crm(covered=False)
    crm.tell(50, type="Question")
    assert crm.story("type") == [(0, "Question", "created")]


def test_an_old_value_of_null_stands_before_the_first_row():
    """Null is a value: a priority that was empty until somebody set it."""
    crm = Crm()
    crm.tell(100, priority="High")
    crm.change(100, "Priority", None, "High")
    assert crm.story("priority") == [(0, None, "created"), (100, "High", "history")]


@pytest.mark.shows("S0-63")
def test_a_telling_that_history_does_not_explain_is_observed_at_its_systemmodstamp():
    """Describe does not tell which fields an org tracks."""
    crm = Crm()
    crm.tell(10, type="Question")
    crm.tell(300, type="Problem")
    assert crm.story("type") == [(0, "Question", "created"), (300, "Problem", "observed")]


def test_a_telling_that_differs_by_null_is_observed():
    crm = Crm()
    crm.tell(10, type="Question")
    crm.tell(300, type=None)
    crm.tell(400, type="Problem")
    assert crm.story("type") == [(0, "Question", "created"), (300, None, "observed"), (400, "Problem", "observed")]


def test_a_systemmodstamp_that_moved_without_a_tracked_change_makes_no_version():
    crm = Crm()
    crm.tell(10, status="New", case_number="1")
    crm.tell(300, status="New", case_number="2")
    assert [(row["status"], row["case_number"]) for row in crm.versions()] == [("New", "2")]


def test_untracked_columns_hold_the_latest_value_in_every_version():
    crm = Crm()
    crm.tell(10, status="New", origin="Web", is_escalated=False)
    crm.tell(200, status="Closed", origin="Phone", is_escalated=True, closed_at=at(200))
    crm.change(200, "Status", "New", "Closed")
    assert {(row["origin"], row["is_escalated"], row["closed_at"]) for row in crm.versions()} == {("Phone", True, at(200))}
    assert len(crm.versions()) == 2


def test_what_was_observed_stands_until_something_else_says_otherwise():
    crm = Crm()
    crm.tell(10, type="Question")
    crm.tell(300, type="Problem")
    crm.tell(400, type="Problem", status="Open")
    crm.change(500, "Type", "Problem", "Question")
    crm.tell(600, type="Other")
    story = [(seconds, value) for seconds, value, _ in crm.story("type")]
    assert story == [(0, "Problem"), (10, "Question"), (300, "Problem"), (400, "Problem"), (500, "Question"), (600, "Other")]


def test_a_telling_may_say_what_history_says_again_after_an_observation():
    crm = Crm()
    crm.tell(10, type="Question")
    crm.tell(300, type="Problem")
    crm.tell(400, type="Question")
    assert crm.story("type") == [(0, "Question", "created"), (300, "Problem", "observed"), (400, "Question", "observed")]


def test_history_wins_over_an_observation_of_the_same_second():
    crm = Crm()
    crm.tell(100, status="Working")
    crm.change(100, "Status", "New", "Open")
    assert crm.story("status") == [(0, "New", "created"), (100, "Open", "history")]


def test_a_field_history_does_not_track_is_observed_in_the_second_of_one_it_does():
    """One save moves both: it is one version, and history knows its moment."""
    crm = Crm()
    crm.tell(10, status="New", type="Question")
    crm.tell(100, status="Open", type="Problem")
    crm.change(100, "Status", "New", "Open")
    assert [(row["status"], row["type"], row["change_source"]) for row in crm.versions()] == [
        ("New", "Question", "created"),
        ("Open", "Problem", "history"),
    ]


def test_an_observation_waits_until_the_history_of_its_moment_was_read_after_it():
    crm = Crm(covered=False)
    crm.tell(10, status="New")
    crm.tell(300, status="Open")
    crm.read(READ - timedelta(minutes=1), until=READ)
    crm.read(READ + timedelta(minutes=1), until=at(300))
    crm.read(READ + timedelta(minutes=1), day=CREATED + timedelta(days=1), until=READ)
    assert crm.story("status") == [(0, "New", "created")]
    assert crm.proofs()["every_record_staged_has_a_version"]["tellings_waiting"] == 1
    crm.read(READ + timedelta(minutes=1), until=at(301))
    assert crm.story("status") == [(0, "New", "created"), (300, "Open", "observed")]
    assert crm.proofs()["every_record_staged_has_a_version"]["tellings_waiting"] == 0


def test_the_baseline_of_history_covers_every_day_before_it_was_read():
    crm = Crm(covered=False)
    crm.tell(10, status="New")
    crm.tell(300, status="Open")
    crm.read(READ, day=CREATED - timedelta(days=4), until=READ, baseline=True)
    assert crm.story("status") == [(0, "New", "created"), (300, "Open", "observed")]


def test_a_telling_counts_from_when_it_was_first_read():
    """A record read again in its day's partition says nothing new, so it waits for no second reading of history."""
    crm = Crm()
    crm.tell(10, status="New")
    crm.tell(300, status="Open")
    crm.tell(300, status="Open", received_at=READ + timedelta(days=1))
    assert crm.story("status") == [(0, "New", "created"), (300, "Open", "observed")]


def test_an_org_without_field_history_is_observed_at_once():
    crm = Crm(covered=False, SOURCES_ABSENT="field_history")
    crm.tell(10, status="New")
    crm.tell(300, status="Open")
    assert crm.story("status") == [(0, "New", "created"), (300, "Open", "observed")]


def test_changes_within_one_second_make_one_version_ending_where_no_row_begins():
    """Salesforce orders nothing inside a second; the ids are against the order here."""
    crm = Crm()
    crm.tell(100, status="Closed", priority="Low")
    crm.change(100, "Status", "Open", "Closed")
    crm.change(100.4, "Status", "New", "Open")
    crm.change(100.9, "Priority", "High", "Low")
    assert [(row["valid_from"], row["status"], row["priority"]) for row in crm.versions()] == [
        (CREATED, "New", "High"),
        (at(100), "Closed", "Low"),
    ]


def test_a_chain_through_null_is_followed():
    crm = Crm()
    crm.tell(100, priority="Low")
    crm.change(100, "Priority", None, "Low")
    crm.change(100, "Priority", "High", None)
    assert crm.story("priority") == [(0, "High", "created"), (100, "Low", "history")]


def test_a_change_there_and_back_within_one_second_moves_nothing():
    crm = Crm()
    crm.tell(200, status="Open")
    crm.change(100, "Status", "New", "Open")
    crm.change(150, "Status", "Open", "New")
    crm.change(150, "Status", "New", "Open")
    assert crm.story("status") == [(0, "New", "created"), (100, "Open", "history")]


def test_rows_of_one_second_that_make_no_chain_are_cut_by_their_ids():
    crm = Crm()
    crm.tell(200, status="Closed")
    crm.change(100, "Status", "New", "Open")
    crm.change(100, "Status", "Waiting", "Closed")
    assert crm.story("status") == [(0, "New", "created"), (100, "Closed", "history")]


def test_a_change_at_createddate_makes_no_second_version():
    crm = Crm()
    crm.tell(0, status="Open")
    crm.change(0, "Status", "New", "Open")
    assert crm.story("status") == [(0, "Open", "created")]


def test_rows_without_old_and_new_value_change_nothing():
    crm = Crm()
    crm.tell(100, status="New")
    crm.change(0, "created", None, None)
    crm.change(60, "accountMerged", None, None)
    crm.change(70, "Status", None, None)
    assert crm.story("status") == [(0, "New", "created")]
    assert crm.proofs()["history_rows_that_do_not_fit_are_counted"]["history_rows"] == 0


def test_an_old_value_that_does_not_fit_is_counted_and_the_new_value_stands():
    crm = Crm()
    crm.tell(300, status="Closed")
    crm.change(100, "Status", "New", "Open")
    crm.change(300, "Status", "Waiting", "Closed")
    assert crm.story("status") == [(0, "New", "created"), (100, "Open", "history"), (300, "Closed", "history")]
    assert crm.proofs()["history_rows_that_do_not_fit_are_counted"] == {
        "holds": True,
        "old_values_unfitting": 1,
        "history_rows": 2,
        "offenders": CASE,
    }


@pytest.mark.parametrize("field", ["Owner", "OwnerId"])
def test_of_the_two_rows_of_a_lookup_the_id_row_counts(field: str):
    """A name of fifteen letters could pass for an id; ids of these objects begin with 00."""
    crm = Crm()
    crm.tell(100, owner_id=BEN)
    crm.change(100, field, "Bartholomewanna", "Ben Ericsson")
    crm.change(100, field, ANNA[:15], BEN)
    crm.change(200, field, "Ben Ericsson", None)
    assert crm.story("owner_id") == [(0, ANNA, "created"), (100, BEN, "history")]


def test_ids_of_fifteen_characters_in_history_are_lengthened_by_their_checksum():
    crm = Crm()
    crm.tell(100, owner_id="00GdL000001AbCDUA0")
    crm.change(100, "OwnerId", "005dL000004QXyZ", "00GdL000001AbCD")
    owners = [row["owner_id"] for row in crm.versions()]
    assert [owner[:15] for owner in owners] == ["005dL000004QXyZ", "00GdL000001AbCD"]
    assert [len(owner) for owner in owners] == [18, 18]


def test_an_id_whose_checksum_is_wrong_is_no_id():
    crm = Crm()
    crm.tell(100, owner_id=ANNA)
    crm.change(50, "OwnerId", "005000000000002AAB", ANNA)
    assert crm.story("owner_id") == [(0, ANNA, "created")]


def test_a_history_row_that_was_deleted_with_its_record_happened_all_the_same():
    crm = Crm()
    crm.tell(300, status="Open", is_deleted=True)
    crm.change(100, "Status", "New", "Open", is_deleted=True)
    assert crm.story("status") == [(0, "New", "created"), (100, "Open", "history")]


@pytest.mark.shows("S0-47")
def test_deletion_closes_the_last_version_and_undeletion_opens_a_new_one():
    crm = Crm()
    crm.tell(10, status="New")
    crm.tell(100, status="New", is_deleted=True)
    crm.tell(150, status="New", is_deleted=True)
    assert [(row["valid_to"], row["is_current"], row["is_deleted"], row["surviving_id"]) for row in crm.versions()] == [
        (at(100), False, True, None)
    ]
    crm.tell(200, status="New")
    spans = [(row["valid_from"], row["valid_to"], row["change_source"], row["is_deleted"]) for row in crm.versions()]
    assert spans == [(CREATED, at(100), "created", False), (at(200), None, "observed", False)]
    assert {row["surviving_id"] for row in crm.versions()} == {CASE}
    assert all(figures["holds"] for figures in crm.proofs().values())


def test_a_deletion_needs_no_history_to_be_believed():
    crm = Crm(covered=False)
    crm.tell(10, status="New")
    crm.tell(100, status="New", is_deleted=True)
    assert [row["valid_to"] for row in crm.versions()] == [at(100)]


def test_a_case_deleted_in_the_second_it_was_created_keeps_its_one_version():
    crm = Crm()
    crm.tell(0, status="New", is_deleted=True)
    assert [(row["valid_from"], row["valid_to"], row["is_current"]) for row in crm.versions()] == [(CREATED, CREATED, False)]


def test_what_changed_in_the_second_of_the_deletion_makes_no_version_of_no_length():
    crm = Crm()
    crm.tell(10, status="New")
    crm.tell(100, status="Closed", is_deleted=True)
    crm.change(100, "Status", "New", "Closed")
    assert crm.story("status") == [(0, "New", "created")]


def test_what_changed_while_deleted_opens_with_the_undeletion():
    crm = Crm()
    crm.tell(10, status="New")
    crm.tell(100, status="New", is_deleted=True)
    crm.tell(200, status="Open")
    assert crm.story("status") == [(0, "New", "created"), (200, "Open", "observed")]


def test_a_record_that_later_days_do_not_tell_stays_as_it_is():
    """An empty extract never ends a version."""
    crm = Crm()
    crm.tell(10, status="New")
    crm.read(READ + timedelta(days=3), day=CREATED + timedelta(days=3))
    assert [(row["valid_to"], row["is_current"]) for row in crm.versions()] == [(None, True)]


def test_nothing_told_is_an_empty_dimension_whose_proofs_hold():
    crm = Crm()
    assert crm.versions() == []
    assert all(figures["holds"] for figures in crm.proofs().values())


def test_history_of_a_record_nobody_told_makes_no_version():
    crm = Crm()
    crm.tell(10, status="New")
    crm.change(100, "Status", "New", "Open", record="500000000000009AAA")
    assert {row["case_id"] for row in crm.versions()} == {CASE}


def test_the_latest_of_two_tellings_of_one_systemmodstamp_counts():
    """A formula moves no SystemModstamp."""
    crm = Crm()
    crm.tell(10, status="New", case_number="1", received_at=READ + timedelta(minutes=5))
    crm.tell(10, status="New", case_number="2", received_at=READ)
    assert [row["case_number"] for row in crm.versions()] == ["1"]


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        ("update aside set valid_to = valid_to + interval 1 second where valid_to is not null", "versions_of_a_record_do_not_overlap"),
        ("update aside set is_current = true", "a_living_record_has_one_current_version_and_a_deleted_one_none"),
        ("update aside set is_deleted = true", "a_living_record_has_one_current_version_and_a_deleted_one_none"),
        ("update aside set status = 'same'", "neighbouring_versions_differ_in_a_tracked_column"),
        ("delete from aside", "every_record_staged_has_a_version"),
    ],
)
def test_the_proofs_fail_on_a_history_that_is_not_one(spoil: str, broken: str):
    crm = Crm()
    crm.tell(200, status="Open")
    crm.change(100, "Status", "New", "Open")
    assert [name for name, figures in crm.proofs(spoil).items() if not figures["holds"]] == [broken]
    assert crm.proofs(spoil)[broken]["offenders"] == CASE
