# Made by `tally contract types --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

AnchorPutArguments = TypedDict("AnchorPutArguments", {
    "block": Required[int],  # the last block that the checkpoint covers
    "block_hash": Required[str],  # its hash, hex
    "tree_size": Required[int],  # leaves of the channel's transaction log
    "root": Required[str],  # the log's root, hex
    "consistency": List[str],  # RFC 9162 consistency proof from the organization's last anchored checkpoint, hex
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
}, total=False)

Anchored = TypedDict("Anchored", {
    "channel": Required[str],  # the channel's name
    "block": Required[int],  # the block that is anchored now
}, total=False)

AnchorOpenArguments = TypedDict("AnchorOpenArguments", {})

AnchoredChannel = TypedDict("AnchoredChannel", {
    "channel": Required[str],
    "genesis": Required[str],
    "genesis_ms": Required[int],
    "organizations": List[str],
}, total=False)

AnchorChangeMembersArguments = TypedDict("AnchorChangeMembersArguments", {
    "organizations": Required[List[str]],  # all that shall be the channel's members
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
}, total=False)

MembersChanged = TypedDict("MembersChanged", {
    "changed": Required[bool],  # whether enough members have said the same
}, total=False)

AnchorChannelArguments = TypedDict("AnchorChannelArguments", {
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
}, total=False)

