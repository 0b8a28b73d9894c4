#pragma once
// The stub behind an invocation: a view of one contract's namespace, and the recording that all contracts of the
// invocation share. One thread, one invocation.

#include <map>
#include <memory>

#include "chaincode/execute.h"

namespace tally::chaincode {

// What one invocation has read and wants, over every contract that it called.
struct Recording {
    const ContractSet& contracts;
    const storage::StateReader& state;
    const storage::ArchiveReader* archive;  // null where history must not be seen
    const Invocation& invocation;
    const ExecutionLimits& limits;
    crypto::VerifiedSignatures* verified;
    bool writes;
    const storage::KeptSeries* kept = nullptr;  // null where there is none

    std::map<storage::StateKey, std::optional<storage::Version>> reads{};
    std::vector<storage::RangeRead> range_reads{};
    std::map<storage::StateKey, std::optional<std::string>> pending{};
    std::map<storage::StateKey, std::pair<std::int64_t, std::int64_t>> increments{};  // delta, lower bound
    std::vector<storage::Event> events{};
    std::size_t keys_read = 0;
    std::size_t bytes_written = 0;

    [[nodiscard]] storage::ReadWriteSet read_write_set() const;
    [[nodiscard]] Status count_read();
    [[nodiscard]] Status count_write(std::size_t bytes);
    [[nodiscard]] Error result_too_large() const;
};

class SimulationStub : public Stub {
  public:
    // `calling`: the contract that calls; empty for the proposal's own function.
    SimulationStub(Recording& recording, std::string contract, unsigned depth, std::string calling)
        : recording_(recording), contract_(std::move(contract)), depth_(depth), calling_(std::move(calling)) {}

    Result<std::optional<std::string>> get(std::string_view key) override;
    Result<Page> range(std::string_view start, std::string_view end, RangeOptions options) override;
    Status put(std::string_view key, std::string value) override;
    Status remove(std::string_view key) override;
    Status increment(std::string_view key, std::int64_t delta, std::int64_t lower_bound) override;
    Result<std::vector<storage::HistoryEntry>> history(std::string_view key, storage::Version from,
                                                       std::size_t limit) override;
    Result<Bytes> attachment_of(const storage::TransactionId& id, std::size_t index) override;
    Result<std::optional<Bytes>> kept_series(const std::string& device, const crypto::Hash& content_id) override;
    Result<json::value> call(std::string_view contract, std::string_view function,
                             const json::value& arguments) override;
    Status verify_attachment(const crypto::PublicKey& key, std::size_t attachment,
                             std::string_view content_type) override;
    Status check_result_bytes(std::size_t so_far) const override;
    void emit(std::string_view event, const json::value& payload) override;

    const storage::TransactionId& transaction_id() const override { return recording_.invocation.id; }
    const std::string& channel() const override { return recording_.invocation.channel; }
    const std::vector<std::string>& organizations() const override { return recording_.invocation.organizations; }
    std::int64_t time_ms() const override { return recording_.invocation.time_ms; }
    const Caller& caller() const override { return recording_.invocation.caller; }
    const std::string& calling_contract() const override { return calling_; }
    std::span<const ByteView> attachments() const override { return recording_.invocation.attachments; }
    bool is_query() const override { return !recording_.writes; }

    // Looks the function up, checks who calls, the attachments and the arguments, and runs it.
    [[nodiscard]] Result<Answer> run(std::string_view function, const json::value& arguments);

  private:
    [[nodiscard]] storage::StateKey state_key(std::string_view key) const { return {contract_, std::string(key)}; }
    [[nodiscard]] Status may_write(std::string_view key) const;
    [[nodiscard]] Status may_call(const Function& function) const;
    [[nodiscard]] Status may_call_contract(std::string_view contract, std::string_view function) const;
    [[nodiscard]] Status check_attachments(const Function& function) const;

    Recording& recording_;
    std::string contract_;
    unsigned depth_;
    std::string calling_;
};

}  // namespace tally::chaincode
