# Made by `tally contract types --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, TypedDict

from typing_extensions import Required

# anchor.put: Anchors a checkpoint that continues the organization's last one
AnchorPutArguments = TypedDict(
    "AnchorPutArguments",
    {
        "block": Required[int],
        "block_hash": Required[str],
        "tree_size": Required[int],
        "root": Required[str],
        "consistency": List[str],
        "channel": Required[str],
        "genesis": Required[str],
    },
    total=False,
)

AnchorPutAnswer = TypedDict(
    "AnchorPutAnswer",
    {
        "channel": Required[str],
        "block": Required[int],
    },
    total=False,
)

# anchor.open: Opens another channel here, by its genesis block
AnchorOpenArguments = TypedDict(
    "AnchorOpenArguments",
    {
    },
    total=False,
)

AnchorOpenAnswer = TypedDict(
    "AnchorOpenAnswer",
    {
        "channel": Required[str],
        "genesis": Required[str],
        "genesis_ms": Required[int],
        "organizations": List[str],
    },
    total=False,
)

# anchor.change_members: States who a channel's members are now; more than half of them decide
AnchorChangeMembersArguments = TypedDict(
    "AnchorChangeMembersArguments",
    {
        "organizations": Required[List[str]],
        "channel": Required[str],
        "genesis": Required[str],
    },
    total=False,
)

AnchorChangeMembersAnswer = TypedDict(
    "AnchorChangeMembersAnswer",
    {
        "changed": Required[bool],
    },
    total=False,
)

# anchor.channel: An open channel and its organizations, or null
AnchorChannelArguments = TypedDict(
    "AnchorChannelArguments",
    {
        "channel": Required[str],
        "genesis": Required[str],
    },
    total=False,
)

AnchorChannelAnswer = TypedDict(
    "AnchorChannelAnswer",
    {
        "channel": Required[str],
        "genesis": Required[str],
        "genesis_ms": Required[int],
        "organizations": List[str],
    },
    total=False,
)

AnchorChannelAnswer = Optional[AnchorChannelAnswer]

# anchor.latest: Each organization's newest anchor of a channel
AnchorLatestArguments = TypedDict(
    "AnchorLatestArguments",
    {
        "channel": Required[str],
        "genesis": str,
        "limit": int,
        "cursor": str,
    },
    total=False,
)

AnchorLatestAnswerAnchorsItem = TypedDict(
    "AnchorLatestAnswerAnchorsItem",
    {
        "genesis": Required[str],
        "organization": Required[str],
        "block": Required[int],
        "block_hash": Required[str],
        "tree_size": Required[int],
        "root": Required[str],
        "time_ms": Required[int],
    },
    total=False,
)

AnchorLatestAnswer = TypedDict(
    "AnchorLatestAnswer",
    {
        "channel": Required[str],
        "anchors": List[AnchorLatestAnswerAnchorsItem],
        "next": str,
    },
    total=False,
)

# anchor.history: Every anchor of a channel, and where organizations disagree
AnchorHistoryArguments = TypedDict(
    "AnchorHistoryArguments",
    {
        "channel": Required[str],
        "genesis": Required[str],
        "from_block": int,
        "limit": int,
        "cursor": str,
    },
    total=False,
)

AnchorHistoryAnswerAnchorsItem = TypedDict(
    "AnchorHistoryAnswerAnchorsItem",
    {
        "genesis": Required[str],
        "organization": Required[str],
        "block": Required[int],
        "block_hash": Required[str],
        "tree_size": Required[int],
        "root": Required[str],
        "time_ms": Required[int],
    },
    total=False,
)

AnchorHistoryAnswer = TypedDict(
    "AnchorHistoryAnswer",
    {
        "channel": Required[str],
        "anchors": List[AnchorHistoryAnswerAnchorsItem],
        "disagreements": List[int],
        "next": str,
    },
    total=False,
)

# config.propose: Proposes another configuration
ConfigProposeArguments = TypedDict(
    "ConfigProposeArguments",
    {
        "base": Required[str],
        "config": Required[str],
        "text": Required[str],
        "note": str,
    },
    total=False,
)

ConfigProposeAnswer = TypedDict(
    "ConfigProposeAnswer",
    {
        "config": Required[str],
    },
    total=False,
)

