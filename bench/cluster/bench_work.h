#pragma once
// What a benchmark has the consortium do, request by request.

#include "bench/cluster/bench_ground.h"
#include "bench/cluster/bench_load.h"

namespace tally::node::cli {

class BenchWork {
  public:
    virtual ~BenchWork() = default;
    // Connection `i`; the ground and the work must outlive it.
    [[nodiscard]] virtual Result<std::unique_ptr<Requester>> requester(const Ground& ground, std::size_t i) = 0;
    [[nodiscard]] virtual std::size_t request_bytes() const = 0;          // of one request, once one was made
    [[nodiscard]] virtual std::size_t transactions() const { return 1; }  // in one request
    // What the nodes hold of it behind block `height`, where they were read `before` and `after`.
    using Readings = std::map<std::string, NodeReading>;
    [[nodiscard]] virtual Result<Holdings> holdings(Ground& ground, std::uint64_t height, const Readings& before,
                                                    const Readings& after) const;
};

// Signed proposals, each of which writes a key of its own: registry register_schema.
[[nodiscard]] Result<std::unique_ptr<BenchWork>> make_ledger_work();

// Signed device records, made and signed before the clock starts.
struct RecordWork {
    std::string kind = "daily";  // or keepalive
    std::size_t devices = 50;
    std::size_t fields = 7;
    std::int64_t rows = 1440;  // of a generated day, at equal intervals of whole seconds
    std::string algorithm = "p256";
    std::string csv;  // daily: a meter's file whose whole days are used in turn; empty: days that are generated
};
// Registers the devices. invalid_argument when a day cannot have so many rows.
[[nodiscard]] Result<std::vector<Bytes>> make_records(Ground& ground, const RecordWork& options, std::size_t count,
                                                      const std::atomic<bool>& interrupted);
// Over HTTPS.
[[nodiscard]] std::unique_ptr<BenchWork> make_record_work(std::vector<Bytes> messages);

}  // namespace tally::node::cli
