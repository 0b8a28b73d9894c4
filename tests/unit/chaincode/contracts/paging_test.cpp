// Pages of long lists: each entry once, whatever the page's size, and an end.

#include <gmock/gmock.h>

#include "chaincode/contracts/paging.h"
#include "chaincode/records/vitro_block.h"
#include "tests/unit/chaincode/contracts/metering_fixture.h"

namespace tally::chaincode::test {
namespace {

constexpr int kBlocks = 1100;

struct Filter : PageArguments {
    std::optional<std::string> ends_with;
};
TALLY_FIELDS_WITH(Filter, (PageArguments), (ends_with, "only keys that end so"))

struct Keys {
    std::vector<std::string> keys;
    std::optional<std::string> next;
};
TALLY_FIELDS(Keys, (keys, "in order"), (next, "the next page"))

Result<Keys> list(Stub& stub, const Filter& in) {
    Keys page;
    page.next = TRY(Pager({"k"}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        if (in.ends_with && !entry.key.ends_with(*in.ends_with)) return false;
        page.keys.push_back(entry.value);
        return true;
    }));
    return page;
}

struct Put {
    std::vector<std::string> parts;
};
BOOST_DESCRIBE_STRUCT(Put, (), (parts))

Result<json::value> put_entry(Stub& stub, const Put& in) {
    std::string key = "k", value;
    for (const auto& part : in.parts) {
        key += '\0' + part;
        value += (value.empty() ? "" : "|") + part;
    }
    TRY(stub.put(key, value));
    return json::value();
}

class Pages : public testing::Test {
  protected:
    static const ContractSet& contracts() {
        static const ContractSet set = [] {
            Contract contract("pages", 1, "Lists");
            contract.add(&put_entry, {.name = "put", .summary = "Puts", .writes = true})
                .add(&list, {.name = "list", .summary = "Lists"});
            ContractSet out;
            out.add(std::move(contract));
            return out;
        }();
        return set;
    }
    void put_key(std::vector<std::string> parts) {
        ASSERT_OK(ledger.submit("pages", "put", to_json(Put{std::move(parts)}).as_object()));
    }
    std::vector<std::string> all(json::object arguments) {
        std::vector<std::string> keys;
        for (int pages = 0; pages < 1000; ++pages) {
            const auto page = ledger.query("pages", "list", arguments);
            EXPECT_TRUE(page) << message_of(page);
            if (!page) return keys;
            for (const auto& each : page->at("keys").as_array()) keys.emplace_back(each.as_string());
            if (!page->as_object().contains("next")) return keys;
            arguments["cursor"] = page->at("next");
        }
        ADD_FAILURE() << "no end";
        return keys;
    }