# config.approve: Approves a proposed configuration
ConfigApproveArgumentsKnowsContractsItem = TypedDict(
    "ConfigApproveArgumentsKnowsContractsItem",
    {
        "contract": Required[str],
        "version": Required[int],
        "manifest": str,
    },
    total=False,
)

ConfigApproveArgumentsKnows = TypedDict(
    "ConfigApproveArgumentsKnows",
    {
        "rules": Required[int],
        "contracts": List[ConfigApproveArgumentsKnowsContractsItem],
    },
    total=False,
)

ConfigApproveArguments = TypedDict(
    "ConfigApproveArguments",
    {
        "base": Required[str],
        "config": Required[str],
        "expires_ms": Required[int],
        "knows": Required[ConfigApproveArgumentsKnows],
    },
    total=False,
)

ConfigApproveAnswer = TypedDict(
    "ConfigApproveAnswer",
    {
        "config": Required[str],
        "expires_ms": Required[int],
    },
    total=False,
)

# config.withdraw: Withdraws a configuration that the caller's organization proposed
ConfigWithdrawArguments = TypedDict(
    "ConfigWithdrawArguments",
    {
        "config": Required[str],
    },
    total=False,
)

ConfigWithdrawAnswer = TypedDict(
    "ConfigWithdrawAnswer",
    {
        "config": Required[str],
    },
    total=False,
)

# config.show: The configuration as it is
ConfigShowArguments = TypedDict(
    "ConfigShowArguments",
    {
    },
    total=False,
)

ConfigShowAnswer = TypedDict(
    "ConfigShowAnswer",
    {
        "hash": Required[str],
        "version": Required[int],
        "text": Required[str],
    },
    total=False,
)

# config.get: One proposed configuration and who approves it
ConfigGetArguments = TypedDict(
    "ConfigGetArguments",
    {
        "config": Required[str],
    },
    total=False,
)

ConfigGetAnswerApprovalsItem = TypedDict(
    "ConfigGetAnswerApprovalsItem",
    {
        "expired": Required[bool],
        "organization": Required[str],
        "name": Required[str],
        "transaction": Required[str],
        "time_ms": Required[int],
        "expires_ms": Required[int],
    },
    total=False,
)

ConfigGetAnswer = TypedDict(
    "ConfigGetAnswer",
    {
        "config": Required[str],
        "open": Required[bool],
        "enough": Required[bool],
        "note": Required[str],
        "organization": Required[str],
        "name": Required[str],
        "time_ms": Required[int],
        "approvals": List[ConfigGetAnswerApprovalsItem],
        "text": str,
    },
    total=False,
)

# config.proposals: What is proposed and who approves it
ConfigProposalsArguments = TypedDict(
    "ConfigProposalsArguments",
    {
        "limit": int,
        "cursor": str,
    },
    total=False,
)

ConfigProposalsAnswerProposalsItemApprovalsItem = TypedDict(
    "ConfigProposalsAnswerProposalsItemApprovalsItem",
    {
        "expired": Required[bool],
        "organization": Required[str],
        "name": Required[str],
        "transaction": Required[str],
        "time_ms": Required[int],
        "expires_ms": Required[int],
    },
    total=False,
)

ConfigProposalsAnswerProposalsItem = TypedDict(
    "ConfigProposalsAnswerProposalsItem",
    {
        "config": Required[str],
        "open": Required[bool],
        "enough": Required[bool],
        "note": Required[str],
        "organization": Required[str],
        "name": Required[str],
        "time_ms": Required[int],
        "approvals": List[ConfigProposalsAnswerProposalsItemApprovalsItem],
        "text": str,
    },
    total=False,
)

ConfigProposalsAnswer = TypedDict(
    "ConfigProposalsAnswer",
    {
        "needed": Required[str],
        "base": Required[str],
        "proposals": List[ConfigProposalsAnswerProposalsItem],
        "next": str,
    },
    total=False,
)

# data.publish: Stores a record that a device has signed
DataPublishArguments = TypedDict(
    "DataPublishArguments",
    {
        "format": Required[Literal["record", "vitro"]],
    },
    total=False,
)

DataPublishAnswer = Any

# data.attach_series: Stores the series of a record that was published without it
DataAttachSeriesArguments = TypedDict(
    "DataAttachSeriesArguments",
    {
        "device": Required[str],
        "content_id": Required[str],
    },
    total=False,
)