AnchorLatestArguments = TypedDict("AnchorLatestArguments", {
    "channel": Required[str],  # the channel's name
    "genesis": str,  # only of the channel with this block 0, hex
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

AnchorView = TypedDict("AnchorView", {
    "genesis": Required[str],  # the hash of the channel's block 0
    "organization": Required[str],  # whose checkpoint it is
    "block": Required[int],  # the last block that the checkpoint covers
    "block_hash": Required[str],  # its hash, hex
    "tree_size": Required[int],  # leaves of the channel's transaction log
    "root": Required[str],  # the log's root, hex
    "time_ms": Required[int],  # when it was anchored
}, total=False)

LatestPage = TypedDict("LatestPage", {
    "channel": Required[str],  # the channel's name
    "anchors": List[AnchorView],  # each organization's newest one
    "next": str,  # the next page's cursor
}, total=False)

AnchorHistoryArguments = TypedDict("AnchorHistoryArguments", {
    "channel": Required[str],  # the channel's name
    "genesis": Required[str],  # the hash of the channel's block 0, hex
    "from_block": int,  # the first block (default 0)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

HistoryPage = TypedDict("HistoryPage", {
    "channel": Required[str],  # the channel's name
    "anchors": List[AnchorView],  # by block
    "disagreements": List[int],  # blocks for which organizations have anchored different roots
    "next": str,  # the next page's cursor
}, total=False)

ConfigProposeArguments = TypedDict("ConfigProposeArguments", {
    "base": Required[str],  # SHA-256 of the configuration that is to be changed, hex
    "config": Required[str],  # SHA-256 of the proposed one, hex
    "text": Required[str],  # the proposed configuration, as `config.show` writes it
    "note": str,  # why
}, total=False)

OfProposal = TypedDict("OfProposal", {
    "config": Required[str],  # SHA-256 of the proposed configuration, hex
}, total=False)

ContractVersion = TypedDict("ContractVersion", {
    "contract": Required[str],
    "version": Required[int],
    "manifest": str,
}, total=False)

Versions = TypedDict("Versions", {
    "rules": Required[int],
    "contracts": List[ContractVersion],
}, total=False)

ConfigApproveArguments = TypedDict("ConfigApproveArguments", {
    "base": Required[str],  # SHA-256 of the configuration that is to be changed, hex
    "config": Required[str],  # SHA-256 of the proposed one, hex
    "expires_ms": Required[int],  # the approval counts in blocks before this time, milliseconds since 1970
    "knows": Required[Versions],  # the levels of rules and versions of contracts that the approver's node knows
}, total=False)

Approved = TypedDict("Approved", {
    "config": Required[str],  # the proposed configuration
    "expires_ms": Required[int],  # until when the approval counts
}, total=False)

ConfigWithdrawArguments = TypedDict("ConfigWithdrawArguments", {
    "config": Required[str],  # SHA-256 of the proposed configuration, hex
}, total=False)

ConfigShowArguments = TypedDict("ConfigShowArguments", {})

Shown = TypedDict("Shown", {
    "hash": Required[str],  # SHA-256 of the text
    "version": Required[int],  # how often the configuration was changed
    "text": Required[str],  # the configuration in force, JSON
}, total=False)

ConfigGetArguments = TypedDict("ConfigGetArguments", {
    "config": Required[str],  # SHA-256 of the proposed configuration, hex
}, total=False)

ApprovalView = TypedDict("ApprovalView", {
    "expired": Required[bool],  # whether it counts no more
    "organization": Required[str],
    "name": Required[str],
    "transaction": Required[str],
    "time_ms": Required[int],
    "expires_ms": Required[int],
}, total=False)

ProposalView = TypedDict("ProposalView", {
    "config": Required[str],  # its hash
    "open": Required[bool],  # false: the configuration has changed since, and it is void
    "enough": Required[bool],  # whether it may be applied
    "note": Required[str],  # why
    "organization": Required[str],  # who proposed it
    "name": Required[str],  # and its admin
    "time_ms": Required[int],  # when
    "approvals": List[ApprovalView],  # who approves it
    "text": str,  # the proposed configuration (config.get)
}, total=False)

ConfigProposalsArguments = TypedDict("ConfigProposalsArguments", {
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

ProposalPage = TypedDict("ProposalPage", {
    "needed": Required[str],  # the policy that approvals must satisfy
    "base": Required[str],  # hash of the configuration in force
    "proposals": List[ProposalView],  # those that are open
    "next": str,  # the next page's cursor
}, total=False)

DataPublishArguments = TypedDict("DataPublishArguments", {
    "format": Required[Literal["record", "vitro"]],  # what attachment 0 is: a signed device record, or a Vitro IoT Block
}, total=False)

Published = TypedDict("Published", {
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "transaction": Required[str],  # the one that published it
    "device": Required[str],  # the device's id
    "kind": Required[Literal["INTERVAL", "KEEPALIVE", "DAILY"]],  # of the record
    "sequence": Required[int],  # of the record
    "from": Required[int],  # the beginning of its period
    "to": Required[int],  # the end; not included
}, total=False)

DataAttachSeriesArguments = TypedDict("DataAttachSeriesArguments", {
    "device": Required[str],  # the device's id
    "content_id": Required[str],  # of the record that was published without its series
}, total=False)

SeriesAttached = TypedDict("SeriesAttached", {
    "device": Required[str],  # the device's id
    "sequence": Required[int],  # of the record
    "content_id": Required[str],  # of the record
    "transaction": Required[str],  # the one that carries the series
}, total=False)

DataFindArguments = TypedDict("DataFindArguments", {
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "device": str,  # where devices have sent equal payloads: which of them
}, total=False)

RecordPlace = TypedDict("RecordPlace", {
    "received_ms": Required[int],  # when the record was published
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "transaction": Required[str],  # the one that published it
    "device": Required[str],  # the device's id
    "kind": Required[Literal["INTERVAL", "KEEPALIVE", "DAILY"]],  # of the record
    "sequence": Required[int],  # of the record
    "from": Required[int],  # the beginning of its period
    "to": Required[int],  # the end; not included
}, total=False)

DataDaysArguments = TypedDict("DataDaysArguments", {
    "device": str,  # the device's id; either this or shard
    "shard": str,  # all devices of an organization's shard
    "organization": str,  # whose shard (default: the caller's)
    "from": int,  # days that start here or later, seconds since 1970, UTC
    "to": int,  # days that start before
    "fields": List[str],  # names of fields; all when empty
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

FieldFigures = TypedDict("FieldFigures", {
    "name": Required[str],  # what is measured
    "unit": Required[str],  # of SenML's registry
    "scale": Required[int],  # decimals, negated
    "count": Required[int],  # rows with a reading
    "missing": Required[int],  # rows without one
    "sum": Required[str],  # of the readings
    "min": Required[Optional[str]],  # the lowest reading
    "max": Required[Optional[str]],  # the highest
    "first": Required[Optional[str]],  # the earliest
    "last": Required[Optional[str]],  # the latest
}, total=False)

Correction = TypedDict("Correction", {
    "sequence": Required[int],  # of the record that corrects this one
    "content_id": Required[str],  # of that record
}, total=False)

Traffic = TypedDict("Traffic", {
    "messages": Required[int],
    "payload_bytes": Required[int],
    "samples": Required[int],
}, total=False)

DayView = TypedDict("DayView", {
    "fields": List[FieldFigures],  # figures by field
    "corrected_by": Correction,  # if there is such a record
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "device": Required[str],  # the device's id
    "organization": Required[str],  # the device's operator
    "shard": Required[str],  # the group of devices
    "format": Required[str],  # record or vitro
    "kind": Required[Literal["INTERVAL", "KEEPALIVE", "DAILY"]],  # of the record
    "sequence": Required[int],  # of the record
    "from": Required[int],  # the beginning of its period
    "to": Required[int],  # the end; not included
    "polling_interval_s": Required[int],  # between two rows
    "schema": Required[str],  # id@version; empty without fields
    "rows": Required[int],  # of the series
    "root": Required[str],  # of the series, signed
    "previous": str,  # the content id of the record before
    "traffic": Traffic,  # what the device has sent since its last DAILY record
    "previous_daily": str,  # the content id of the DAILY record before
    "rows_per_leaf": Required[int],  # of the root's tree
    "corrects": str,  # the content id of the record that this one corrects
    "series": Required[str],  # inline, packed or absent: how it came with the record
    "bytes": Required[int],  # as the device sent them
    "epoch": Required[int],  # of the device's key
    "signature": Required[str],  # the device's, base64
    "parameter": int,  # of a Vitro IoT Block
    "ciphertext_sha256": str,  # of a Vitro IoT Block
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
}, total=False)

DayPage = TypedDict("DayPage", {
    "days": List[DayView],  # in the order of their beginnings
    "next": str,  # the next page's cursor
}, total=False)

DataRecordsArguments = TypedDict("DataRecordsArguments", {
    "device": Required[str],  # the device's id
    "kind": Literal["INTERVAL", "KEEPALIVE", "DAILY"],  # only records of this kind
    "order": Literal["SEQUENCE", "RECEIVED"],  # by SEQUENCE (default) or as they were RECEIVED
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

RecordView = TypedDict("RecordView", {
    "fields": List[FieldFigures],  # figures by field
    "series_transaction": Required[Optional[str]],  # the one that carries the series; null: its holder kept it
    "block": Required[int],  # of the transaction
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "device": Required[str],  # the device's id
    "organization": Required[str],  # the device's operator
    "shard": Required[str],  # the group of devices
    "format": Required[str],  # record or vitro
    "kind": Required[Literal["INTERVAL", "KEEPALIVE", "DAILY"]],  # of the record
    "sequence": Required[int],  # of the record
    "from": Required[int],  # the beginning of its period
    "to": Required[int],  # the end; not included
    "polling_interval_s": Required[int],  # between two rows
    "schema": Required[str],  # id@version; empty without fields
    "rows": Required[int],  # of the series
    "root": Required[str],  # of the series, signed
    "previous": str,  # the content id of the record before
    "traffic": Traffic,  # what the device has sent since its last DAILY record
    "previous_daily": str,  # the content id of the DAILY record before
    "rows_per_leaf": Required[int],  # of the root's tree
    "corrects": str,  # the content id of the record that this one corrects
    "series": Required[str],  # inline, packed or absent: how it came with the record
    "bytes": Required[int],  # as the device sent them
    "epoch": Required[int],  # of the device's key
    "signature": Required[str],  # the device's, base64
    "parameter": int,  # of a Vitro IoT Block
    "ciphertext_sha256": str,  # of a Vitro IoT Block
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
}, total=False)

RecordPage = TypedDict("RecordPage", {
    "device": Required[str],  # the device's id
    "records": List[RecordView],  # in the order that was asked for
    "next": str,  # the next page's cursor
}, total=False)

DataProofsArguments = TypedDict("DataProofsArguments", {
    "device": Required[str],  # the device's id
    "from": Required[int],  # seconds since 1970, UTC
    "to": Required[int],  # seconds since 1970, UTC; not included
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

DayProof = TypedDict("DayProof", {
    "from": Required[int],  # the beginning of the day
    "to": Required[int],  # its end; not included
    "sequence": Required[int],  # of the record
    "content_id": Required[str],  # the SHA-256 of the signed payload
    "previous": Required[Optional[str]],  # the content id of the record before that the device signed
    "previous_daily": Required[Optional[str]],  # the same of the DAILY record before
    "root": Required[str],  # of the series, signed
    "rows_per_leaf": Required[int],  # of the root's tree
    "rows": Required[int],  # of the series
    "series": Required[str],  # inline, packed or absent: how it came with the record
    "series_transaction": Required[Optional[str]],  # the one that carries the series; null: its holder kept it
    "signature": Required[str],  # the device's, base64
    "epoch": Required[int],  # of the device's key
    "transaction": Required[str],  # of the record
    "received_ms": Required[int],  # when the record was published
}, total=False)

ProofPage = TypedDict("ProofPage", {
    "device": Required[str],  # the device's id
    "proofs": List[DayProof],  # one for each day
    "next": str,  # the next page's cursor
}, total=False)

DataSeriesArguments = TypedDict("DataSeriesArguments", {
    "device": Required[str],  # the device's id
    "from": Required[int],  # seconds since 1970, UTC
    "to": Required[int],  # seconds since 1970, UTC; not included
    "fields": List[str],  # names of fields; all when empty
    "interval_s": int,  # resample to this interval, counted from each record's start; without it: every row
    "kind": Literal["INTERVAL", "KEEPALIVE", "DAILY"],  # of records of this kind (default DAILY)
    "limit": int,  # at most so many records on a page (default 7)
    "cursor": str,  # the "next" of the page before
}, total=False)

SeriesSource = TypedDict("SeriesSource", {
    "content_id": Required[str],  # of the record
    "transaction": Required[str],  # of the record
    "sequence": Required[int],  # of the record
    "from": Required[int],  # the beginning of its period
    "to": Required[int],  # the end; not included
    "polling_interval_s": Required[int],  # between two rows
    "root": Required[str],  # of the series, signed
    "rows": Required[int],  # of the series
    "withheld": Required[bool],  # whether its holder kept the series, so that its rows are not in the answer
}, total=False)

Bucket = TypedDict("Bucket", {
    "time": Required[int],  # the beginning of the interval
    "count": Required[int],  # rows with a reading
    "missing": Required[int],  # rows without one
    "sum": Required[str],  # of the readings
    "min": Required[Optional[str]],  # the lowest reading
    "max": Required[Optional[str]],  # the highest
    "mean": Required[Optional[str]],  # with three decimals more than the field, rounded half to even
    "first": Required[Optional[str]],  # the earliest
    "last": Required[Optional[str]],  # the latest
}, total=False)

Column = TypedDict("Column", {
    "name": Required[str],  # what is measured
    "unit": Required[str],  # of SenML's registry
    "scale": Required[int],  # decimals, negated
    "samples": List[Tuple[int, Optional[str]]],  # every row, unless an interval was asked for
    "buckets": List[Bucket],  # one for each interval with rows
}, total=False)

SeriesPage = TypedDict("SeriesPage", {
    "device": Required[str],  # the device's id
    "from": Required[int],  # as asked
    "to": Required[int],  # as asked
    "interval_s": int,  # as asked
    "records": List[SeriesSource],  # where the rows are from
    "fields": List[Column],  # a field of records with another unit or scale is a column of its own
    "next": str,  # the next page's cursor
}, total=False)

DataGapsArguments = TypedDict("DataGapsArguments", {
    "device": Required[str],  # the device's id
    "from": Required[int],  # seconds since 1970, UTC
    "to": Required[int],  # seconds since 1970, UTC; not included
    "from_sequence": int,  # look for missing sequences from here on (default 1)
    "limit": int,  # at most so many days, and so many sequences (default 100)
}, total=False)

Stretch = TypedDict("Stretch", {
    "from": Required[int],  # the first
    "to": Required[int],  # the end of a time, not included; the last of sequences
}, total=False)

IncompleteDay = TypedDict("IncompleteDay", {
    "from": Required[int],  # the beginning of the day
    "to": Required[int],  # its end; not included
    "sequence": Required[int],  # of the record
    "expected_rows": Required[int],  # by the polling interval
    "rows": Required[int],  # that there are
    "absent_rows": Required[int],  # that there should be and are not
    "missing_values": Dict[str, int],  # rows without a reading, by field
    "absent": List[Stretch],  # where rows are absent, at most 100 places; left out where the series is not on the ledger
}, total=False)

BrokenLink = TypedDict("BrokenLink", {
    "sequence": Required[int],  # of the record
    "names": Required[Optional[str]],  # the content id that it names as its predecessor's
    "predecessor": Required[Optional[str]],  # the content id of the record before, if that is known
}, total=False)

GapReport = TypedDict("GapReport", {
    "device": Required[str],  # the device's id
    "from": Required[int],  # as asked
    "to": Required[int],  # as asked
    "missing_days": List[Stretch],  # times without a DAILY record
    "incomplete_days": List[IncompleteDay],  # days that lack rows or readings
    "next_from": int,  # while there is more: the next call's "from"
    "missing_sequences": List[Stretch],  # that no record has
    "broken_chain": List[BrokenLink],  # records that do not name the record before
    "broken_days": List[BrokenLink],  # DAILY records that do not name the DAILY record before
    "next_sequence": int,  # while there is more: the next call's "from_sequence"
}, total=False)

DataLivenessArguments = TypedDict("DataLivenessArguments", {
    "device": Required[str],  # the device's id
}, total=False)

DeviceLiveness = TypedDict("DeviceLiveness", {
    "device": Required[str],  # its id
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # by the registry
    "state": Required[Literal["NEVER_HEARD", "ALIVE", "LATE", "SILENT"]],  # ALIVE within the keep-alive interval, LATE within its grace, then SILENT
    "silent_s": Required[int],  # since its last record, or since it was registered
    "missed_keepalives": Required[int],  # that should have come since
    "keepalive_interval_s": Required[int],  # between two messages, at most
    "grace_s": Required[int],  # after which a message is missed
    "last_received_ms": int,  # when its last record was published
    "last_kind": Literal["INTERVAL", "KEEPALIVE", "DAILY"],  # of the last record
    "last_sequence": int,  # of the last record
    "last_keepalive_end": int,  # the end of the last KEEPALIVE record's period
    "last_interval_end": int,  # the same of INTERVAL
    "last_daily_end": int,  # the same of DAILY
}, total=False)

DataShardLivenessArguments = TypedDict("DataShardLivenessArguments", {
    "shard": Required[str],  # the group of devices
    "organization": str,  # whose shard (default: the caller's)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

LivenessPage = TypedDict("LivenessPage", {
    "shard": Required[str],  # the group of devices
    "organization": Required[str],  # who operates them
    "devices": List[DeviceLiveness],  # by their ids
    "next": str,  # the next page's cursor
}, total=False)

DataTotalsArguments = TypedDict("DataTotalsArguments", {
    "device": str,  # the device's id; either this or shard
    "shard": str,  # all devices of an organization's shard
    "organization": str,  # whose shard (default: the caller's)
}, total=False)

TotalsView = TypedDict("TotalsView", {
    "device": str,  # as asked
    "shard": str,  # as asked
    "organization": str,  # who operates the shard's devices
    "daily": Required[int],  # DAILY records
    "interval": Required[int],  # INTERVAL records
    "keepalive": Required[int],  # KEEPALIVE records
    "corrections": Required[int],  # records that correct another one
    "rows": Required[int],  # of all records but corrections
    "bytes": Required[int],  # of all records, as the devices sent them
}, total=False)

SchemaField = TypedDict("SchemaField", {
    "name": Required[str],  # what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
    "unit": Required[str],  # a unit of SenML's registry (RFC 8428), for example W
    "scale": Required[int],  # an integer v stands for v * 10^scale units
    "summary": str,  # the one figure of a day: sum (default), mean, max or last
}, total=False)

RegistryRegisterSchemaArguments = TypedDict("RegistryRegisterSchemaArguments", {
    "id": Required[str],  # the schema's name
    "version": Required[int],  # from 1 on; a version is never changed
    "fields": Required[List[SchemaField]],  # in the order in which records carry them
}, total=False)

SchemaRegistered = TypedDict("SchemaRegistered", {
    "schema": Required[str],  # id@version
}, total=False)

RegistryRegisterDeviceArguments = TypedDict("RegistryRegisterDeviceArguments", {
    "id": Required[str],  # 1 to 64 of A-Z a-z 0-9 . _ : - ; for a Vitro device its node id, 18 hexadecimal digits
    "shard": Required[str],  # the group of devices that it belongs to, for example a site
    "profile": str,  # tally-record (default), vitro-1 or vitro-2
    "public_key": str,  # PEM, or hex or base64 of the key; either this or certificate_chain
    "certificate_chain": List[str],  # PEM, the device's own first; its common name is the device's id
    "proof": str,  # base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
    "schemas": List[str],  # the schemas that its records may follow, each as id@version
    "polling_interval_s": Required[int],  # seconds between two measurements
    "keepalive_interval_s": Required[int],  # seconds within which it must be heard
    "grace_s": int,  # how late a keep-alive may be (default: a quarter of the interval)
    "max_skew_s": int,  # how far its clock may be ahead (default 300)
    "late_arrival_s": int,  # how long after a period's end its record may come (default: any time)
    "location": str,  # where it is, for people
    "residency": str,  # where its data may be kept
}, total=False)

DeviceSummary = TypedDict("DeviceSummary", {
    "device": Required[str],  # its id
    "shard": Required[str],  # the group of devices
    "organization": Required[str],  # who operates it
    "profile": Required[str],  # how it signs
    "pending": bool,  # whether it waits for another organization's consent
    "fingerprint": str,  # of a pending device's key
    "requested_by": str,  # of a confirmed device
}, total=False)

RegistryImportDevicesArguments = TypedDict("RegistryImportDevicesArguments", {
    "devices": Required[List[Any]],  # each as for register_device; all are registered or none
}, total=False)

Imported = TypedDict("Imported", {
    "devices": Required[int],  # how many were registered, or wait
    "pending": Required[int],  # how many of them wait for consent
}, total=False)

RegistryAddSchemasArguments = TypedDict("RegistryAddSchemasArguments", {
    "device": Required[str],  # the device's id
    "schemas": Required[List[str]],  # schemas that its records may follow too, each as id@version
}, total=False)

SchemasAdded = TypedDict("SchemasAdded", {
    "device": Required[str],  # its id
    "schemas": List[str],  # all that its records may follow now
}, total=False)

RegistryConfirmDeviceArguments = TypedDict("RegistryConfirmDeviceArguments", {
    "organization": Required[str],  # whose device it is
    "id": Required[str],  # the device's id
    "fingerprint": Required[str],  # of the key that is confirmed: SHA-256 of its SubjectPublicKeyInfo, hexadecimal
}, total=False)

Repair = TypedDict("Repair", {
    "repaired_by": str,  # who repaired the device, as the proposer says
    "statement": Required[str],  # what was wrong and what was done
}, total=False)

RegistrySetStatusArguments = TypedDict("RegistrySetStatusArguments", {
    "device": Required[str],  # the device's id
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # RETIRED is final; ACTIVE after SUSPENDED needs a repair record
    "reason": Required[str],  # why, in 1 to 1000 characters
    "effective_time_ms": int,  # not before now, which is the default; periods that end later are refused
    "repair": Repair,  # what was repaired; the caller's signature of the proposal is its signature
}, total=False)

RegistryRepair = TypedDict("RegistryRepair", {
    "repaired_by": str,  # who repaired the device, as the proposer says
    "statement": Required[str],  # what was wrong and what was done
}, total=False)

StatusChange = TypedDict("StatusChange", {
    "device": Required[str],  # its id
    "organization": Required[str],  # who operates it
    "shard": Required[str],  # the group of devices
    "from": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # the status before
    "to": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # the status from effective_ms on
    "reason": Required[str],  # why
    "effective_ms": Required[int],  # when it takes effect
    "repair": RegistryRepair,  # of a reinstatement
}, total=False)

RegistryReportIncidentArguments = TypedDict("RegistryReportIncidentArguments", {
    "device": Required[str],  # the device's id
    "kind": Required[Literal["MISSED_KEEPALIVE", "BAD_SIGNATURE", "CLOCK_SKEW", "OUT_OF_RANGE"]],  # what was observed
    "count": Required[int],  # how many of them
    "evidence": str,  # what was seen, or where it is kept
}, total=False)

IncidentReported = TypedDict("IncidentReported", {
    "device": Required[str],  # its id
    "kind": Required[Literal["MISSED_KEEPALIVE", "BAD_SIGNATURE", "CLOCK_SKEW", "OUT_OF_RANGE"]],  # what was observed
    "count": Required[int],  # how many were reported
    "total": Required[int],  # since the device was registered or last reinstated
    "evidence": str,  # what was seen
    "suspended": bool,  # whether this report suspended the device
}, total=False)

RegistrySetRulesArguments = TypedDict("RegistrySetRulesArguments", {
    "missed_keepalives": Required[int],  # so many suspend a device; 0: never
    "bad_signatures": Required[int],  # so many suspend a device; 0: never
    "clock_skews": Required[int],  # so many suspend a device; 0: never
    "out_of_range": Required[int],  # so many suspend a device; 0: never
}, total=False)

Rules = TypedDict("Rules", {
    "missed_keepalives": Required[int],  # so many suspend a device; 0: never
    "bad_signatures": Required[int],  # so many suspend a device; 0: never
    "clock_skews": Required[int],  # so many suspend a device; 0: never
    "out_of_range": Required[int],  # so many suspend a device; 0: never
}, total=False)

RegistryRotateKeyArguments = TypedDict("RegistryRotateKeyArguments", {
    "device": Required[str],  # the device's id
    "certificate_chain": List[str],  # for a device that is known by certificates: the chain of the new key
    "proof": str,  # base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
    "compromised": bool,  # whether the old key must not be trusted for earlier periods either
}, total=False)

KeyRotated = TypedDict("KeyRotated", {
    "device": Required[str],  # its id
    "epoch": Required[int],  # of the key in force
    "fingerprint": Required[str],  # SHA-256 of the key's SubjectPublicKeyInfo
    "compromised": bool,  # of a new key: whether the old one is not trusted for earlier periods either
}, total=False)

RegistryRecertifyArguments = TypedDict("RegistryRecertifyArguments", {
    "device": Required[str],  # the device's id
    "certificate_chain": List[str],  # for a device that is known by certificates: the chain of the new key
    "proof": str,  # base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
    "compromised": bool,  # whether the old key must not be trusted for earlier periods either
}, total=False)

RegistryAddTrustAnchorArguments = TypedDict("RegistryAddTrustAnchorArguments", {
    "pem": Required[str],  # a self-signed certificate
}, total=False)

AnchorAdded = TypedDict("AnchorAdded", {
    "fingerprint": Required[str],
    "organization": Required[str],
    "subject": Required[str],
}, total=False)

RegistryRevokeCertificateArguments = TypedDict("RegistryRevokeCertificateArguments", {
    "certificate": Required[str],  # PEM, or the SHA-256 of its DER in hexadecimal
    "reason": Required[str],  # why, in 1 to 1000 characters
}, total=False)

Revocation = TypedDict("Revocation", {
    "fingerprint": Required[str],  # of the certificate: SHA-256 of its DER
    "reason": Required[str],  # why
}, total=False)

RegistryPublishCrlArguments = TypedDict("RegistryPublishCrlArguments", {
    "pem": Required[str],  # the revocation list
    "issuer_chain": List[str],  # where its issuer is no trust anchor: PEM, the issuer's own certificate first
}, total=False)

CrlPublished = TypedDict("CrlPublished", {
    "issuer": Required[str],
    "number": Required[int],
    "next_update_ms": Required[int],
}, total=False)

RegistryGetDeviceArguments = TypedDict("RegistryGetDeviceArguments", {
    "id": Required[str],  # the device's id
}, total=False)

ScheduledStatus = TypedDict("ScheduledStatus", {
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
    "effective_ms": Required[int],
}, total=False)

Suspension = TypedDict("Suspension", {
    "from_ms": Required[int],
    "to_ms": int,
    "reason": Required[str],
}, total=False)

PreviousKey = TypedDict("PreviousKey", {
    "epoch": Required[int],
    "key": Required[str],
    "until_ms": Required[int],
    "compromised": Required[bool],
}, total=False)

Change = TypedDict("Change", {
    "kind": Required[str],
    "time_ms": Required[int],
    "transaction": Required[str],
    "by": Required[str],
    "details": Required[Any],
}, total=False)

DeviceView = TypedDict("DeviceView", {
    "scheduled": ScheduledStatus,  # a status that was set and is not in force yet
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
    "suspensions": List[Suspension],
    "retired_ms": int,
    "registered_ms": Required[int],
    "previous_keys": List[PreviousKey],
    "repair": RegistryRepair,
    "change": Required[Change],
}, total=False)

RegistryListDevicesArguments = TypedDict("RegistryListDevicesArguments", {
    "shard": str,  # the organization's shard of this name
    "status": Literal["ACTIVE", "SUSPENDED", "RETIRED"],  # the status in force now
    "organization": str,  # whose devices (default: with a shard the caller's, without one all)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

DevicePage = TypedDict("DevicePage", {
    "devices": List[DeviceView],  # in the order of their ids
    "next": str,  # the next page's cursor
}, total=False)

RegistryPendingDevicesArguments = TypedDict("RegistryPendingDevicesArguments", {
    "organization": str,  # whose devices (default: the caller's)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

PendingDevice = TypedDict("PendingDevice", {
    "fingerprint": Required[str],  # of the key that waits to be confirmed
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
    "suspensions": List[Suspension],
    "retired_ms": int,
    "registered_ms": Required[int],
    "previous_keys": List[PreviousKey],
    "repair": RegistryRepair,
    "change": Required[Change],
}, total=False)

PendingPage = TypedDict("PendingPage", {
    "devices": List[PendingDevice],  # in the order of their ids
    "next": str,  # the next page's cursor
}, total=False)

RegistryTimelineArguments = TypedDict("RegistryTimelineArguments", {
    "id": Required[str],  # the device's id
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

TimelineEntry = TypedDict("TimelineEntry", {
    "kind": Required[str],  # registered, status_changed, key_rotated, record_published, ...
    "time_ms": Required[int],  # of the transaction
    "transaction": Required[str],  # its id
    "by": Required[str],  # ORGANIZATION/name of who proposed it
    "details": Required[Any],  # the payload of the event of this kind
    "block": Required[int],  # the block that holds it
}, total=False)

TimelinePage = TypedDict("TimelinePage", {
    "device": Required[str],  # its id
    "entries": List[TimelineEntry],  # in the order of time
    "next": str,  # the next page's cursor
}, total=False)

RegistryGetSchemaArguments = TypedDict("RegistryGetSchemaArguments", {
    "id": Required[str],  # the schema's name
    "version": Required[int],  # its version
}, total=False)

Schema = TypedDict("Schema", {
    "id": Required[str],
    "version": Required[int],
    "organization": Required[str],
    "fields": List[SchemaField],
    "registered_ms": Required[int],
}, total=False)

RegistryListSchemasArguments = TypedDict("RegistryListSchemasArguments", {
    "id": str,  # the versions of this one alone
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

SchemaPage = TypedDict("SchemaPage", {
    "schemas": List[Schema],  # by id and version
    "next": str,  # the next page's cursor
}, total=False)

RegistryGetRulesArguments = TypedDict("RegistryGetRulesArguments", {
    "organization": Required[str],  # whose
}, total=False)

RegistryListTrustArguments = TypedDict("RegistryListTrustArguments", {
    "organization": Required[str],  # whose
}, total=False)

TrustAnchor = TypedDict("TrustAnchor", {
    "fingerprint": Required[str],
    "subject": Required[str],
    "pem": Required[str],
}, total=False)

TrustList = TypedDict("TrustList", {
    "issuer": Required[str],
    "number": Required[int],
    "pem": Required[str],
}, total=False)

Trust = TypedDict("Trust", {
    "anchors": List[TrustAnchor],  # roots that devices are certified under
    "crls": List[TrustList],  # the newest list of each authority
    "revoked": List[Revocation],  # certificates that were revoked one by one
}, total=False)

RegistryPublishingTermsArguments = TypedDict("RegistryPublishingTermsArguments", {
    "id": Required[str],  # the device's id
}, total=False)

Field = TypedDict("Field", {
    "name": Required[str],  # what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
    "unit": Required[str],  # a unit of SenML's registry (RFC 8428), for example W
    "scale": Required[int],  # an integer v stands for v * 10^scale units
}, total=False)

SchemaTerms = TypedDict("SchemaTerms", {
    "name": Required[str],
    "fields": List[Field],
}, total=False)

PublishingTerms = TypedDict("PublishingTerms", {
    "device": Required[str],
    "organization": Required[str],
    "shard": Required[str],
    "profile": Required[str],
    "epoch": Required[int],
    "key": Required[str],
    "previous_keys": List[PreviousKey],
    "schemas": List[SchemaTerms],
    "suspensions": List[Suspension],
    "retired_ms": int,
    "max_skew_s": Required[int],
    "late_arrival_s": int,
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "anchor.put": (AnchorPutArguments, Anchored),  # Anchors a checkpoint that continues the organization's last one
    "anchor.open": (AnchorOpenArguments, AnchoredChannel),  # Opens another channel here, by its genesis block
    "anchor.change_members": (AnchorChangeMembersArguments, MembersChanged),  # States who a channel's members are now; more than half of them decide
    "anchor.channel": (AnchorChannelArguments, Optional[AnchoredChannel]),  # An open channel and its organizations, or null
    "anchor.latest": (AnchorLatestArguments, LatestPage),  # Each organization's newest anchor of a channel
    "anchor.history": (AnchorHistoryArguments, HistoryPage),  # Every anchor of a channel, and where organizations disagree
    "config.propose": (ConfigProposeArguments, OfProposal),  # Proposes another configuration
    "config.approve": (ConfigApproveArguments, Approved),  # Approves a proposed configuration
    "config.withdraw": (ConfigWithdrawArguments, OfProposal),  # Withdraws a configuration that the caller's organization proposed
    "config.show": (ConfigShowArguments, Shown),  # The configuration as it is
    "config.get": (ConfigGetArguments, ProposalView),  # One proposed configuration and who approves it
    "config.proposals": (ConfigProposalsArguments, ProposalPage),  # What is proposed and who approves it
    "data.publish": (DataPublishArguments, Published),  # Stores a record that a device has signed
    "data.attach_series": (DataAttachSeriesArguments, SeriesAttached),  # Stores the series of a record that was published without it
    "data.find": (DataFindArguments, Optional[RecordPlace]),  # Where the record with a content id is, or null
    "data.days": (DataDaysArguments, DayPage),  # Days of a device or a shard, summarized by field
    "data.records": (DataRecordsArguments, RecordPage),  # A device's records of any kind
    "data.proofs": (DataProofsArguments, ProofPage),  # What ties each day's figures to its device and its transaction
    "data.series": (DataSeriesArguments, SeriesPage),  # Samples by field, raw or resampled, checked against the signed root
    "data.gaps": (DataGapsArguments, GapReport),  # Missing days, rows, values and sequences, and breaks of the chain
    "data.liveness": (DataLivenessArguments, DeviceLiveness),  # When a device was last heard, and whether that is too long ago
    "data.shard_liveness": (DataShardLivenessArguments, LivenessPage),  # The same of each device of a shard
    "data.totals": (DataTotalsArguments, TotalsView),  # Counters of a device or a shard
    "registry.register_schema": (RegistryRegisterSchemaArguments, SchemaRegistered),  # Stores a version of a schema
    "registry.register_device": (RegistryRegisterDeviceArguments, DeviceSummary),  # Registers a device with its key or certificates
    "registry.import_devices": (RegistryImportDevicesArguments, Imported),  # Registers many devices, all or none
    "registry.add_schemas": (RegistryAddSchemasArguments, SchemasAdded),  # Lets a device's records follow more schemas
    "registry.confirm_device": (RegistryConfirmDeviceArguments, DeviceSummary),  # Consents to another organization's device that cannot prove its key
    "registry.set_status": (RegistrySetStatusArguments, StatusChange),  # Suspends, reinstates or retires a device
    "registry.report_incident": (RegistryReportIncidentArguments, IncidentReported),  # Counts incidents of a device; may suspend it by rule
    "registry.set_rules": (RegistrySetRulesArguments, Rules),  # Sets the caller's organization's rules of automatic suspension
    "registry.rotate_key": (RegistryRotateKeyArguments, KeyRotated),  # Gives a device a new key that the old one has signed
    "registry.recertify": (RegistryRecertifyArguments, KeyRotated),  # Gives a device a new certificate chain, and its key
    "registry.add_trust_anchor": (RegistryAddTrustAnchorArguments, AnchorAdded),  # Adds a root that the organization's devices are certified under
    "registry.revoke_certificate": (RegistryRevokeCertificateArguments, Revocation),  # Revokes a certificate of the organization's devices or authorities
    "registry.publish_crl": (RegistryPublishCrlArguments, CrlPublished),  # Stores an authority's revocation list
    "registry.get_device": (RegistryGetDeviceArguments, DeviceView),  # One device
    "registry.list_devices": (RegistryListDevicesArguments, DevicePage),  # Devices, by shard, status or organization
    "registry.pending_devices": (RegistryPendingDevicesArguments, PendingPage),  # Devices that wait for another organization's consent
    "registry.timeline": (RegistryTimelineArguments, TimelinePage),  # Everything that ever happened to one device
    "registry.get_schema": (RegistryGetSchemaArguments, Schema),  # One version of a schema
    "registry.list_schemas": (RegistryListSchemasArguments, SchemaPage),  # Schemas and their versions
    "registry.get_rules": (RegistryGetRulesArguments, Rules),  # An organization's rules of automatic suspension
    "registry.list_trust": (RegistryListTrustArguments, Trust),  # An organization's trust anchors, revocation lists and revocations
    "registry.publishing_terms": (RegistryPublishingTermsArguments, PublishingTerms),  # What a device's records are checked against
}
