#include "chaincode/host/hosted_contract.h"

#include <condition_variable>
#include <mutex>

#include "chaincode/host/clock.h"
#include "chaincode/host/frames.h"
#include "chaincode/host/messages.h"
#include "chaincode/json/strict_json.h"
#include "crypto/code_named.h"
#include "storage/model/archive.h"

namespace tally::chaincode::host {
namespace {

using Time = Frames::Clock::time_point;

constexpr std::size_t kMaxElements = 1'000'000;
constexpr std::size_t kMaxEntries = 10'000;  // of one range that a contract reads
constexpr std::chrono::seconds kStart{5};

struct Process {
    explicit Process(const Started& started) : process(started.process), frames(started.socket) {}
    ~Process() {
        if (process > 0) (void)end_process(process);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    // Ends it and says how it ended.
    std::string end() { return end_process(std::exchange(process, -1)); }

    pid_t process;
    Frames frames;
};

// The processes of one contract: a call takes one alone and gives it back when it has worked.
class Pool {
  public:
    Pool(Package package, const HostLimits& limits) : package_(std::move(package)), limits_(limits) {}

    [[nodiscard]] Result<std::unique_ptr<Process>> take(Time deadline) {
        {
            std::unique_lock lock(mutex_);
            const bool free = freed_.wait_until(lock, deadline, [this] { return taken_ < limits_.processes; });
            if (!free) return fail(Code::busy, "every process of the contract is at work");
            ++taken_;
            if (!idle_.empty()) {
                auto process = std::move(idle_.back());
                idle_.pop_back();
                return process;
            }
        }
        auto process = start();
        if (!process) give_back(nullptr);
        return process;
    }

    void give_back(std::unique_ptr<Process> process) {  // null: it has ended
        {
            const std::lock_guard lock(mutex_);
            --taken_;
            if (process) idle_.push_back(std::move(process));
        }
        freed_.notify_one();
    }

    [[nodiscard]] const HostLimits& limits() const { return limits_; }
    [[nodiscard]] const Package& package() const { return package_; }

  private:
    [[nodiscard]] Result<std::unique_ptr<Process>> start() const {
        auto process = std::make_unique<Process>(TRY(start_in_sandbox(package_.program, limits_.sandbox)));
        const auto manifest = process->frames.receive(Frames::Clock::now() + kStart);
        if (!manifest) return fail(Code::unavailable, "the contract's program does not start: it {}", process->end());
        if (as_text(*manifest) != package_.manifest)
            return fail(Code::corrupt, "the contract's program declares something else than its package");
        return process;
    }