DataAttachSeriesAnswer = TypedDict(
    "DataAttachSeriesAnswer",
    {
        "device": Required[str],
        "sequence": Required[int],
        "content_id": Required[str],
        "transaction": Required[str],
    },
    total=False,
)

# data.find: Where the record with a content id is, or null
DataFindArguments = TypedDict(
    "DataFindArguments",
    {
        "content_id": Required[str],
        "device": str,
    },
    total=False,
)

DataFindAnswer = Any

# data.days: Days of a device or a shard, summarized by field
DataDaysArguments = TypedDict(
    "DataDaysArguments",
    {
        "device": str,
        "shard": str,
        "organization": str,
        "from": int,
        "to": int,
        "fields": List[str],
        "limit": int,
        "cursor": str,
    },
    total=False,
)

DataDaysAnswer = Any

# data.records: A device's records of any kind
DataRecordsArguments = TypedDict(
    "DataRecordsArguments",
    {
        "device": Required[str],
        "kind": Literal["INTERVAL", "KEEPALIVE", "DAILY"],
        "order": Literal["SEQUENCE", "RECEIVED"],
        "limit": int,
        "cursor": str,
    },
    total=False,
)

DataRecordsAnswer = Any

# data.proofs: What ties each day's figures to its device and its transaction
DataProofsArguments = TypedDict(
    "DataProofsArguments",
    {
        "device": Required[str],
        "from": Required[int],
        "to": Required[int],
        "limit": int,
        "cursor": str,
    },
    total=False,
)

DataProofsAnswer = Any

# data.series: Samples by field, raw or resampled, checked against the signed root
DataSeriesArguments = TypedDict(
    "DataSeriesArguments",
    {
        "device": Required[str],
        "from": Required[int],
        "to": Required[int],
        "fields": List[str],
        "interval_s": int,
        "kind": Literal["INTERVAL", "KEEPALIVE", "DAILY"],
        "limit": int,
        "cursor": str,
    },
    total=False,
)

DataSeriesAnswer = Any

# data.gaps: Missing days, rows, values and sequences, and breaks of the chain
DataGapsArguments = TypedDict(
    "DataGapsArguments",
    {
        "device": Required[str],
        "from": Required[int],
        "to": Required[int],
        "from_sequence": int,
        "limit": int,
    },
    total=False,
)

DataGapsAnswer = Any

# data.liveness: When a device, or each device of a shard, was last heard
DataLivenessArguments = TypedDict(
    "DataLivenessArguments",
    {
        "device": str,
        "shard": str,
        "organization": str,
        "limit": int,
        "cursor": str,
    },
    total=False,
)

DataLivenessAnswer = Any

# data.totals: Counters of a device or a shard
DataTotalsArguments = TypedDict(
    "DataTotalsArguments",
    {
        "device": str,
        "shard": str,
        "organization": str,
    },
    total=False,
)

DataTotalsAnswer = Any

# registry.register_schema: Stores a version of a schema
RegistryRegisterSchemaArgumentsFieldsItem = TypedDict(
    "RegistryRegisterSchemaArgumentsFieldsItem",
    {
        "name": Required[str],
        "unit": Required[str],
        "scale": Required[int],
        "summary": str,
    },
    total=False,
)

RegistryRegisterSchemaArguments = TypedDict(
    "RegistryRegisterSchemaArguments",
    {
        "id": Required[str],
        "version": Required[int],
        "fields": Required[List[RegistryRegisterSchemaArgumentsFieldsItem]],
    },
    total=False,
)

RegistryRegisterSchemaAnswer = TypedDict(
    "RegistryRegisterSchemaAnswer",
    {
        "schema": Required[str],
    },
    total=False,
)

# registry.register_device: Registers a device with its key or certificates
RegistryRegisterDeviceArguments = TypedDict(
    "RegistryRegisterDeviceArguments",
    {
        "id": Required[str],
        "shard": Required[str],
        "profile": str,
        "public_key": str,
        "certificate_chain": List[str],
        "proof": str,
        "schemas": List[str],
        "polling_interval_s": Required[int],
        "keepalive_interval_s": Required[int],
        "grace_s": int,
        "max_skew_s": int,
        "late_arrival_s": int,
        "location": str,
        "residency": str,
    },
    total=False,
)

