#include "tests/unit/gateway/fake_backend.h"

#include "crypto/clocks.h"
#include "crypto/code_named.h"

#include <array>
#include <boost/describe.hpp>
#include <chrono>

#include "chaincode/contracts/data/refusals.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/json/strict_json.h"
#include "crypto/hash.h"

namespace tally::gateway::test {

namespace {

enum class DeviceState { active, suspended };
BOOST_DESCRIBE_ENUM(DeviceState, active, suspended)

struct OneDevice {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(OneDevice, (), (id))

struct ListDevices {
    std::optional<std::string> shard;
    std::optional<DeviceState> status;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;
};
BOOST_DESCRIBE_STRUCT(ListDevices, (), (shard, status, limit, cursor))

struct Days {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<std::string> fields;
};
BOOST_DESCRIBE_STRUCT(Days, (), (device, from, to, fields))

struct OfDevice {
    std::string device;
};
BOOST_DESCRIBE_STRUCT(OfDevice, (), (device))

template <class Arguments>
Result<json::value> echo(chaincode::Stub&, const Arguments&) {
    return json::value();
}

std::optional<Code> refusal_of(std::string_view text) {
    constexpr std::string_view kRefuse = "refuse ";
    if (!text.starts_with(kRefuse)) return std::nullopt;
    const auto name = text.substr(kRefuse.size());
    if (name == "unknown_device") return chaincode::registry::refusals::unknown_device;
    if (name == "duplicate_record") return chaincode::data::refusals::duplicate_record;
    return code_named(name, Kind::refused);
}

}  // namespace

FakeBackend::FakeBackend(crypto::Certificate root) : root_(std::move(root)) {
    chaincode::Contract registry("registry", 1, "Devices");
    registry.add(&echo<OneDevice>, {.name = "get_device", .summary = "One device", .routes = {"/v1/devices/{id}"}})
        .add(&echo<ListDevices>, {.name = "list_devices", .summary = "All devices", .routes = {"/v1/devices"}})
        .add(&echo<OneDevice>,
             {.name = "timeline", .summary = "A device's past", .routes = {"/v1/devices/{id}/timeline"}});
    chaincode::Contract data("data", 1, "Records");
    data.add(&echo<Days>, {.name = "days", .summary = "Days", .routes = {"/v1/devices/{device}/days", "/v1/days"}})
        .add(&echo<OfDevice>, {.name = "liveness", .summary = "Liveness", .routes = {"/v1/devices/{device}/liveness"}})
        .add(&echo<Days>, {.name = "gaps", .summary = "Gaps", .routes = {"/v1/devices/{device}/gaps"}})
        .add(&echo<Days>, {.name = "series", .summary = "Series", .routes = {"/v1/devices/{device}/series"}})
        .add(&echo<OfDevice>, {.name = "publish", .summary = "Publish", .writes = true});
    contracts_.add(std::move(registry));
    contracts_.add(std::move(data));
    blocks_.emplace_back();  // the genesis block
}

Result<Caller> FakeBackend::identify(std::span<const crypto::Certificate> chain) {
    {
        const std::lock_guard lock(mutex_);
        ++identified_;
    }
    crypto::TrustStore trust{{root_}, {}, {}};
    TRY(crypto::verify_path(chain.front(), chain.subspan(1), trust, now_ms(), crypto::Purpose::signing));
    const auto& subject = chain.front().subject();
    if (subject.organizational_unit == "visitor") return fail(Code::permission_denied, "visitors have no role here");
    return Caller{subject.organization, subject.organizational_unit, subject.common_name, chain.front().der()};
}

TransactionStatus FakeBackend::commit(const Bytes& bytes, storage::ValidationCode code) {
    TransactionStatus status;
    status.state = TransactionStatus::State::committed;
    status.id = crypto::sha256(bytes);
    status.code = code;
    status.block = blocks_.size();
    status.result = json::object{{"bytes", bytes.size()}};
    transactions_[status.id] = {status, bytes};
    EventRecord event;
    event.at = {status.block, 0, 0};
    event.transaction_id = status.id;
    event.contract = "data";
    event.name = "record_published";
    event.payload = fmt::format("{{\"bytes\":{}}}", bytes.size());
    event.block_time_ms = 1'750'000'000'000;
    blocks_.push_back({event});
    return status;
}

void FakeBackend::publish(Bytes record, std::string content_type, Caller, Wait wait, Done<RecordOutcome> done) {
    const std::string text(as_text(record));
    if (const auto code = refusal_of(text)) return done(fail(*code, "the record was refused as asked"));
    if (text == "forget") return;
    RecordOutcome outcome;
    {
        const std::lock_guard lock(mutex_);
        last_content_type_ = content_type;
        outcome.content_id = crypto::sha256(record).hex();
        const auto known = transactions_.find(crypto::sha256(record));
        outcome.duplicate = known != transactions_.end();
        outcome.transaction = outcome.duplicate
                                  ? known->second.status
                                  : commit(record, text == "invalid" ? storage::ValidationCode::MVCC_READ_CONFLICT
                                                                     : storage::ValidationCode::VALID);
        if (wait == Wait::accepted) outcome.transaction.state = TransactionStatus::State::pending;
        if (text.starts_with("hold")) {
            held_.push_back([done, outcome] { done(outcome); });
            changed_.notify_all();
            return;
        }
    }
    wake_all();
    done(outcome);
}

void FakeBackend::submit(Caller, Bytes proposal, Wait wait, Done<TransactionStatus> done) {
    publish(std::move(proposal), "application/cose", {}, wait, [done](Result<RecordOutcome> outcome) {
        if (!outcome) return done(std::unexpected(outcome.error()));
        done(outcome->transaction);
    });
}

void FakeBackend::evaluate(Caller, Bytes proposal, Done<std::string> done) {
    if (const auto code = refusal_of(as_text(proposal))) return done(fail(*code, "the proposal was refused as asked"));
    done(fmt::format(R"({{"evaluated":{}}})", proposal.size()));
}

void FakeBackend::attest(Caller, Bytes question, Done<Bytes> done) {
    if (const auto code = refusal_of(as_text(question))) return done(fail(*code, "the question was refused as asked"));
    done(to_bytes("attested: " + std::string(as_text(question))));
}

void FakeBackend::query(Caller caller, std::string contract, std::string function, json::object arguments,
                        Done<std::string> done) {
    if (arguments.contains("device") && arguments.at("device") == "unknown")
        return done(fail(chaincode::registry::refusals::unknown_device, "no such device"));
    done(chaincode::json_text(
        json::object{{"call", contract + "." + function}, {"as", caller.name}, {"arguments", std::move(arguments)}}));
}

Status FakeBackend::post(const Caller& caller, std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (refuse_tasks_) return fail(Code::busy, "too much of {} is waiting", caller.organization);
        if (hold_tasks_) {
            held_.push_back(std::move(task));
            changed_.notify_all();
            return {};
        }
    }
    task();
    return {};
}

void FakeBackend::hold_tasks(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_tasks_ = hold;
}

void FakeBackend::refuse_tasks(bool refuse) {
    const std::lock_guard lock(mutex_);
    refuse_tasks_ = refuse;
}

Result<TransactionStatus> FakeBackend::status(const storage::TransactionId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = transactions_.find(id);
    if (found != transactions_.end()) return found->second.status;
    TransactionStatus status;
    status.id = id;
    return status;
}

Result<Bytes> FakeBackend::transaction(const storage::TransactionId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = transactions_.find(id);
    if (found == transactions_.end()) return fail(Code::not_found, "no transaction {}", id.hex());
    return found->second.bytes;
}

void FakeBackend::apply_configuration(const Caller&, const crypto::Hash& config, Done<TransactionStatus> done) {
    done(fail(Code::not_found, "no configuration with the hash {} is proposed", config.hex()));
}

void FakeBackend::receipt(const Caller&, const storage::TransactionId& id, Done<Bytes> done) {
    auto bytes = transaction(id);
    if (bytes) bytes->insert(bytes->begin(), 0xd2);
    done(std::move(bytes));
}

Result<std::uint64_t> FakeBackend::height() {
    const std::lock_guard lock(mutex_);
    return blocks_.size() - 1;
}

Result<json::object> FakeBackend::block(std::uint64_t number, bool header_only) {
    const std::lock_guard lock(mutex_);
    if (number >= blocks_.size()) return fail(Code::not_found, "there is no block {} yet", number);
    json::object out{{"number", number}};
    if (!header_only) out.emplace("transactions", blocks_[number].size());
    return out;
}

Result<Bytes> FakeBackend::raw_block(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    if (number >= blocks_.size()) return fail(Code::not_found, "there is no block {} yet", number);
    return to_bytes(fmt::format("block {}", number));
}

Result<json::object> FakeBackend::checkpoint(std::optional<std::uint64_t> block) {
    const auto at = block.value_or(TRY(height()));
    if (at > TRY(height())) return fail(Code::not_found, "there is no block {} yet", at);
    return json::object{{"block", at}};
}

Result<json::object> FakeBackend::consistency(std::uint64_t from_block, std::uint64_t to_block) {
    return json::object{{"from", from_block}, {"to", to_block}};
}

Result<Bytes> FakeBackend::snapshot_part(std::uint64_t block, std::uint64_t offset) {
    if (block != 1) return fail(Code::not_found, "there is no snapshot of block {}", block);
    return to_bytes(std::string_view("bytes").substr(std::min<std::size_t>(offset, 5)));
}

Result<EventPage> FakeBackend::events(EventCursor from, const EventFilter& filter, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    EventPage page;
    page.next = from;
    for (auto block = from.block; block < blocks_.size(); ++block) {
        for (const auto& event : blocks_[block]) {
            if (event.at < from) continue;
            if (page.events.size() == limit) return page;
            page.next = {event.at.block, event.at.transaction, event.at.event + 1};
            const bool wanted = filter.contract.value_or(event.contract) == event.contract &&
                                filter.event.value_or(event.name) == event.name;
            if (wanted) page.events.push_back(event);
        }
        page.next = {block + 1, 0, 0};
    }
    return page;
}

std::shared_ptr<void> FakeBackend::on_commit(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    const auto id = next_listener_++;
    listeners_[id] = std::move(wake);
    return {this, [id](void* self) {
                auto& backend = *static_cast<FakeBackend*>(self);
                const std::lock_guard removing(backend.mutex_);
                backend.listeners_.erase(id);
            }};
}

Health FakeBackend::health() {
    const std::lock_guard lock(mutex_);
    if (healthy_) return {true, {{"height", blocks_.size() - 1}}};
    return {false, {{"reason", "the disk is full"}}};
}

void FakeBackend::wake_all() {
    std::map<std::uint64_t, std::function<void()>> listeners;
    {
        const std::lock_guard lock(mutex_);
        listeners = listeners_;
    }
    for (const auto& [id, wake] : listeners) wake();
}

void FakeBackend::release() {
    std::vector<std::function<void()>> held;
    {
        const std::lock_guard lock(mutex_);
        held.swap(held_);
    }
    for (const auto& answer : held) answer();
}

void FakeBackend::wait_for_held(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.size() >= count; });
}