    TestLedger ledger{contracts()};
};

TEST_F(Pages, EveryEntryIsOnOnePageWhateverItsKeyHolds) {
    const std::vector<std::string> wanted{"a", "a/b", "a|b", "a~b", "a~0b", "a~1", "\x01", "zz"};
    put_key({"a"});
    put_key({"a/b"});
    put_key({"a", "b"});
    put_key({"a~b"});
    put_key({"a~0b"});
    put_key({"a~1"});
    put_key({"\x01"});
    put_key({"zz"});
    for (const int limit : {1, 2, 3, 7, 8, 1000})
        EXPECT_THAT(all({{"limit", limit}}), testing::UnorderedElementsAreArray(wanted)) << limit;
}

TEST_F(Pages, AListThatFiltersGoesOnWhereItStopped) {
    for (int i = 0; i < 250; ++i) put_key({fmt::format("{:04}", i)});
    for (const int limit : {1, 2, 100})
        EXPECT_THAT(all({{"limit", limit}, {"ends_with", "77"}}), testing::ElementsAre("0077", "0177")) << limit;
}

TEST_F(Pages, ACursorThatNoPageEndedWithIsRefused) {
    for (const char* cursor : {"~", "a~2", "a~"}) {
        EXPECT_REFUSED(ledger.query("pages", "list", json::object{{"cursor", cursor}}), Code::invalid_argument,
                       "which no page ended with");
    }
    EXPECT_REFUSED(ledger.query("pages", "list", json::object{{"limit", 0}}), Code::invalid_argument, "\"limit\" is 0");
}

// A Vitro device with more blocks than the longest page holds.
class LongLists : public Metering {
  protected:
    void SetUp() override {
        Metering::SetUp();
        VitroBlock block;
        block.node.fill(1);
        block.parameter = 7;
        block.timestamp_s = static_cast<std::uint32_t>(kMonday);
        const Bytes blob(64, 0xab);
        block.blob = blob;
        device = block.node_hex();
        const auto signer = *crypto::PrivateKey::from_raw(crypto::Algorithm::p256, Bytes(32, 3));
        ledger.time_ms = kMonday * 1000;
        ASSERT_OK(ledger.submit("registry", "register_device",
                                json::object{{"id", device},
                                             {"shard", "north"},
                                             {"profile", "vitro-1"},
                                             {"public_key", to_hex(signer.public_key().raw())},
                                             {"polling_interval_s", 60},
                                             {"keepalive_interval_s", 3600}}));
        for (int i = 0; i < kBlocks; ++i) {
            block.timestamp_s += 60;
            ledger.time_ms = (std::int64_t{block.timestamp_s} + 1) * 1000;
            ASSERT_OK(ledger.submit("data", "publish", json::object{{"format", "vitro"}},
                                    {*sign_vitro(signer, VitroProfile::vitro1, block)}));
        }
    }
    std::string device;
};

TEST_F(LongLists, ATimelineOfTheLongestPagesTellsEverythingOnce) {
    for (const std::int64_t limit : {1000, 999, 7}) {
        json::object arguments{{"id", device}, {"limit", limit}};
        int registered = 0, published = 0;
        std::int64_t last_ms = 0;
        for (int pages = 0; pages <= kBlocks / limit + 1; ++pages) {
            const auto page = ledger.query("registry", "timeline", arguments);
            ASSERT_OK(page);
            for (const auto& entry : page->at("entries").as_array()) {
                ++(entry.at("kind") == "record_published" ? published : registered);
                EXPECT_GE(entry.at("time_ms").as_int64(), last_ms);
                last_ms = entry.at("time_ms").as_int64();
            }
            if (!page->as_object().contains("next")) break;
            arguments["cursor"] = page->at("next");
        }
        EXPECT_EQ(registered, 1) << limit;
        EXPECT_EQ(published, kBlocks) << limit;
    }
}

TEST_F(Metering, APageOfATimelineReadsNoMoreVersionsThanItTellsAndOneOfEachDocument) {
    constexpr int kChanges = 120;
    std::vector<std::int64_t> times;
    for (int i = 0; i < kChanges; ++i) {
        ledger.time_ms += 1000;
        times.push_back(ledger.time_ms);
        json::object status{
            {"device", "meter-1"}, {"status", i % 2 == 0 ? "SUSPENDED" : "ACTIVE"}, {"reason", "again"}};
        if (i % 2 == 1) status.emplace("repair", json::object{{"statement", "mended"}});
        ASSERT_OK(ledger.submit("registry", "set_status", status));
        ASSERT_OK(ledger.submit("registry", "report_incident",
                                json::object{{"device", "meter-1"}, {"kind", "CLOCK_SKEW"}, {"count", 1}}));
    }
    std::set<std::size_t> totals;
    for (const std::size_t limit : {1U, 2U, 50U, 1000U}) {
        json::object arguments{{"id", "meter-1"}, {"limit", limit}};
        std::vector<std::int64_t> changed, reported;
        std::size_t told = 0;
        for (bool more = true; more;) {
            const auto before = ledger.state().history_read();
            const auto page = ledger.query("registry", "timeline", arguments);
            ASSERT_OK(page);
            EXPECT_LE(ledger.state().history_read() - before, 2 * (limit + 1));
            const auto& entries = page->at("entries").as_array();
            more = page->as_object().contains("next");
            EXPECT_TRUE(entries.size() == limit || !more) << "a page that others follow is full";
            told += entries.size();
            for (const auto& entry : entries) {
                const auto time_ms = entry.at("time_ms").as_int64();
                if (entry.at("kind") == "status_changed") changed.push_back(time_ms);
                if (entry.at("kind") == "incident_reported") reported.push_back(time_ms);
            }
            if (more) arguments["cursor"] = page->at("next");
        }
        EXPECT_EQ(changed, times) << limit;
        EXPECT_EQ(reported, times) << limit;
        totals.insert(told);
    }
    EXPECT_EQ(totals.size(), 1U) << "the page's size changes nothing";
}

TEST_F(LongLists, GapsOfADeviceWithoutSequencesEnd) {
    json::object arguments{{"device", device}, {"from", kMonday}, {"to", kMonday + kDay}, {"limit", 100}};
    int pages = 0;
    for (; pages < 2 * kBlocks / 100; ++pages) {
        const auto page = ledger.query("data", "gaps", arguments);
        ASSERT_OK(page);
        EXPECT_TRUE(page->at("missing_sequences").as_array().empty());
        const auto* next = page->as_object().if_contains("next_sequence");
        if (next == nullptr) break;
        arguments["from_sequence"] = *next;
    }
    EXPECT_EQ(pages, kBlocks / 100 - 1);
}

// What a filter passes over is not read without end: the page ends, and the next goes on.
TEST_F(Metering, AFilteredListOfMoreThanAQueryMayReadIsPaged) {
    constexpr std::size_t kDevices = 101'000;
    const auto known = ledger.state().get({"registry", composite_key({"device", "meter-1"})});
    ASSERT_TRUE(known && *known);
    storage::CheckedTransaction transaction;
    transaction.code = storage::ValidationCode::VALID;
    auto text = std::string(as_text((*known)->value));
    for (std::size_t i = 0; i < kDevices; ++i) {
        const auto id = fmt::format("m{:06}", i);
        auto value = text;
        value.replace(value.find("meter-1"), 7, id);
        transaction.simulation.read_write_set.writes.push_back(
            {{"registry", composite_key({"device", id})}, to_bytes(value)});
    }
    ASSERT_EQ(ledger.state().apply(std::span(&transaction, 1), std::array<Bytes, 1>{}).front(),
              storage::ValidationCode::VALID);
    json::object arguments{{"organization", "nobody"}, {"limit", 1000}};
    std::size_t pages = 1;
    for (;; ++pages) {
        const auto page = ledger.query("registry", "list_devices", arguments);
        ASSERT_OK(page);
        EXPECT_TRUE(page->at("devices").as_array().empty());
        const auto* next = page->as_object().if_contains("next");
        if (next == nullptr) break;
        EXPECT_NE(*next, arguments["cursor"]);
        arguments["cursor"] = *next;
    }
    EXPECT_EQ(pages, 11U);
}

}  // namespace
}  // namespace tally::chaincode::test