RegistryRegisterDeviceAnswer = TypedDict(
    "RegistryRegisterDeviceAnswer",
    {
        "device": Required[str],
        "shard": Required[str],
        "organization": Required[str],
        "profile": Required[str],
        "pending": bool,
        "fingerprint": str,
        "requested_by": str,
    },
    total=False,
)

# registry.import_devices: Registers many devices, all or none
RegistryImportDevicesArguments = TypedDict(
    "RegistryImportDevicesArguments",
    {
        "devices": Required[List[Any]],
    },
    total=False,
)

RegistryImportDevicesAnswer = TypedDict(
    "RegistryImportDevicesAnswer",
    {
        "devices": Required[int],
        "pending": Required[int],
    },
    total=False,
)

# registry.add_schemas: Lets a device's records follow more schemas
RegistryAddSchemasArguments = TypedDict(
    "RegistryAddSchemasArguments",
    {
        "device": Required[str],
        "schemas": Required[List[str]],
    },
    total=False,
)

RegistryAddSchemasAnswer = TypedDict(
    "RegistryAddSchemasAnswer",
    {
        "device": Required[str],
        "schemas": List[str],
    },
    total=False,
)

# registry.confirm_device: Consents to another organization's device that cannot prove its key
RegistryConfirmDeviceArguments = TypedDict(
    "RegistryConfirmDeviceArguments",
    {
        "organization": Required[str],
        "id": Required[str],
        "fingerprint": Required[str],
    },
    total=False,
)

RegistryConfirmDeviceAnswer = TypedDict(
    "RegistryConfirmDeviceAnswer",
    {
        "device": Required[str],
        "shard": Required[str],
        "organization": Required[str],
        "profile": Required[str],
        "pending": bool,
        "fingerprint": str,
        "requested_by": str,
    },
    total=False,
)

# registry.set_status: Suspends, reinstates or retires a device
RegistrySetStatusArgumentsRepair = TypedDict(
    "RegistrySetStatusArgumentsRepair",
    {
        "repaired_by": str,
        "statement": Required[str],
    },
    total=False,
)

RegistrySetStatusArguments = TypedDict(
    "RegistrySetStatusArguments",
    {
        "device": Required[str],
        "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "reason": Required[str],
        "effective_time_ms": int,
        "repair": RegistrySetStatusArgumentsRepair,
    },
    total=False,
)

RegistrySetStatusAnswerRepair = TypedDict(
    "RegistrySetStatusAnswerRepair",
    {
        "repaired_by": str,
        "statement": Required[str],
    },
    total=False,
)

RegistrySetStatusAnswer = TypedDict(
    "RegistrySetStatusAnswer",
    {
        "device": Required[str],
        "organization": Required[str],
        "shard": Required[str],
        "from": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "to": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "reason": Required[str],
        "effective_ms": Required[int],
        "repair": RegistrySetStatusAnswerRepair,
    },
    total=False,
)

# registry.report_incident: Counts incidents of a device; may suspend it by rule
RegistryReportIncidentArguments = TypedDict(
    "RegistryReportIncidentArguments",
    {
        "device": Required[str],
        "kind": Required[Literal["MISSED_KEEPALIVE", "BAD_SIGNATURE", "CLOCK_SKEW", "OUT_OF_RANGE"]],
        "count": Required[int],
        "evidence": str,
    },
    total=False,
)

RegistryReportIncidentAnswer = TypedDict(
    "RegistryReportIncidentAnswer",
    {
        "device": Required[str],
        "kind": Required[Literal["MISSED_KEEPALIVE", "BAD_SIGNATURE", "CLOCK_SKEW", "OUT_OF_RANGE"]],
        "count": Required[int],
        "total": Required[int],
        "evidence": str,
        "suspended": bool,
    },
    total=False,
)

# registry.set_rules: Sets the caller's organization's rules of automatic suspension
RegistrySetRulesArguments = TypedDict(
    "RegistrySetRulesArguments",
    {
        "missed_keepalives": Required[int],
        "bad_signatures": Required[int],
        "clock_skews": Required[int],
        "out_of_range": Required[int],
    },
    total=False,
)

RegistrySetRulesAnswer = TypedDict(
    "RegistrySetRulesAnswer",
    {
        "missed_keepalives": Required[int],
        "bad_signatures": Required[int],
        "clock_skews": Required[int],
        "out_of_range": Required[int],
    },
    total=False,
)

