#pragma once
// An evidence file: everything that proves a recorded audit (chaincode/contracts/audit) offline and years later, down
// to the readings that devices signed. A Zstandard frame that holds deterministic CBOR:
//
//   { 1: "tally-evidence/1", 2: receipt of the audit run, 3: [receipts of the agreement's signatures],
//     4: [ [device, [receipts of its keys], [receipts of its records], [[sequence, receipt of a series]],
//           [answer files of its FINAL days], of a meter that signs OCMF: [[keys], [receipts of its records]]], ... ],
//     5: [ [receipt of the invoice, [items, JSON text]], ... ] }
//
// Receipts are receipt files (receipt_file.h), answers are answer files (answer_file.h).

#include <string>
#include <vector>

#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/contracts/audit/answers.h"
#include "chaincode/contracts/billing/model.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "node/channel/checks.h"
#include "node/channel/membership.h"

namespace tally::node {

struct LateSeries {
    std::int64_t sequence = 0;  // of the record
    Bytes receipt;
};

// Of a meter that signs OCMF: the keys (SubjectPublicKeyInfo) that another organization has confirmed by their
// fingerprints, and the records with the sessions and fiscal readings of the audited days.
struct OcmfProof {
    std::vector<Bytes> keys;
    std::vector<Bytes> records;

    [[nodiscard]] bool empty() const { return keys.empty() && records.empty(); }
};

struct DeviceProof {
    std::string device;
    std::vector<Bytes> keys;
    std::vector<Bytes> records;
    std::vector<LateSeries> series;
    std::vector<Bytes> settled;
    OcmfProof ocmf;
};

struct InvoiceProof {
    Bytes receipt;
    std::vector<std::string> items;
};

struct EvidenceParts {
    Bytes run;
    std::vector<Bytes> agreement;
    std::vector<DeviceProof> devices;
    std::vector<InvoiceProof> invoices;
};

[[nodiscard]] Bytes make_evidence_file(const EvidenceParts& parts);
[[nodiscard]] bool is_evidence_file(ByteView file);  // by its first bytes
// malformed, unsupported, too_large (256 MiB unpacked).
[[nodiscard]] Result<EvidenceParts> read_evidence_file(ByteView file);

// An invoice that was computed again, with what its document is made from.
struct ProvenInvoice {
    chaincode::billing::Invoice invoice;
    std::vector<chaincode::billing::Item> items;
    chaincode::agreement::Terms terms;              // on its last day
    std::int64_t version = 0;                       // of the terms
    std::vector<chaincode::data::SettledDay> days;  // of the devices, as far as the file has them
};

struct EvidenceFacts {
    std::string channel;
    chaincode::audit::Run run;
    std::int64_t records = 0;       // proven, with the devices' signatures
    std::int64_t readings = 0;      // that give the signed roots
    std::int64_t withheld = 0;      // records whose readings are not in the file
    std::int64_t ocmf_records = 0;  // proven, with the meters' signatures
    std::int64_t invoices = 0;      // computed again from proven figures
    std::vector<ProvenInvoice> proven_invoices;
};

// Checks everything that the file claims: that the run covers its days without a gap, that each record of its list is
// there and no other, the devices' signatures and chains, the readings, the terms that all parties have signed, and
// that the invoices follow from terms and figures. `checks` is told of each check; the first that does not hold is the
// error. One configuration under which a receipt verifies is enough, as organizations change with time.
[[nodiscard]] Result<EvidenceFacts> verify_evidence_file(
    ByteView file, const std::vector<std::shared_ptr<const Membership>>& configurations, Checks& checks);

}  // namespace tally::node
