#include "chaincode/host/serve.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdio>

#include "chaincode/host/frames.h"
#include "chaincode/host/messages.h"
#include "chaincode/json/strict_json.h"
#include "crypto/code_named.h"
#include "storage/model/archive.h"

namespace tally::chaincode::host {
namespace {

constexpr std::size_t kMaxAnswered = 1'000'000;

// The stub in the contract's process: every question goes to the node.
class PipeStub : public Stub {
  public:
    PipeStub(Frames& node, HostedCall call) : node_(node), call_(std::move(call)) {
        caller_ = {call_.organization, call_.role, call_.name, call_.certificate};
        for (const auto& each : call_.attachments) attachments_.emplace_back(each);
    }

    Result<std::optional<std::string>> get(std::string_view key) override {
        auto answer = TRY(ask({.ask = Ask::get, .first = std::string(key)}));
        if (!answer.flag) return std::nullopt;
        return std::move(answer.text);
    }
    Result<Page> range(std::string_view start, std::string_view end, RangeOptions options) override {
        auto answer = TRY(ask({.ask = Ask::range,
                               .first = std::string(start),
                               .second = std::string(end),
                               .limit = options.limit,
                               .flag = options.reverse}));
        Page page{{}, answer.flag};
        for (auto& each : answer.entries)
            page.entries.push_back({std::move(each.key), std::move(each.value), {each.block, each.transaction}});
        return page;
    }
    Status put(std::string_view key, std::string value) override {
        TRY(ask({.ask = Ask::put, .first = std::string(key), .second = std::move(value)}));
        return {};
    }
    Status remove(std::string_view key) override {
        TRY(ask({.ask = Ask::remove, .first = std::string(key)}));
        return {};
    }
    Status increment(std::string_view key, std::int64_t delta, std::int64_t lower_bound) override {
        TRY(ask({.ask = Ask::increment, .first = std::string(key), .number = delta, .bound = lower_bound}));
        return {};
    }
    Result<std::vector<storage::HistoryEntry>> history(std::string_view key, storage::Version from,
                                                       std::size_t limit) override {
        auto answer = TRY(ask({.ask = Ask::history,
                               .first = std::string(key),
                               .number = static_cast<std::int64_t>(from.block),
                               .bound = from.transaction,
                               .limit = limit}));
        std::vector<storage::HistoryEntry> out;
        for (auto& each : answer.entries) {
            auto& entry = out.emplace_back();
            entry.version = {each.block, each.transaction};
            if (each.present) entry.value = to_bytes(each.value);
        }
        return out;
    }
    Result<Bytes> attachment_of(const storage::TransactionId& id, std::size_t index) override {
        return TRY(ask({.ask = Ask::attachment, .first = id.hex(), .number = static_cast<std::int64_t>(index)})).bytes;
    }
    Result<json::value> call(std::string_view contract, std::string_view function,
                             const json::value& arguments) override {
        const auto answer = TRY(ask({.ask = Ask::call,
                                     .first = std::string(contract),
                                     .second = std::string(function),
                                     .text = json_text(arguments)}));
        return parse_json(answer.text, "an answer", {.max_bytes = kMaxFrame});
    }
    Status verify_attachment(const crypto::PublicKey& key, std::size_t attachment,
                             std::string_view content_type) override {
        TRY(ask({.ask = Ask::verify,
                 .first = std::string(content_type),
                 .bytes = key.spki(),
                 .number = static_cast<std::int64_t>(attachment)}));
        return {};
    }
    Status check_result_bytes(std::size_t so_far) const override {
        if (so_far <= call_.max_result_bytes) return {};
        return fail(Code::too_large, "an answer of more than {} bytes; ask for less", call_.max_result_bytes);
    }
    void emit(std::string_view event, const json::value& payload) override {
        // The node has ended when this fails, and the next question fails too.
        (void)ask({.ask = Ask::emit, .first = std::string(event), .text = json_text(payload)});
    }

    const storage::TransactionId& transaction_id() const override { return call_.transaction_id; }
    const std::string& channel() const override { return call_.channel; }
    const std::vector<std::string>& organizations() const override { return call_.organizations; }
    std::int64_t time_ms() const override { return call_.time_ms; }
    const Caller& caller() const override { return caller_; }
    const std::string& calling_contract() const override { return call_.calling_contract; }
    std::span<const ByteView> attachments() const override { return attachments_; }
    bool is_query() const override { return call_.query; }

  private:
    Result<StubAnswer> ask(StubRequest request) {
        TRY(node_.send(storage::encode(request)));
        auto answer = TRY(storage::decode<StubAnswer>(TRY(node_.receive()), "an answer of the node", kMaxAnswered));
        if (answer.ok) return answer;
        const auto kind =
            answer.kind <= static_cast<std::uint8_t>(kLastKind) ? static_cast<Kind>(answer.kind) : Kind::refused;
        return std::unexpected(Error{code_named(answer.code, kind), std::move(answer.text)});
    }

    Frames& node_;
    HostedCall call_;
    Caller caller_;
    std::vector<ByteView> attachments_;
};

Result<Answer> run(const Contract& contract, Frames& node, HostedCall call) {
    const auto* function = contract.find(call.function);
    if (function == nullptr)
        return fail(Code::unknown_function, "the contract {} has no function \"{}\"", contract.name(), call.function);
    const auto arguments = TRY(parse_json(call.arguments, "the arguments"));
    PipeStub stub(node, std::move(call));
    return function->run(stub, arguments);
}

Status answer_calls(const Contract& contract, Frames& node) {
    TRY(node.send(as_bytes(json_text(manifest_of(contract)))));
    while (true) {
        auto call = TRY(storage::decode<HostedCall>(TRY(node.receive()), "a call", kMaxAnswered));
        const auto result = run(contract, node, std::move(call));
        StubRequest end;
        if (result) {
            end = {.ask = Ask::finished, .text = *result->text()};
        } else {
            end = {.ask = Ask::failed,
                   .first = std::string(result.error().code.name()),
                   .text = result.error().message,
                   .number = static_cast<std::int64_t>(result.error().code.kind())};
        }
        TRY(node.send(storage::encode(end)));
    }
}

}  // namespace

int serve(const Contract& contract, int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--manifest") {
        std::puts(json_text(manifest_of(contract)).c_str());
        return 0;
    }
    if (argc != 1 || argv[0] == nullptr || std::string_view(argv[0]) != "tally-contract") {
        std::fprintf(stderr, "%s: a contract of Tally; a node starts it. --manifest prints what it declares.\n",
                     argc > 0 ? argv[0] : "contract");
        return 2;
    }
    // No time-stamp counter, so no clock: the node's sandbox keeps system calls from it.
    ::prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    Frames node(kProcessSocket);
    (void)answer_calls(contract, node);  // until the node ends
    return 0;
}

}  // namespace tally::chaincode::host