# registry.rotate_key: Gives a device a new key that the old one has signed
RegistryRotateKeyArguments = TypedDict(
    "RegistryRotateKeyArguments",
    {
        "device": Required[str],
        "certificate_chain": List[str],
        "proof": str,
        "compromised": bool,
    },
    total=False,
)

RegistryRotateKeyAnswer = TypedDict(
    "RegistryRotateKeyAnswer",
    {
        "device": Required[str],
        "epoch": Required[int],
        "fingerprint": Required[str],
        "compromised": bool,
    },
    total=False,
)

# registry.recertify: Gives a device a new certificate chain, and its key
RegistryRecertifyArguments = TypedDict(
    "RegistryRecertifyArguments",
    {
        "device": Required[str],
        "certificate_chain": List[str],
        "proof": str,
        "compromised": bool,
    },
    total=False,
)

RegistryRecertifyAnswer = TypedDict(
    "RegistryRecertifyAnswer",
    {
        "device": Required[str],
        "epoch": Required[int],
        "fingerprint": Required[str],
        "compromised": bool,
    },
    total=False,
)

# registry.add_trust_anchor: Adds a root that the organization's devices are certified under
RegistryAddTrustAnchorArguments = TypedDict(
    "RegistryAddTrustAnchorArguments",
    {
        "pem": Required[str],
    },
    total=False,
)

RegistryAddTrustAnchorAnswer = TypedDict(
    "RegistryAddTrustAnchorAnswer",
    {
        "fingerprint": Required[str],
        "organization": Required[str],
        "subject": Required[str],
    },
    total=False,
)

# registry.revoke_certificate: Revokes a certificate of the organization's devices or authorities
RegistryRevokeCertificateArguments = TypedDict(
    "RegistryRevokeCertificateArguments",
    {
        "certificate": Required[str],
        "reason": Required[str],
    },
    total=False,
)

RegistryRevokeCertificateAnswer = TypedDict(
    "RegistryRevokeCertificateAnswer",
    {
        "fingerprint": Required[str],
        "reason": Required[str],
    },
    total=False,
)

# registry.publish_crl: Stores an authority's revocation list
RegistryPublishCrlArguments = TypedDict(
    "RegistryPublishCrlArguments",
    {
        "pem": Required[str],
        "issuer_chain": List[str],
    },
    total=False,
)

RegistryPublishCrlAnswer = TypedDict(
    "RegistryPublishCrlAnswer",
    {
        "issuer": Required[str],
        "number": Required[int],
        "next_update_ms": Required[int],
    },
    total=False,
)

# registry.get_device: One device
RegistryGetDeviceArguments = TypedDict(
    "RegistryGetDeviceArguments",
    {
        "id": Required[str],
    },
    total=False,
)

RegistryGetDeviceAnswerScheduled = TypedDict(
    "RegistryGetDeviceAnswerScheduled",
    {
        "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "effective_ms": Required[int],
    },
    total=False,
)

RegistryGetDeviceAnswerSuspensionsItem = TypedDict(
    "RegistryGetDeviceAnswerSuspensionsItem",
    {
        "from_ms": Required[int],
        "to_ms": int,
        "reason": Required[str],
    },
    total=False,
)

RegistryGetDeviceAnswerPreviousKeysItem = TypedDict(
    "RegistryGetDeviceAnswerPreviousKeysItem",
    {
        "epoch": Required[int],
        "key": Required[str],
        "until_ms": Required[int],
        "compromised": Required[bool],
    },
    total=False,
)

RegistryGetDeviceAnswerRepair = TypedDict(
    "RegistryGetDeviceAnswerRepair",
    {
        "repaired_by": str,
        "statement": Required[str],
    },
    total=False,
)

RegistryGetDeviceAnswerChange = TypedDict(
    "RegistryGetDeviceAnswerChange",
    {
        "kind": Required[str],
        "time_ms": Required[int],
        "transaction": Required[str],
        "by": Required[str],
        "details": Required[Any],
    },
    total=False,
)

