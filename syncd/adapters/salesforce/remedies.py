"""What a person can do about an error, by Salesforce's code for it (salesforce.md 6.2)."""

from __future__ import annotations

REMEDIES: dict[str, str] = {
    "REQUIRED_FIELD_MISSING": "map the field, or give it a value in on_create",
    "STRING_TOO_LONG": "shorten the text in propstreet, or make the field longer in salesforce's setup",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "a validation rule of the org refuses it: correct the record or the rule",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "add the value to the picklist, or map it to one; see `syncd check`",
    "INACTIVE_OWNER_OR_USER": "give the record an active owner in salesforce",
    "DUPLICATES_DETECTED": "a duplicate rule refuses it: merge the records, or stamp the one that exists with our id",
    "INVALID_EMAIL_ADDRESS": "salesforce does not take it for an e-mail address: correct it in propstreet",
    "DUPLICATE_EXTERNAL_ID": "several records carry our id: clear it on all but one",
    "INVALID_FIELD": "the field is missing or hidden from us: see `syncd setup`, then grant it in a permission set",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "let our user edit the field, or let it flow to propstreet only",
    "INVALID_TYPE": "the object is missing or hidden from us: correct `object`, or grant it in a permission set",
    "INVALID_CROSS_REFERENCE_KEY": "the record that it points to is gone or not shared with us",
    "ENTITY_IS_LOCKED": "an approval process holds the record: finish it, then syncd held retry",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "a trigger or flow of the org failed: ask its administrator",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "a flow of the org failed: ask its administrator",
    "FIELD_INTEGRITY_EXCEPTION": "the org does not take this value: correct it in propstreet",
    "NUMBER_OUTSIDE_VALID_RANGE": "the field keeps fewer digits: make it larger in salesforce's setup",
    "STORAGE_LIMIT_EXCEEDED": "the org's storage is full: make room, then syncd held retry",
    "DELETE_FAILED": "other records depend on it: delete those first",
    "API_DISABLED_FOR_ORG": "this edition of salesforce has no API: ask salesforce for API access",
    "TXN_SECURITY_METERING_ERROR": "exempt our user from the org's transaction security policies",
}