    const Package package_;
    const HostLimits limits_;
    std::mutex mutex_;
    std::condition_variable freed_;
    unsigned taken_ = 0;
    std::vector<std::unique_ptr<Process>> idle_;
};

HostedCall call_of(const Stub& stub, const std::string& function, const json::value& arguments) {
    HostedCall call;
    call.function = function;
    call.arguments = json_text(arguments);
    for (const auto each : stub.attachments()) call.attachments.push_back(to_bytes(each));
    call.transaction_id = stub.transaction_id();
    call.channel = stub.channel();
    call.organizations = stub.organizations();
    call.time_ms = stub.time_ms();
    const auto& caller = stub.caller();
    call.organization = caller.organization;
    call.role = caller.role;
    call.name = caller.name;
    call.certificate = caller.certificate;
    call.calling_contract = stub.calling_contract();
    call.query = stub.is_query();
    call.max_result_bytes = kMaxFrame - 4096;
    return call;
}

// What the stub answers to one question of the process.
Result<StubAnswer> answer_to(Stub& stub, const StubRequest& in) {
    StubAnswer out;
    switch (in.ask) {
        case Ask::get: {
            auto value = TRY(stub.get(in.first));
            out.flag = value.has_value();
            if (value) out.text = std::move(*value);
            return out;
        }
        case Ask::range: {
            auto page = TRY(stub.range(in.first, in.second,
                                       {.limit = std::min<std::size_t>(in.limit, kMaxEntries), .reverse = in.flag}));
            for (auto& each : page.entries)
                out.entries.push_back(
                    {std::move(each.key), std::move(each.value), each.version.block, each.version.transaction, true});
            out.flag = page.more;
            return out;
        }
        case Ask::put: TRY(stub.put(in.first, in.second)); return out;
        case Ask::remove: TRY(stub.remove(in.first)); return out;
        case Ask::increment: TRY(stub.increment(in.first, in.number, in.bound)); return out;
        case Ask::history: {
            const storage::Version from{static_cast<std::uint64_t>(in.number), static_cast<std::uint32_t>(in.bound)};
            for (auto& each : TRY(stub.history(in.first, from, std::min<std::size_t>(in.limit, kMaxEntries)))) {
                out.entries.push_back({{},
                                       each.value ? std::string(as_text(*each.value)) : std::string(),
                                       each.version.block,
                                       each.version.transaction,
                                       each.value.has_value()});
            }
            return out;
        }
        case Ask::attachment:
            out.bytes = TRY(stub.attachment_of(TRY(storage::TransactionId::from_hex(in.first)),
                                               static_cast<std::size_t>(in.number)));
            return out;
        case Ask::call:
            out.text = json_text(TRY(stub.call(in.first, in.second, TRY(parse_json(in.text, "the arguments")))));
            return out;
        case Ask::verify:
            TRY(stub.verify_attachment(TRY(crypto::PublicKey::from_spki(in.bytes)), static_cast<std::size_t>(in.number),
                                       in.first));
            return out;
        case Ask::emit: stub.emit(in.first, TRY(parse_json(in.text, "the event's payload"))); return out;
        case Ask::finished:
        case Ask::failed: break;
    }
    return out;
}

StubAnswer refusal_of(const Error& error) {
    StubAnswer out;
    out.ok = false;
    out.code = error.code.name();
    out.kind = static_cast<std::uint8_t>(error.code.kind());
    out.text = error.message;
    return out;
}

// A refusal of the contract itself. A process may not say that the node has failed.
Error failed_with(const StubRequest& in) {
    const bool known = in.number >= 0 && in.number <= static_cast<std::int64_t>(kLastKind);
    auto kind = known ? static_cast<Kind>(in.number) : Kind::refused;
    if (kind == Kind::failed || kind == Kind::damaged) kind = Kind::refused;
    const auto code = code_named(in.first, kind);
    if (code.kind() == Kind::failed || code.kind() == Kind::damaged) return {contract_failed, in.text.substr(0, 1000)};
    return {code, in.text.substr(0, 1000)};
}

// The outcome of a call: an answer or a refusal of the contract, and whether the process is of further use.
struct Outcome {
    Result<json::value> result;
    bool process_works = true;
};

Outcome converse(Process& process, Stub& stub, const HostedCall& call, Time deadline) {
    const auto broken = [&](const Error& error) {
        const bool late = error.code == Code::timeout;
        const auto how = process.end();
        return Outcome{fail(contract_failed, "{}: the contract's program {}", call.function,
                            late ? "takes too long and was stopped" : how),
                       false};
    };
    if (const auto sent = process.frames.send(storage::encode(call), deadline); !sent) return broken(sent.error());
    std::optional<Error> node_failed;  // the node itself: never a refusal
    while (true) {
        auto frame = process.frames.receive(deadline);
        if (!frame) return broken(frame.error());
        const auto request = storage::decode<StubRequest>(*frame, "a question of the contract's program", kMaxElements);
        if (!request) return broken(request.error());
        if (request->ask == Ask::finished) {
            if (node_failed) return {std::unexpected(*node_failed)};
            return {parse_json(request->text, "the contract's answer", {.max_bytes = kMaxFrame})};
        }
        if (request->ask == Ask::failed) return {std::unexpected(node_failed ? *node_failed : failed_with(*request))};
        const auto answer = answer_to(stub, *request);
        if (!answer && (answer.error().code.kind() == Kind::failed || answer.error().code.kind() == Kind::damaged))
            node_failed = answer.error();
        const auto sent = process.frames.send(storage::encode(answer ? *answer : refusal_of(answer.error())), deadline);
        if (!sent) return broken(sent.error());
    }
}

Result<json::value> call_hosted(Pool& pool, Stub& stub, const std::string& function, const json::value& arguments) {
    const auto deadline = Frames::Clock::now() + pool.limits().time;
    auto process = TRY(pool.take(deadline));
    auto outcome = converse(*process, stub, call_of(stub, function, arguments), deadline);
    if (!outcome.process_works) process.reset();
    pool.give_back(std::move(process));
    return std::move(outcome.result);
}

}  // namespace

Result<Contract> host_contract(Package package, const HostLimits& limits) {
    if (!limits.allow_clock && !can_hide_the_clock())
        return fail(
            Code::unavailable,
            "{}. They need a machine that can hide it. For a network to try things out, [contracts] allow_clock = "
            "true in node.toml runs them nevertheless",
            kClockIsOpen);
    const auto pool = std::make_shared<Pool>(std::move(package), limits);
    auto contract = TRY(contract_of(pool->package().manifest, [pool](std::string function) {
        return [pool, function = std::move(function)](Stub& stub, const json::value& arguments) {
            return call_hosted(*pool, stub, function, arguments);
        };
    }));
    pool->give_back(TRY(pool->take(Frames::Clock::now() + kStart)));
    contract.set_package(pool->package().hash().hex());
    return contract;
}

}  // namespace tally::chaincode::host