RegistryGetDeviceAnswer = TypedDict(
    "RegistryGetDeviceAnswer",
    {
        "scheduled": RegistryGetDeviceAnswerScheduled,
        "id": Required[str],
        "organization": Required[str],
        "shard": Required[str],
        "profile": Required[str],
        "epoch": Required[int],
        "key": Required[str],
        "certificate_chain": List[str],
        "schemas": List[str],
        "polling_interval_s": Required[int],
        "keepalive_interval_s": Required[int],
        "grace_s": Required[int],
        "max_skew_s": Required[int],
        "late_arrival_s": int,
        "location": str,
        "residency": str,
        "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "effective_ms": Required[int],
        "reason": Required[str],
        "suspensions": List[RegistryGetDeviceAnswerSuspensionsItem],
        "retired_ms": int,
        "registered_ms": Required[int],
        "previous_keys": List[RegistryGetDeviceAnswerPreviousKeysItem],
        "repair": RegistryGetDeviceAnswerRepair,
        "change": Required[RegistryGetDeviceAnswerChange],
    },
    total=False,
)

# registry.list_devices: Devices, by shard, status or organization
RegistryListDevicesArguments = TypedDict(
    "RegistryListDevicesArguments",
    {
        "shard": str,
        "status": Literal["ACTIVE", "SUSPENDED", "RETIRED"],
        "organization": str,
        "limit": int,
        "cursor": str,
    },
    total=False,
)

RegistryListDevicesAnswerDevicesItemScheduled = TypedDict(
    "RegistryListDevicesAnswerDevicesItemScheduled",
    {
        "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "effective_ms": Required[int],
    },
    total=False,
)

RegistryListDevicesAnswerDevicesItemSuspensionsItem = TypedDict(
    "RegistryListDevicesAnswerDevicesItemSuspensionsItem",
    {
        "from_ms": Required[int],
        "to_ms": int,
        "reason": Required[str],
    },
    total=False,
)

RegistryListDevicesAnswerDevicesItemPreviousKeysItem = TypedDict(
    "RegistryListDevicesAnswerDevicesItemPreviousKeysItem",
    {
        "epoch": Required[int],
        "key": Required[str],
        "until_ms": Required[int],
        "compromised": Required[bool],
    },
    total=False,
)

RegistryListDevicesAnswerDevicesItemRepair = TypedDict(
    "RegistryListDevicesAnswerDevicesItemRepair",
    {
        "repaired_by": str,
        "statement": Required[str],
    },
    total=False,
)

RegistryListDevicesAnswerDevicesItemChange = TypedDict(
    "RegistryListDevicesAnswerDevicesItemChange",
    {
        "kind": Required[str],
        "time_ms": Required[int],
        "transaction": Required[str],
        "by": Required[str],
        "details": Required[Any],
    },
    total=False,
)

RegistryListDevicesAnswerDevicesItem = TypedDict(
    "RegistryListDevicesAnswerDevicesItem",
    {
        "scheduled": RegistryListDevicesAnswerDevicesItemScheduled,
        "id": Required[str],
        "organization": Required[str],
        "shard": Required[str],
        "profile": Required[str],
        "epoch": Required[int],
        "key": Required[str],
        "certificate_chain": List[str],
        "schemas": List[str],
        "polling_interval_s": Required[int],
        "keepalive_interval_s": Required[int],
        "grace_s": Required[int],
        "max_skew_s": Required[int],
        "late_arrival_s": int,
        "location": str,
        "residency": str,
        "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "effective_ms": Required[int],
        "reason": Required[str],
        "suspensions": List[RegistryListDevicesAnswerDevicesItemSuspensionsItem],
        "retired_ms": int,
        "registered_ms": Required[int],
        "previous_keys": List[RegistryListDevicesAnswerDevicesItemPreviousKeysItem],
        "repair": RegistryListDevicesAnswerDevicesItemRepair,
        "change": Required[RegistryListDevicesAnswerDevicesItemChange],
    },
    total=False,
)

RegistryListDevicesAnswer = TypedDict(
    "RegistryListDevicesAnswer",
    {
        "devices": List[RegistryListDevicesAnswerDevicesItem],
        "next": str,
    },
    total=False,
)

# registry.pending_devices: Devices that wait for another organization's consent
RegistryPendingDevicesArguments = TypedDict(
    "RegistryPendingDevicesArguments",
    {
        "organization": str,
        "limit": int,
        "cursor": str,
    },
    total=False,
)

RegistryPendingDevicesAnswerDevicesItemSuspensionsItem = TypedDict(
    "RegistryPendingDevicesAnswerDevicesItemSuspensionsItem",
    {
        "from_ms": Required[int],
        "to_ms": int,
        "reason": Required[str],
    },
    total=False,
)

