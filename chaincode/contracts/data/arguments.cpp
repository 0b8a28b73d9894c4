#include "chaincode/contracts/data/arguments.h"

namespace tally::chaincode::data {
namespace {

std::string_view describe_range(std::string_view member) {
    if (member == "device") return "the device's id";
    if (member == "shard") return "all devices of an organization's shard; either this or device";
    if (member == "organization") return "whose shard (default: the caller's)";
    if (member == "from") return "seconds since the epoch, UTC";
    if (member == "to") return "seconds since the epoch, UTC; not included";
    if (member == "limit") return "at most so many entries on a page";
    if (member == "cursor") return "the \"next\" of the page before";
    if (member == "fields") return "names of fields; all when empty";
    if (member == "kind") return "only records of this kind";
    return {};
}

}  // namespace

std::string_view Publish::describe(std::string_view member) {
    if (member == "format") return "what attachment 0 is: a signed device record, or a Vitro IoT Block";
    return {};
}

std::string_view AttachSeries::describe(std::string_view member) {
    if (member == "content_id") return "of the record that was published without its series";
    return describe_range(member);
}

std::string_view Find::describe(std::string_view member) {
    if (member == "content_id") return "the SHA-256 of the record's payload, in hexadecimal";
    if (member == "device") return "where devices have sent equal payloads: which of them";
    return {};
}

std::string_view Days::describe(std::string_view member) {
    if (member == "from") return "days that start here or later";
    if (member == "to") return "days that start before";
    return describe_range(member);
}

std::string_view Records::describe(std::string_view member) {
    if (member == "order") return "by SEQUENCE (default) or as they were RECEIVED";
    return describe_range(member);
}

std::string_view Series::describe(std::string_view member) {
    if (member == "interval_s")
        return "resample to this interval, counted from each record's start; without it: every row";
    if (member == "kind") return "of records of this kind (default DAILY)";
    if (member == "limit") return "at most so many records on a page (default 7, at most 31)";
    return describe_range(member);
}

std::string_view Gaps::describe(std::string_view member) {
    if (member == "from_sequence") return "look for missing sequences from here on (default 1)";
    if (member == "limit") return "at most so many days, and so many sequences (default 100, at most 1000)";
    return describe_range(member);
}

std::string_view Liveness::describe(std::string_view member) { return describe_range(member); }
std::string_view Proofs::describe(std::string_view member) { return describe_range(member); }
std::string_view Totals::describe(std::string_view member) { return describe_range(member); }

}  // namespace tally::chaincode::data
