#pragma once
// tally bench audit: the readings of one device over many days, as an auditor asks for them: the query with every
// reading, the audit run that checks them, and the evidence file, made and verified offline.

#include "bench/cluster/bench_ground.h"

namespace tally::node::cli {

struct AuditBench {
    GroundOptions ground;
    std::size_t days = 90;
    std::size_t rows = 1440;  // of a day
    std::size_t fields = 7;
    std::size_t times = 5;
};

[[nodiscard]] Status bench_audit(const AuditBench& options, const std::atomic<bool>& interrupted);

}  // namespace tally::node::cli
