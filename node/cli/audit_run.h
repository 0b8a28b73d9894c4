#pragma once
// Recorded audits of an agreement, and the evidence file of one.

#include <filesystem>

#include "chaincode/contracts/audit/answers.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

struct AuditRequest : chaincode::audit::RunAudit {
    bool readings = false;  // the devices' messages are attached, and checked on the ledger
};

// What a run with readings has as its attachment: the messages of the devices' records, each followed by its series
// where that came later.
[[nodiscard]] Result<Bytes> readings_of(MemberClient& member, const AuditRequest& request);

// The runs that it takes: one, or several where the devices have more days together than one run takes. Each is of a
// part of the devices then, and has the request's id with a number. An empty id is made from the days and the time.
[[nodiscard]] Result<std::vector<AuditRequest>> runs_of(MemberClient& member, AuditRequest request);
// What this organization has recorded with the same request; none: nothing, or something else has this id.
[[nodiscard]] Result<std::optional<chaincode::audit::RunAnswer>> recorded_audit(MemberClient& member,
                                                                                const AuditRequest& request);
[[nodiscard]] Result<chaincode::audit::RunAnswer> run_audit(MemberClient& member, const AuditRequest& request);
void print_run(const chaincode::audit::RunAnswer& answer);

// Whether the file is there and is evidence of this run.
[[nodiscard]] bool is_evidence_of(const chaincode::audit::RunAnswer& answer, const std::filesystem::path& file);

// Gathers receipts, attested answers and invoices (node/channel/evidence_file.h). Shows a progress bar.
[[nodiscard]] Status write_evidence(MemberClient& member, const chaincode::audit::RunAnswer& answer,
                                    const std::filesystem::path& file);

}  // namespace tally::node::cli
