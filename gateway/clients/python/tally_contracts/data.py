# Made by `tally contract types data --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

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
    "series_transaction": str,  # that has its readings in a block; without it no block has them
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
    "rows": Required[int],  # of the series; 0 with a commitment
    "root": Required[str],  # of the series, signed; empty with a commitment
    "previous": str,  # the content id of the record before
    "traffic": Traffic,  # what the device has sent since its last DAILY record
    "previous_daily": str,  # the content id of the DAILY record before
    "rows_per_leaf": Required[int],  # of the root's tree
    "corrects": str,  # the content id of the record that this one corrects
    "series": Required[str],  # inline, packed, encrypted or absent: how it came with the record
    "bytes": Required[int],  # as the device sent them
    "epoch": Required[int],  # of the device's key
    "signature": Required[str],  # the device's, base64
    "parameter": int,  # of a Vitro IoT Block
    "ciphertext_sha256": str,  # of a Vitro IoT Block
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
    "collection": str,  # whose keepers hold the rows, which are in no block
    "commitment": str,  # to the figures, signed in their place: the keepers hold those too
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
    "rows": Required[int],  # of the series; 0 with a commitment
    "root": Required[str],  # of the series, signed; empty with a commitment
    "previous": str,  # the content id of the record before
    "traffic": Traffic,  # what the device has sent since its last DAILY record
    "previous_daily": str,  # the content id of the DAILY record before
    "rows_per_leaf": Required[int],  # of the root's tree
    "corrects": str,  # the content id of the record that this one corrects
    "series": Required[str],  # inline, packed, encrypted or absent: how it came with the record
    "bytes": Required[int],  # as the device sent them
    "epoch": Required[int],  # of the device's key
    "signature": Required[str],  # the device's, base64
    "parameter": int,  # of a Vitro IoT Block
    "ciphertext_sha256": str,  # of a Vitro IoT Block
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
    "collection": str,  # whose keepers hold the rows, which are in no block
    "commitment": str,  # to the figures, signed in their place: the keepers hold those too
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
    "series": Required[str],  # inline, packed, encrypted or absent: how it came with the record
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
    "withheld": Required[bool],  # whether its rows are not in the answer
    "why": Literal["BY_HOLDER", "NOT_A_KEEPER", "NOT_HERE", "ENCRYPTED", "ERASED"],  # they are withheld
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

DataReportSilenceArguments = TypedDict("DataReportSilenceArguments", {
    "device": Required[str],  # the device's id
    "last_received_ms": Required[int],  # when its last record was published (data.liveness); 0: it has none
}, total=False)

