#pragma once
// What the data contract's functions are called with. Times are seconds since the epoch, UTC.

#include <boost/describe.hpp>

#include "chaincode/records/device_record.h"

namespace tally::chaincode::data {

enum class Format { record, vitro };
BOOST_DESCRIBE_ENUM(Format, record, vitro)

struct Publish {
    Format format = Format::record;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Publish, (), (format))

struct AttachSeries {
    std::string device;
    std::string content_id;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(AttachSeries, (), (device, content_id))

struct Find {
    std::string content_id;
    std::optional<std::string> device;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Find, (), (content_id, device))

struct Days {
    std::optional<std::string> device;
    std::optional<std::string> shard;
    std::optional<std::string> organization;
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    std::vector<std::string> fields;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Days, (), (device, shard, organization, from, to, fields, limit, cursor))

enum class Order { SEQUENCE, RECEIVED };
BOOST_DESCRIBE_ENUM(Order, SEQUENCE, RECEIVED)

struct Records {
    std::string device;
    std::optional<RecordKind> kind;
    std::optional<Order> order;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Records, (), (device, kind, order, limit, cursor))

struct Series {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<std::string> fields;
    std::optional<std::int64_t> interval_s;
    std::optional<RecordKind> kind;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Series, (), (device, from, to, fields, interval_s, kind, limit, cursor))

struct Gaps {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::optional<std::int64_t> from_sequence;
    std::optional<std::int64_t> limit;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Gaps, (), (device, from, to, from_sequence, limit))

struct Liveness {
    std::optional<std::string> device;
    std::optional<std::string> shard;
    std::optional<std::string> organization;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Liveness, (), (device, shard, organization, limit, cursor))

struct Proofs {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Proofs, (), (device, from, to, limit, cursor))

struct Totals {
    std::optional<std::string> device;
    std::optional<std::string> shard;
    std::optional<std::string> organization;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Totals, (), (device, shard, organization))

}  // namespace tally::chaincode::data
