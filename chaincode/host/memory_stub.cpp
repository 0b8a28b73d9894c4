#include "chaincode/host/memory_stub.h"

#include <algorithm>
#include <charconv>

#include "chaincode/json/strict_json.h"
#include "crypto/hash.h"

namespace tally::chaincode {

// The world of one call: it works on a copy, which the ledger takes over when the call succeeds.
class MemoryStub : public Stub {
  public:
    MemoryStub(MemoryLedger& ledger, const Function& function, const std::vector<Bytes>& attachments)
        : state(ledger.state), ledger_(ledger), function_(function) {
        for (const auto& each : attachments) attachments_.emplace_back(each);
        id_ = crypto::sha256(as_bytes(fmt::format("call {}", ledger.calls_)));
    }

    Result<std::optional<std::string>> get(std::string_view key) override {
        const auto found = state.find(std::string(key));
        if (found == state.end()) return std::nullopt;
        return found->second;
    }
    Result<Page> range(std::string_view start, std::string_view end, RangeOptions options) override {
        Page page;
        auto first = state.lower_bound(std::string(start));
        const auto last = end.empty() ? state.end() : state.lower_bound(std::string(end));
        std::vector<KeyValue> all;
        for (; first != last; ++first) all.push_back({first->first, first->second, {}});
        if (options.reverse) std::ranges::reverse(all);
        page.more = all.size() > options.limit;
        all.resize(std::min(all.size(), options.limit));
        page.entries = std::move(all);
        return page;
    }
    Status put(std::string_view key, std::string value) override {
        TRY(may_write());
        state[std::string(key)] = std::move(value);
        return {};
    }
    Status remove(std::string_view key) override {
        TRY(may_write());
        state.erase(std::string(key));
        return {};
    }
    Status increment(std::string_view key, std::int64_t delta, std::int64_t lower_bound) override {
        TRY(may_write());
        auto& text = state.try_emplace(std::string(key), "0").first->second;
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        if (__builtin_add_overflow(value, delta, &value) || value < lower_bound)
            return fail(Code::invalid_argument, "the counter \"{}\" would leave its bounds", key);
        text = fmt::format("{}", value);
        return {};
    }
    Result<std::vector<storage::HistoryEntry>> history(std::string_view, storage::Version, std::size_t) override {
        return fail(Code::unsupported, "a ledger in memory keeps no history");
    }
    Result<Bytes> attachment_of(const storage::TransactionId&, std::size_t) override {
        return fail(Code::unsupported, "a ledger in memory keeps no attachments");
    }
    Result<json::value> call(std::string_view contract, std::string_view function,
                             const json::value& arguments) override {
        const auto other = ledger_.others.find(fmt::format("{}.{}", contract, function));
        if (other == ledger_.others.end())
            return fail(Code::unknown_function, "the test stands in for no {}.{}", contract, function);
        return other->second(arguments);
    }
    Status verify_attachment(const crypto::PublicKey&, std::size_t, std::string_view) override {
        return fail(Code::unsupported, "a ledger in memory checks no signatures");
    }
    Status check_result_bytes(std::size_t) const override { return {}; }
    void emit(std::string_view event, const json::value& payload) override {
        if (function_.writes) events.push_back({std::string(event), payload});
    }
    const storage::TransactionId& transaction_id() const override { return id_; }
    const std::string& channel() const override { return ledger_.channel; }
    const std::vector<std::string>& organizations() const override { return ledger_.organizations; }
    std::int64_t time_ms() const override { return ledger_.time_ms; }
    const Caller& caller() const override { return ledger_.caller; }
    const std::string& calling_contract() const override { return ledger_.calling_contract; }
    std::span<const ByteView> attachments() const override { return attachments_; }
    bool is_query() const override { return !function_.writes; }

    std::map<std::string, std::string> state;
    std::vector<MemoryLedger::Emitted> events;

  private:
    [[nodiscard]] Status may_write() const {
        if (function_.writes) return {};
        return fail(Code::permission_denied, "{} is a query and must not write", function_.name);
    }

    MemoryLedger& ledger_;
    const Function& function_;
    std::vector<ByteView> attachments_;
    storage::TransactionId id_;
};

namespace {

Status may_call(const MemoryLedger& ledger, const Function& function, std::size_t attachments) {
    const auto contains = [](const auto& list, const auto& one) { return std::ranges::find(list, one) != list.end(); };
    if (!function.callers.empty() && !contains(function.callers, ledger.calling_contract))
        return fail(Code::permission_denied, "{} is for contracts alone", function.name);
    if (!function.roles.empty() && !contains(function.roles, ledger.caller.role))
        return fail(Code::permission_denied, "{} is not for the role {}", function.name, ledger.caller.role);
    const auto least = static_cast<std::size_t>(
        std::ranges::count_if(function.attachments, [](const auto& each) { return !each.optional; }));
    if (attachments < least || attachments > function.attachments.size())
        return fail(Code::invalid_argument, "{} came with {} attachments", function.name, attachments);
    return {};
}

std::string text_of(const Result<Answer>& result) {
    return result ? *result->text() : fmt::format("{}: {}", result.error().code.name(), result.error().message);
}

}  // namespace

Result<json::value> MemoryLedger::call(std::string_view function, const json::object& arguments,
                                       std::vector<Bytes> attachments) {
    const auto* found = contract_.find(function);
    if (found == nullptr) return fail(Code::unknown_function, "there is no function \"{}\"", function);
    TRY(may_call(*this, *found, attachments.size()));
    ++calls_;
    const auto parsed = TRY(parse_json(json_text(arguments), "the arguments"));
    MemoryStub first(*this, *found, attachments), second(*this, *found, attachments);
    auto result = found->run(first, parsed);
    const auto again = found->run(second, parsed);
    TALLY_INVARIANT(text_of(result) == text_of(again) && first.state == second.state && first.events == second.events,
                    fmt::format("{} is not deterministic", function));
    if (!result) return std::unexpected(result.error());
    if (found->writes) {
        state = std::move(first.state);
        for (auto& each : first.events) events.push_back(std::move(each));
    }
    return result->json();
}

}  // namespace tally::chaincode