RegistryPendingDevicesAnswerDevicesItemPreviousKeysItem = TypedDict(
    "RegistryPendingDevicesAnswerDevicesItemPreviousKeysItem",
    {
        "epoch": Required[int],
        "key": Required[str],
        "until_ms": Required[int],
        "compromised": Required[bool],
    },
    total=False,
)

RegistryPendingDevicesAnswerDevicesItemRepair = TypedDict(
    "RegistryPendingDevicesAnswerDevicesItemRepair",
    {
        "repaired_by": str,
        "statement": Required[str],
    },
    total=False,
)

RegistryPendingDevicesAnswerDevicesItemChange = TypedDict(
    "RegistryPendingDevicesAnswerDevicesItemChange",
    {
        "kind": Required[str],
        "time_ms": Required[int],
        "transaction": Required[str],
        "by": Required[str],
        "details": Required[Any],
    },
    total=False,
)

RegistryPendingDevicesAnswerDevicesItem = TypedDict(
    "RegistryPendingDevicesAnswerDevicesItem",
    {
        "fingerprint": Required[str],
        "id": Required[str],
        "organization": Required[str],
        "shard": Required[str],
        "profile": Required[str],
        "epoch": Required[int],
        "key": Required[str],
        "certificate_chain": List[str],
        "schemas": List[str],
        "polling_interval_s": Required[int],
        "keepalive_interval_s": Required[int],
        "grace_s": Required[int],
        "max_skew_s": Required[int],
        "late_arrival_s": int,
        "location": str,
        "residency": str,
        "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
        "effective_ms": Required[int],
        "reason": Required[str],
        "suspensions": List[RegistryPendingDevicesAnswerDevicesItemSuspensionsItem],
        "retired_ms": int,
        "registered_ms": Required[int],
        "previous_keys": List[RegistryPendingDevicesAnswerDevicesItemPreviousKeysItem],
        "repair": RegistryPendingDevicesAnswerDevicesItemRepair,
        "change": Required[RegistryPendingDevicesAnswerDevicesItemChange],
    },
    total=False,
)

RegistryPendingDevicesAnswer = TypedDict(
    "RegistryPendingDevicesAnswer",
    {
        "devices": List[RegistryPendingDevicesAnswerDevicesItem],
        "next": str,
    },
    total=False,
)

# registry.timeline: Everything that ever happened to one device
RegistryTimelineArguments = TypedDict(
    "RegistryTimelineArguments",
    {
        "id": Required[str],
        "limit": int,
        "cursor": str,
    },
    total=False,
)

RegistryTimelineAnswerEntriesItem = TypedDict(
    "RegistryTimelineAnswerEntriesItem",
    {
        "kind": Required[str],
        "time_ms": Required[int],
        "transaction": Required[str],
        "by": Required[str],
        "details": Required[Any],
        "block": Required[int],
    },
    total=False,
)

RegistryTimelineAnswer = TypedDict(
    "RegistryTimelineAnswer",
    {
        "device": Required[str],
        "entries": List[RegistryTimelineAnswerEntriesItem],
        "next": str,
    },
    total=False,
)

# registry.get_schema: One version of a schema
RegistryGetSchemaArguments = TypedDict(
    "RegistryGetSchemaArguments",
    {
        "id": Required[str],
        "version": Required[int],
    },
    total=False,
)

RegistryGetSchemaAnswerFieldsItem = TypedDict(
    "RegistryGetSchemaAnswerFieldsItem",
    {
        "name": Required[str],
        "unit": Required[str],
        "scale": Required[int],
        "summary": str,
    },
    total=False,
)

RegistryGetSchemaAnswer = TypedDict(
    "RegistryGetSchemaAnswer",
    {
        "id": Required[str],
        "version": Required[int],
        "organization": Required[str],
        "fields": List[RegistryGetSchemaAnswerFieldsItem],
        "registered_ms": Required[int],
    },
    total=False,
)

# registry.list_schemas: Schemas and their versions
RegistryListSchemasArguments = TypedDict(
    "RegistryListSchemasArguments",
    {
        "id": str,
        "limit": int,
        "cursor": str,
    },
    total=False,
)

RegistryListSchemasAnswerSchemasItemFieldsItem = TypedDict(
    "RegistryListSchemasAnswerSchemasItemFieldsItem",
    {
        "name": Required[str],
        "unit": Required[str],
        "scale": Required[int],
        "summary": str,
    },
    total=False,
)