void FakeBackend::set_healthy(bool healthy) {
    const std::lock_guard lock(mutex_);
    healthy_ = healthy;
}

storage::TransactionId FakeBackend::add_transaction(const Bytes& bytes) {
    const std::lock_guard lock(mutex_);
    return commit(bytes, storage::ValidationCode::VALID).id;
}

void FakeBackend::add_events(std::size_t count, std::size_t payload_bytes) {
    {
        const std::lock_guard lock(mutex_);
        std::vector<EventRecord> events;
        for (std::size_t i = 0; i < count; ++i) {
            EventRecord event;
            event.at = {blocks_.size(), 0, static_cast<std::uint32_t>(i)};
            event.contract = i % 2 == 0 ? "data" : "billing";
            event.name = "filled";
            event.payload = fmt::format("{{\"n\":\n{}}}", i) + std::string(i == 0 ? payload_bytes : 0, ' ');
            events.push_back(event);
        }
        blocks_.push_back(std::move(events));
    }
    wake_all();
}

std::string FakeBackend::last_content_type() {
    const std::lock_guard lock(mutex_);
    return last_content_type_;
}

unsigned FakeBackend::identified() {
    const std::lock_guard lock(mutex_);
    return identified_;
}

std::size_t FakeBackend::listeners() {
    const std::lock_guard lock(mutex_);
    return listeners_.size();
}

}  // namespace tally::gateway::test
