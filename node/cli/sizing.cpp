#include "node/cli/sizing.h"

#include <algorithm>
#include <cmath>

namespace tally::node::cli {
namespace {

constexpr double kSecondsOfDay = 86'400;
constexpr double kYear_days = 365;

// Bytes of a signed daily record: `tally bench records --rows ROWS --fields FIELDS --window 1`, which prints them as
// "of N bytes". Measured: 1 row of 1 field 328, 24 of 1: 379, 24 of 7: 625, 96 of 1: 455, 96 of 7: 918, 1,440 of 1:
// 2,096, 1,440 of 7: 7,710. The readings are those of a household with solar cells; the first field is its power, which
// changes most. Further fields have a summary each.
constexpr double kRecord_bytes = 330;
constexpr double kFirstValue_bytes = 1.23;
constexpr double kFurtherField_bytes = 29;
constexpr double kFurtherValue_bytes = 0.62;
// `... --kind keepalive`: 417.
constexpr double kKeepalive_bytes = 417;
constexpr double kMostRecord_bytes = 1U << 20U;  // README.md, Limits

// Growth of a node's data without its consensus log, by du, over the same runs with four nodes: 328 bytes 4,806; 379:
// 4,902; 625: 5,407; 918: 5,721; 2,096: 6,540; 7,710: 13,025. With seven: 486 bytes 6,144; 8,298: 14,438. With one: 418
// bytes 3,731 over 2,000 records and 3,715 over the next 12,000; 7,710: 11,783. Every further node signs: certificates,
// endorsements, checkpoints.
constexpr double kDisk_bytes = 3400;
constexpr double kDiskNode_bytes = 300;
constexpr double kDiskByte = 1.1;  // for each byte of the record
// What `tally ledger prune` leaves of a record, with four nodes: 1,548.
constexpr double kPruned_bytes = 1550;
// Three or four segments of the consensus log (64 MiB each), and storage.min_free_bytes, docs/operations.md.
constexpr double kFixed_bytes = 512.0 * (1U << 20U);

// "bytes between nodes per transaction" of the same runs. With four nodes: 328 bytes 21,819; 2,096: 32,321; 7,710:
// 64,341. With seven: 486 bytes 64,828; 8,298: 144,567. A record goes to every other node in a batch and to the
// endorsers of a majority in a proposal. For its block each node sends votes to each other one.
constexpr double kNetworkByte = 1.14;
constexpr double kNetworkNode_bytes = 2195;
constexpr double kNetworkPair_bytes = 1112;

// Release builds, README.md, Figures and Limits: keep-alives with one node 535 us (`tally bench records --nodes 1
// --kind keepalive`), about 3 ms in all with four nodes and a block for each; days of 1,440 rows of 7 fields 1,640 us
// with one node.
constexpr double kCpu_s = 535e-6;
constexpr double kCpuNode_s = 72e-6;
constexpr double kCpuValue_s = 0.11e-6;

RecordCost cost_of(double message_bytes, double values, double nodes) {
    const auto others = nodes - 1;
    const auto other_endorsers = std::floor(nodes / 2);
    RecordCost out;
    out.message_bytes = message_bytes;
    out.disk_bytes = kDisk_bytes + kDiskNode_bytes * nodes + kDiskByte * message_bytes;
    out.pruned_bytes = kPruned_bytes;
    out.network_bytes = kNetworkByte * (others + other_endorsers) * message_bytes + kNetworkNode_bytes * others +
                        kNetworkPair_bytes * nodes * others;
    out.cpu_s = kCpu_s + kCpuNode_s * others + kCpuValue_s * values;
    return out;
}

}  // namespace

Result<Sizing> size_of(const Fleet& fleet) {
    const auto nodes = static_cast<double>(fleet.nodes);
    const auto devices = static_cast<double>(fleet.devices);
    const auto rows = std::ceil(kSecondsOfDay / static_cast<double>(fleet.interval_s));
    const auto further = static_cast<double>(fleet.fields - 1);
    const auto message_bytes =
        kRecord_bytes + kFirstValue_bytes * rows + further * (kFurtherField_bytes + kFurtherValue_bytes * rows);
    if (message_bytes > kMostRecord_bytes)
        return fail(Code::too_large,
                    "a day of {:.0f} readings of {} fields is a record of about {:.0f} bytes, and at most {:.0f} are "
                    "allowed: take a longer interval or fewer fields",
                    rows, fleet.fields, message_bytes, kMostRecord_bytes);

    Sizing out;
    out.daily = cost_of(message_bytes, rows * static_cast<double>(fleet.fields), nodes);
    out.keepalive = cost_of(kKeepalive_bytes, 0, nodes);
    const auto small = fleet.keepalive_s ? devices * kSecondsOfDay / static_cast<double>(*fleet.keepalive_s) : 0;
    // Of a day, by a cost of its records.
    const auto a_day = [&](double RecordCost::* cost) {
        return devices * out.daily.*cost + small * out.keepalive.*cost;
    };
    // In a second of the time in which the daily records arrive, while keep-alives arrive all day.
    const auto at_most = [&](double RecordCost::* cost) {
        return devices * out.daily.*cost / static_cast<double>(fleet.within_s) +
               small * out.keepalive.*cost / kSecondsOfDay;
    };
    out.records_a_day = devices + small;
    out.records_a_second = devices / static_cast<double>(fleet.within_s) + small / kSecondsOfDay;
    out.disk_bytes_a_day = a_day(&RecordCost::disk_bytes);
    out.network_bytes_a_day = a_day(&RecordCost::network_bytes);
    out.network_bits_a_second = at_most(&RecordCost::network_bytes) * 8 / nodes;
    out.clients_bytes_a_day = a_day(&RecordCost::message_bytes);
    out.cores_on_average = a_day(&RecordCost::cpu_s) / kSecondsOfDay;
    out.cores_at_most = at_most(&RecordCost::cpu_s);
    const auto days = static_cast<double>(fleet.years) * kYear_days;
    const auto whole = std::min(days, static_cast<double>(fleet.keep_days.value_or(fleet.years * 365)));
    out.disk_bytes = kFixed_bytes + whole * out.disk_bytes_a_day + (days - whole) * a_day(&RecordCost::pruned_bytes);
    return out;
}

}  // namespace tally::node::cli
