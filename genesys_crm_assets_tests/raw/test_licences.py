"""An org without a licence: declared, its source is empty and says so; undeclared, the refusal names what to do."""

import pytest

from genesys_crm_assets.raw import licences
from genesys_crm_assets.sources.errors import Exchange, PermissionMissing, RequestRejected


def test_a_declared_source_says_so_in_its_papers():
    assert licences.papers("adherence", {"adherence", "scores"}) == {"absent": "adherence"}
    assert licences.papers("adherence", {"scores"}) == {}


def test_an_undeclared_refusal_names_the_permission_the_source_and_the_variable():
    """§5.2: whoever reads the failure knows both ways out."""
    with pytest.raises(PermissionMissing) as refused, licences.needed("adherence"):
        raise PermissionMissing("The OAuth client may not do this", permission="wfm:historicalAdherence:view")
    assert str(refused.value) == (
        "The OAuth client may not do this. Grant the permission (wfm:historicalAdherence:view), or name adherence in SOURCES_ABSENT "
        "where the org has no licence for it."
    )


def test_an_object_the_org_does_not_have_names_the_variable_too():
    """Salesforce says INVALID_TYPE, not 403, of an object without licence."""
    with pytest.raises(RequestRejected, match="name opportunities in SOURCES_ABSENT"), licences.needed("opportunities"):
        raise RequestRejected("Salesforce refuses", at=Exchange("GET", "/query", 400, "INVALID_TYPE"))


def test_any_other_refusal_stays_as_it_is():
    refusal = RequestRejected("Salesforce refuses", at=Exchange("GET", "/query", 400, "MALFORMED_QUERY"))
    with pytest.raises(RequestRejected) as raised, licences.needed("opportunities"):
        raise refusal
    assert raised.value is refusal