RegistryListSchemasAnswerSchemasItem = TypedDict(
    "RegistryListSchemasAnswerSchemasItem",
    {
        "id": Required[str],
        "version": Required[int],
        "organization": Required[str],
        "fields": List[RegistryListSchemasAnswerSchemasItemFieldsItem],
        "registered_ms": Required[int],
    },
    total=False,
)

RegistryListSchemasAnswer = TypedDict(
    "RegistryListSchemasAnswer",
    {
        "schemas": List[RegistryListSchemasAnswerSchemasItem],
        "next": str,
    },
    total=False,
)

# registry.get_rules: An organization's rules of automatic suspension
RegistryGetRulesArguments = TypedDict(
    "RegistryGetRulesArguments",
    {
        "organization": Required[str],
    },
    total=False,
)

RegistryGetRulesAnswer = TypedDict(
    "RegistryGetRulesAnswer",
    {
        "missed_keepalives": Required[int],
        "bad_signatures": Required[int],
        "clock_skews": Required[int],
        "out_of_range": Required[int],
    },
    total=False,
)

# registry.list_trust: An organization's trust anchors, revocation lists and revocations
RegistryListTrustArguments = TypedDict(
    "RegistryListTrustArguments",
    {
        "organization": Required[str],
    },
    total=False,
)

RegistryListTrustAnswerAnchorsItem = TypedDict(
    "RegistryListTrustAnswerAnchorsItem",
    {
        "fingerprint": Required[str],
        "subject": Required[str],
        "pem": Required[str],
    },
    total=False,
)

RegistryListTrustAnswerCrlsItem = TypedDict(
    "RegistryListTrustAnswerCrlsItem",
    {
        "issuer": Required[str],
        "number": Required[int],
        "pem": Required[str],
    },
    total=False,
)

RegistryListTrustAnswerRevokedItem = TypedDict(
    "RegistryListTrustAnswerRevokedItem",
    {
        "fingerprint": Required[str],
        "reason": Required[str],
    },
    total=False,
)

RegistryListTrustAnswer = TypedDict(
    "RegistryListTrustAnswer",
    {
        "anchors": List[RegistryListTrustAnswerAnchorsItem],
        "crls": List[RegistryListTrustAnswerCrlsItem],
        "revoked": List[RegistryListTrustAnswerRevokedItem],
    },
    total=False,
)

# registry.publishing_terms: What a device's records are checked against
RegistryPublishingTermsArguments = TypedDict(
    "RegistryPublishingTermsArguments",
    {
        "id": Required[str],
    },
    total=False,
)

RegistryPublishingTermsAnswerPreviousKeysItem = TypedDict(
    "RegistryPublishingTermsAnswerPreviousKeysItem",
    {
        "epoch": Required[int],
        "key": Required[str],
        "until_ms": Required[int],
        "compromised": Required[bool],
    },
    total=False,
)

RegistryPublishingTermsAnswerSchemasItemFieldsItem = TypedDict(
    "RegistryPublishingTermsAnswerSchemasItemFieldsItem",
    {
        "name": Required[str],
        "unit": Required[str],
        "scale": Required[int],
    },
    total=False,
)

RegistryPublishingTermsAnswerSchemasItem = TypedDict(
    "RegistryPublishingTermsAnswerSchemasItem",
    {
        "name": Required[str],
        "fields": List[RegistryPublishingTermsAnswerSchemasItemFieldsItem],
    },
    total=False,
)

RegistryPublishingTermsAnswerSuspensionsItem = TypedDict(
    "RegistryPublishingTermsAnswerSuspensionsItem",
    {
        "from_ms": Required[int],
        "to_ms": int,
        "reason": Required[str],
    },
    total=False,
)

RegistryPublishingTermsAnswer = TypedDict(
    "RegistryPublishingTermsAnswer",
    {
        "device": Required[str],
        "organization": Required[str],
        "shard": Required[str],
        "profile": Required[str],
        "epoch": Required[int],
        "key": Required[str],
        "previous_keys": List[RegistryPublishingTermsAnswerPreviousKeysItem],
        "schemas": List[RegistryPublishingTermsAnswerSchemasItem],
        "suspensions": List[RegistryPublishingTermsAnswerSuspensionsItem],
        "retired_ms": int,
        "max_skew_s": Required[int],
        "late_arrival_s": int,
    },
    total=False,
)