SilenceReported = TypedDict("SilenceReported", {
    "device": Required[str],  # the device's id
    "missed_keepalives": Required[int],  # that should have come
    "suspended": Required[bool],  # whether that suspends the device, by its operator's rules
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

CloudField = TypedDict("CloudField", {
    "field": Required[str],  # of the device's schema
    "unit": Required[str],  # in which the figures are
    "count": Required[int],  # of readings
    "sum": Required[str],  # of the readings
    "first": str,  # reading
    "last": str,  # reading
}, total=False)

DataTraffic = TypedDict("DataTraffic", {
    "messages": Required[int],
    "payload_bytes": Required[int],
    "samples": Required[int],
}, total=False)

DataCloudSeriesArguments = TypedDict("DataCloudSeriesArguments", {
    "device": Required[str],  # the device's id
    "from": Required[int],  # the day's beginning, seconds since the epoch, UTC
    "to": Required[int],  # its end; not included
    "fields": Required[List[CloudField]],  # the operator's own figures
    "root": str,  # of the operator's series, where it has one
    "traffic": DataTraffic,  # what its gateway has counted of the device: messages, payload_bytes, samples
}, total=False)

CloudDay = TypedDict("CloudDay", {
    "transaction": Required[str],  # that stored it
    "received_ms": Required[int],  # when
    "device": Required[str],  # the device's id
    "from": Required[int],  # the day's beginning, seconds since the epoch, UTC
    "to": Required[int],  # its end; not included
    "fields": Required[List[CloudField]],  # the operator's own figures
    "root": str,  # of the operator's series, where it has one
    "traffic": DataTraffic,  # what its gateway has counted of the device: messages, payload_bytes, samples
}, total=False)

DeviceDay = TypedDict("DeviceDay", {
    "device": Required[str],  # the device's id
    "day": Required[str],  # in the agreement's zone
}, total=False)

DataFinalizeArguments = TypedDict("DataFinalizeArguments", {
    "agreement": Required[str],  # its id
    "days": Required[List[DeviceDay]],  # that have ended, and whose window has
}, total=False)

SettledDays = TypedDict("SettledDays", {
    "finalized": Required[int],  # that are FINAL by this call
    "already": Required[int],  # that were before
    "mismatches": List[DeviceDay],  # of those by this call: figures that differ, or a register that went back
}, total=False)

DataReviseArguments = TypedDict("DataReviseArguments", {
    "agreement": Required[str],  # its id
    "device": Required[str],  # the device's id
    "day": Required[str],  # in the agreement's zone
}, total=False)

InWindow = TypedDict("InWindow", {
    "window": Required[str],  # of the agreement
    "quantity": Required[str],  # that was measured in it
}, total=False)

SettledField = TypedDict("SettledField", {
    "field": Required[str],  # of the agreement
    "unit": Required[str],  # of the figures
    "match": Required[Literal["MATCH", "WITHIN_TOLERANCE", "COMMITTED", "ONE_SIDED", "MISSING", "MISMATCH", "OUT_OF_RANGE"]],  # of the device's figure and the cloud's
    "device": str,  # the device's quantity of the day
    "cloud": str,  # the operator's
    "billed": str,  # the quantity that counts; none where neither does
    "highest": str,  # the highest reading
    "first": str,  # the first reading
    "last": str,  # the last reading
    "windows": List[InWindow],  # the billed quantity by window
    "sessions": List[str],  # of OCMF meters: the content ids of the records that the device's quantity comes from
}, total=False)

SettledDay = TypedDict("SettledDay", {
    "agreement": Required[str],  # its id
    "version": Required[int],  # of its terms, in force on the day
    "device": Required[str],  # the device's id
    "day": Required[str],  # in the agreement's zone
    "from": Required[int],  # its beginning, seconds since the epoch, UTC
    "to": Required[int],  # its end; not included
    "state": Required[Literal["OPEN", "RECONCILING", "FINAL"]],  # OPEN, RECONCILING or FINAL
    "match": Required[Literal["MATCH", "WITHIN_TOLERANCE", "COMMITTED", "ONE_SIDED", "MISSING", "MISMATCH", "OUT_OF_RANGE"]],  # the worst of its fields
    "content_id": str,  # of the record that counts
    "fields": List[SettledField],  # of the agreement
    "traffic": DataTraffic,  # what the device sent: the counters that are billed
    "traffic_match": Literal["MATCH", "WITHIN_TOLERANCE", "COMMITTED", "ONE_SIDED", "MISSING", "MISMATCH", "OUT_OF_RANGE"],  # of the device's counters and the gateway's, where both have counted
    "revision": int,  # which revision of the FINAL day this is
    "transaction": Required[str],  # that stored it
    "settled_ms": Required[int],  # when
    "settled_by": Required[str],  # who called
}, total=False)

DataReconcileArguments = TypedDict("DataReconcileArguments", {
    "agreement": Required[str],  # its id
    "device": Required[str],  # the device's id
    "day": Required[str],  # in the agreement's zone
}, total=False)

DataSettledArguments = TypedDict("DataSettledArguments", {
    "agreement": Required[str],  # its id
    "device": Required[str],  # the device's id
    "from": str,  # the first day
    "to": str,  # the end date, exclusive
    "revised": bool,  # each day as its last revision has it (default: as it became FINAL)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

SettledPage = TypedDict("SettledPage", {
    "days": List[SettledDay],  # that are FINAL
    "next": str,  # the next page's cursor
}, total=False)

DataSettledDevicesArguments = TypedDict("DataSettledDevicesArguments", {
    "agreement": Required[str],  # its id
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

SettledDevices = TypedDict("SettledDevices", {
    "devices": List[str],  # with FINAL days under the agreement
    "next": str,  # the next page's cursor
}, total=False)

DataRevisionsArguments = TypedDict("DataRevisionsArguments", {
    "agreement": Required[str],  # its id
    "number": Required[int],  # the first one
    "limit": int,  # at most so many (default 1000)
}, total=False)

Revisions = TypedDict("Revisions", {
    "revisions": List[SettledDay],  # at most 1000, in the order in which they were stored
    "last": Required[int],  # the number of the last one that is stored; 0: there is none
}, total=False)

DataOpenedDaysArguments = TypedDict("DataOpenedDaysArguments", {
    "agreement": Required[str],  # its id
    "device": Required[str],  # the device's id
    "from": str,  # the first day
    "to": str,  # the end date, exclusive
    "revised": bool,  # each day as its last revision has it (default: as it became FINAL)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

DataOpenedRevisionsArguments = TypedDict("DataOpenedRevisionsArguments", {
    "agreement": Required[str],  # its id
    "number": Required[int],  # the first one
    "limit": int,  # at most so many (default 1000)
}, total=False)

DataKeepingArguments = TypedDict("DataKeepingArguments", {
    "device": Required[str],  # the device's id
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
}, total=False)

Field = TypedDict("Field", {
    "name": Required[str],  # what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
    "unit": Required[str],  # a unit of SenML's registry (RFC 8428), for example W
    "scale": Required[int],  # an integer v stands for v * 10^scale units
}, total=False)

FieldSummary = TypedDict("FieldSummary", {
    "count": Required[int],
    "missing": Required[int],
    "sum": Required[int],
    "min": Required[int],
    "max": Required[int],
    "first": Required[int],
    "last": Required[int],
}, total=False)

StoredRecord = TypedDict("StoredRecord", {
    "fields": List[Field],
    "summary": List[FieldSummary],
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
    "rows": Required[int],  # of the series; 0 with a commitment
    "root": Required[str],  # of the series, signed; empty with a commitment
    "previous": str,  # the content id of the record before
    "traffic": Traffic,  # what the device has sent since its last DAILY record
    "previous_daily": str,  # the content id of the DAILY record before
    "rows_per_leaf": Required[int],  # of the root's tree
    "corrects": str,  # the content id of the record that this one corrects
    "series": Required[str],  # inline, packed, encrypted or absent: how it came with the record
    "bytes": Required[int],  # as the device sent them
    "epoch": Required[int],  # of the device's key
    "signature": Required[str],  # the device's, base64
    "parameter": int,  # of a Vitro IoT Block
    "ciphertext_sha256": str,  # of a Vitro IoT Block
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
    "collection": str,  # whose keepers hold the rows, which are in no block
    "commitment": str,  # to the figures, signed in their place: the keepers hold those too
}, total=False)

Collection = TypedDict("Collection", {
    "id": Required[str],  # the collection's id
    "organization": Required[str],  # whose devices may be assigned to it
    "keepers": List[str],  # the organizations whose nodes keep the rows
    "keep_days": int,  # how long after a record's period; without it: until they are erased
    "defined_ms": Required[int],  # when it was defined
    "figures": bool,  # the keepers hold the figures too; records have commitments in their place
}, total=False)

Keeping = TypedDict("Keeping", {
    "record": Required[StoredRecord],  # as it is on the ledger
    "collection": Required[Collection],  # that keeps its rows
    "erased_by": str,  # the transaction that ordered their erasure
    "keep_until": int,  # when its keepers remove them; without it: when they are erased
}, total=False)

DataKeptRecordsArguments = TypedDict("DataKeptRecordsArguments", {
    "collection": Required[str],  # the collection's id
    "from_ms": int,  # records that were proposed at this time or later
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

KeptRecord = TypedDict("KeptRecord", {
    "device": Required[str],  # the device's id
    "content_id": Required[str],  # of the record
    "sequence": Required[int],  # of the record
    "received_ms": Required[int],  # when the record was published
}, total=False)

KeptPage = TypedDict("KeptPage", {
    "records": List[KeptRecord],  # in the order of their times
    "next": str,  # the next page's cursor
}, total=False)

DataEraseArguments = TypedDict("DataEraseArguments", {
    "device": Required[str],  # the device's id
    "from": int,  # records that begin here or later (default: all)
    "to": int,  # records that end here or before (default: all)
    "reason": Required[str],  # why, in 1 to 1000 characters
}, total=False)

ErasureOrder = TypedDict("ErasureOrder", {
    "device": Required[str],  # the device's id
    "order": Required[str],  # the transaction that ordered it
    "from": Required[int],  # records that begin here or later
    "to": Required[int],  # records that end here or before
    "reason": Required[str],  # as given
    "ordered_ms": Required[int],  # records that were published before are covered
    "ordered_by": Required[str],  # ORGANIZATION/name
}, total=False)

DataReportErasedArguments = TypedDict("DataReportErasedArguments", {
    "device": Required[str],  # the device's id
    "order": Required[str],  # the transaction that ordered the erasure
    "collection": Required[str],  # whose keeper reports
    "node": Required[str],  # the node that has removed the rows
    "series": Required[int],  # how many records' rows it held and has removed
    "digest": Required[str],  # SHA-256 over their content ids, sorted, 32 bytes each
}, total=False)

ErasureReport = TypedDict("ErasureReport", {
    "organization": Required[str],  # the keeper
    "node": Required[str],  # of the keeper
    "collection": Required[str],  # whose keeper it is
    "series": Required[int],  # how many records' rows it held and has removed
    "digest": Required[str],  # SHA-256 over their content ids, sorted, 32 bytes each
    "reported_ms": Required[int],  # when
    "transaction": Required[str],  # the signed report
}, total=False)

DataReportExpiredArguments = TypedDict("DataReportExpiredArguments", {
    "collection": Required[str],  # whose keeper reports
    "node": Required[str],  # the node that has removed the rows
    "before": Required[int],  # the rows of all records that ended before are removed
    "series": Required[int],  # how many records' rows it has removed since its last report
    "digest": Required[str],  # SHA-256 over their content ids, sorted, 32 bytes each
}, total=False)

ExpiryReport = TypedDict("ExpiryReport", {
    "collection": Required[str],  # whose keeper reports
    "organization": Required[str],  # the keeper
    "node": Required[str],  # of the keeper
    "before": Required[int],  # the rows of all records that ended before are removed
    "series": Required[int],  # how many records' rows it removed for this report
    "digest": Required[str],  # SHA-256 over their content ids, sorted, 32 bytes each
    "reported_ms": Required[int],  # when
    "transaction": Required[str],  # the signed report
}, total=False)

DataErasuresArguments = TypedDict("DataErasuresArguments", {
    "device": str,  # of this device alone
    "from_ms": int,  # that were ordered at this time or later; of all devices
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

ErasureView = TypedDict("ErasureView", {
    "reports": List[ErasureReport],  # of the keepers' nodes
    "device": Required[str],  # the device's id
    "order": Required[str],  # the transaction that ordered it
    "from": Required[int],  # records that begin here or later
    "to": Required[int],  # records that end here or before
    "reason": Required[str],  # as given
    "ordered_ms": Required[int],  # records that were published before are covered
    "ordered_by": Required[str],  # ORGANIZATION/name
}, total=False)

ErasurePage = TypedDict("ErasurePage", {
    "erasures": List[ErasureView],  # in the order of their times; of one device, of their transactions
    "next": str,  # the next page's cursor
}, total=False)

DataExpiriesArguments = TypedDict("DataExpiriesArguments", {
    "collection": Required[str],  # the collection's id
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

ExpiryPage = TypedDict("ExpiryPage", {
    "reports": List[ExpiryReport],  # the last one of each node
    "next": str,  # the next page's cursor
}, total=False)

DataPublishOcmfArguments = TypedDict("DataPublishOcmfArguments", {
    "device": str,  # whose record it is (default: the serial of the meter in the record, or of the gateway)
}, total=False)

OcmfVerdict = TypedDict("OcmfVerdict", {
    "check": Required[str],  # signature, pagination, clock, status, plausibility or identity
    "result": Required[Literal["PASSED", "NOTED", "FAILED", "UNSUPPORTED", "NOT_CHECKED"]],  # PASSED, NOTED, FAILED, UNSUPPORTED or NOT_CHECKED
    "detail": Required[str],  # what was found
}, total=False)

StoredSession = TypedDict("StoredSession", {
    "device": Required[str],  # the device's id
    "content_id": Required[str],  # of the record with the end
    "begin_content_id": Required[str],  # of the record with the beginning
    "billable": Required[bool],  # whether every check allows it
    "informative": Required[bool],  # whether it were billable if informative times were accepted
    "reasons": List[str],  # why it is not billable
    "transaction": Required[str],  # the one that completed it
    "completed_ms": Required[int],  # when that was
    "register_id": Required[str],  # OBIS code of the register
    "unit": Required[str],  # of the figures
    "begin": Required[str],  # the register when the transaction began
    "end": Required[str],  # the register when it ended
    "quantity": Required[str],  # end - begin
    "begin_ms": Required[int],  # when it began
    "end_ms": Required[int],  # when it ended
}, total=False)

OcmfPublished = TypedDict("OcmfPublished", {
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "transaction": Required[str],  # the one that published it
    "device": Required[str],  # the device's id
    "page": str,  # T and a number for transactions, F for fiscal readings
    "verdicts": List[OcmfVerdict],  # one for each check
    "sessions": List[StoredSession],  # that the record completes
}, total=False)

DataOcmfRecordArguments = TypedDict("DataOcmfRecordArguments", {
    "device": Required[str],  # the device's id
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
}, total=False)

OcmfReading = TypedDict("OcmfReading", {
    "time_ms": int,  # since 1970, UTC
    "time": Required[str],  # TM as it stands
    "time_status": Required[str],  # U unknown, I informative, S synchronised, R relative to a synchronised time
    "transaction": Required[str],  # TX: B begin, C during, X exception, E L R A P end, S suspended, T tariff
    "value": str,  # RV
    "register_id": Required[str],  # RI, an OBIS code
    "unit": Required[str],  # RU
    "current": Required[str],  # RT: AC or DC
    "losses": str,  # CL, cumulated
    "errors": Required[str],  # EF: E energy, t time
    "status": Required[str],  # ST: G good, ...
}, total=False)

StoredOcmf = TypedDict("StoredOcmf", {
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "device": Required[str],  # the device's id
    "organization": Required[str],  # the device's operator
    "shard": Required[str],  # the group of devices
    "meter": Required[str],  # the serial in the record
    "page": str,  # T and a number for transactions, F for fiscal readings
    "user_type": Required[str],  # how the user was identified (IT)
    "user_id": Required[str],  # of the user (ID)
    "point_id": Required[str],  # of the charge point (CI)
    "readings": List[OcmfReading],  # in the order of the record
    "verdicts": List[OcmfVerdict],  # one for each check
    "informative": Required[bool],  # whether the clock fails for informative times alone
    "epoch": Required[int],  # of the key that verified
    "bytes": Required[int],  # of the record
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
}, total=False)

DataOcmfRecordsArguments = TypedDict("DataOcmfRecordsArguments", {
    "device": Required[str],  # the device's id
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

OcmfView = TypedDict("OcmfView", {
    "missing_before": int,  # how many numbers are missing between it and the one before in its pagination
    "content_id": Required[str],  # the SHA-256 of the record's payload, in hexadecimal
    "device": Required[str],  # the device's id
    "organization": Required[str],  # the device's operator
    "shard": Required[str],  # the group of devices
    "meter": Required[str],  # the serial in the record
    "page": str,  # T and a number for transactions, F for fiscal readings
    "user_type": Required[str],  # how the user was identified (IT)
    "user_id": Required[str],  # of the user (ID)
    "point_id": Required[str],  # of the charge point (CI)
    "readings": List[OcmfReading],  # in the order of the record
    "verdicts": List[OcmfVerdict],  # one for each check
    "informative": Required[bool],  # whether the clock fails for informative times alone
    "epoch": Required[int],  # of the key that verified
    "bytes": Required[int],  # of the record
    "transaction": Required[str],  # the one that published it
    "received_ms": Required[int],  # when it was published
    "received_from": Required[str],  # who published it, organization/name
}, total=False)

OcmfRecords = TypedDict("OcmfRecords", {
    "records": List[OcmfView],  # by pagination: fiscal readings, then transactions, each by number
    "next": str,  # the next page's cursor
}, total=False)

DataOcmfSessionsArguments = TypedDict("DataOcmfSessionsArguments", {
    "device": Required[str],  # the device's id
    "from_ms": int,  # that end here or later, milliseconds since 1970
    "to_ms": int,  # that end before
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

OcmfSessions = TypedDict("OcmfSessions", {
    "sessions": List[StoredSession],  # by their end
    "next": str,  # the next page's cursor
}, total=False)

DataPublishReadingKeyArguments = TypedDict("DataPublishReadingKeyArguments", {
    "public_key": Required[str],  # an X25519 public key: 32 bytes in hexadecimal
}, total=False)

ReadingKeyOf = TypedDict("ReadingKeyOf", {
    "organization": Required[str],  # whose key it is
    "public_key": Required[str],  # X25519, in hexadecimal
    "since_ms": Required[int],  # when it was published
    "transaction": Required[str],  # that published it
}, total=False)

DataReadingKeyArguments = TypedDict("DataReadingKeyArguments", {
    "organization": Required[str],  # a member of the channel
}, total=False)

DataHandOverKeyArguments = TypedDict("DataHandOverKeyArguments", {
    "agreement": Required[str],  # that covers the device
    "device": Required[str],  # the device's id
    "organization": Required[str],  # a consumer or verifier of the agreement
    "key_id": Required[str],  # the kid of the records that the key opens: 8 bytes in hexadecimal
    "wrapped": Required[str],  # the content key, wrapped for the organization's reading key: COSE_Encrypt in base64
}, total=False)

HandedKey = TypedDict("HandedKey", {
    "device": Required[str],  # the device's id
    "organization": Required[str],  # whose reading key opens it
    "key_id": Required[str],  # the kid of the records that the key opens
    "reading_key": Required[str],  # the public key that it was wrapped for
    "wrapped": Required[str],  # the wrapped content key, in base64
    "agreement": Required[str],  # under which it was handed over
    "handed_ms": Required[int],  # when
    "transaction": Required[str],  # that handed it over
}, total=False)

DataHandedKeysArguments = TypedDict("DataHandedKeysArguments", {
    "device": Required[str],  # the device's id
    "organization": str,  # only the keys for this organization
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

HandedPage = TypedDict("HandedPage", {
    "keys": List[HandedKey],  # by organization and key id
    "next": str,  # the next page's cursor
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "data.publish": (DataPublishArguments, Published),  # Stores a record that a device has signed
    "data.attach_series": (DataAttachSeriesArguments, SeriesAttached),  # Stores the series of a record that was published without it
    "data.find": (DataFindArguments, Optional[RecordPlace]),  # Where the record with a content id is, or null
    "data.days": (DataDaysArguments, DayPage),  # Days of a device or a shard, summarized by field
    "data.records": (DataRecordsArguments, RecordPage),  # A device's records of any kind
    "data.proofs": (DataProofsArguments, ProofPage),  # What ties each day's figures to its device and its transaction
    "data.series": (DataSeriesArguments, SeriesPage),  # Samples by field, raw or resampled, checked against the signed root
    "data.gaps": (DataGapsArguments, GapReport),  # Missing days, rows, values and sequences, and breaks of the chain
    "data.liveness": (DataLivenessArguments, DeviceLiveness),  # When a device was last heard, and whether that is too long ago
    "data.report_silence": (DataReportSilenceArguments, SilenceReported),  # Suspends a device that has missed too many keep-alives, by its operator's rules
    "data.shard_liveness": (DataShardLivenessArguments, LivenessPage),  # The same of each device of a shard
    "data.totals": (DataTotalsArguments, TotalsView),  # Counters of a device or a shard
    "data.cloud_series": (DataCloudSeriesArguments, CloudDay),  # Stores the operator's own figures of a device's day
    "data.finalize": (DataFinalizeArguments, SettledDays),  # Makes days FINAL under an agreement, once their reconciliation window has ended
    "data.revise": (DataReviseArguments, SettledDay),  # Stores what became known of a FINAL day after it
    "data.reconcile": (DataReconcileArguments, SettledDay),  # What finalizing a day would say now
    "data.settled": (DataSettledArguments, SettledPage),  # FINAL days of a device under an agreement
    "data.settled_devices": (DataSettledDevicesArguments, SettledDevices),  # The devices of which an agreement has FINAL days
    "data.revisions": (DataRevisionsArguments, Revisions),  # What became known of FINAL days after them
    "data.opened_days": (DataOpenedDaysArguments, SettledPage),  # FINAL days with the figures that a collection keeps; at a keeper's node
    "data.opened_revisions": (DataOpenedRevisionsArguments, Revisions),  # The same of what became known of FINAL days after them
    "data.keeping": (DataKeepingArguments, Keeping),  # Who keeps the rows of a record, and how long
    "data.kept_records": (DataKeptRecordsArguments, KeptPage),  # The records whose rows a collection keeps
    "data.erase": (DataEraseArguments, ErasureOrder),  # Orders the keepers of a device's readings to remove them
    "data.report_erased": (DataReportErasedArguments, ErasureReport),  # States that a keeper's node has removed what an erasure covers
    "data.report_expired": (DataReportExpiredArguments, ExpiryReport),  # States that a keeper's node has removed what a collection keeps no longer
    "data.erasures": (DataErasuresArguments, ErasurePage),  # Erasures that were ordered, with the reports of the keepers' nodes
    "data.expiries": (DataExpiriesArguments, ExpiryPage),  # What the keepers of a collection have removed by its term
    "data.publish_ocmf": (DataPublishOcmfArguments, OcmfPublished),  # Stores a signed reading of a meter in the field (OCMF), with its verdicts
    "data.ocmf_record": (DataOcmfRecordArguments, Optional[StoredOcmf]),  # One OCMF record of a device, or null
    "data.ocmf_records": (DataOcmfRecordsArguments, OcmfRecords),  # A device's OCMF records by pagination, with their verdicts and gaps
    "data.ocmf_sessions": (DataOcmfSessionsArguments, OcmfSessions),  # What a device's registers counted in each transaction, and why it is not billable
    "data.publish_reading_key": (DataPublishReadingKeyArguments, ReadingKeyOf),  # Publishes the key for which others wrap what this organization may read
    "data.reading_key": (DataReadingKeyArguments, ReadingKeyOf),  # An organization's reading key
    "data.hand_over_key": (DataHandOverKeyArguments, HandedKey),  # Gives a party of an agreement the key of a device's encrypted series
    "data.handed_keys": (DataHandedKeysArguments, HandedPage),  # The keys of a device's encrypted series, wrapped for those who may read them
}
