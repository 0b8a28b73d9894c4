#include "storage/apply.h"

#include <charconv>
#include <cstring>
#include <map>
#include <set>
#include <unordered_set>

namespace tally::storage {
namespace {

struct Pending {
    std::optional<Bytes> value;
    Version version;
};

// The state as the transactions before this one leave it.
class Overlay {
  public:
    explicit Overlay(const StateReader& base) : base_(base) {}

    [[nodiscard]] Result<std::optional<VersionedValue>> get(const StateKey& key) const {
        if (const auto found = pending_.find(key); found != pending_.end()) {
            if (!found->second.value) return std::nullopt;
            return VersionedValue{*found->second.value, found->second.version};
        }
        return base_.get(key);
    }

    // Whether an earlier transaction of the block has changed what was read. The state before the block is as it was
    // read: only what is pending can differ.
    [[nodiscard]] Result<ValidationCode> check_reads(const ReadWriteSet& set) const {
        for (const auto& read : set.reads) {
            const auto found = pending_.find(read.key);
            if (found == pending_.end()) continue;
            const auto version = found->second.value ? std::optional(found->second.version) : std::nullopt;
            if (version != read.version) return ValidationCode::MVCC_READ_CONFLICT;
        }
        for (const auto& range : set.range_reads) {
            if (!is_in(range, pending_.lower_bound(StateKey{range.space, range.start}))) continue;
            if (TRY(range_digest(range)) != range.digest) return ValidationCode::PHANTOM_READ_CONFLICT;
        }
        return ValidationCode::VALID;
    }

    void put(const StateKey& key, std::optional<Bytes> value, Version version) {
        pending_[key] = Pending{std::move(value), version};
    }

  private:
    using PendingKeys = std::map<StateKey, Pending>;

    [[nodiscard]] bool is_in(const RangeRead& range, PendingKeys::const_iterator at) const {
        return at != pending_.end() && at->first.space == range.space &&
               (range.end.empty() || at->first.key < range.end);
    }

    [[nodiscard]] Result<crypto::Hash> range_digest(const RangeRead& range) const {
        RangeDigest digest;
        auto next = pending_.lower_bound(StateKey{range.space, range.start});
        const auto in_range = [&](auto at) { return is_in(range, at); };
        const auto take_pending_before = [&](std::optional<std::string_view> key) {
            for (; in_range(next) && (!key || next->first.key < *key); ++next) {
                if (next->second.value) digest.add(next->first.key, next->second.version);
            }
        };
        TRY(base_.scan(range.space, range.start, range.end, false,
                       [&](std::string_view key, const VersionedValue& value) {
                           take_pending_before(key);
                           if (in_range(next) && next->first.key == key) {
                               if (next->second.value) digest.add(key, next->second.version);
                               ++next;
                           } else {
                               digest.add(key, value.version);
                           }
                           return true;
                       }));
        take_pending_before(std::nullopt);
        return digest.finish();
    }

    const StateReader& base_;
    PendingKeys pending_;
};

struct Intentions {
    ValidationCode code = ValidationCode::VALID;
    std::vector<std::pair<StateKey, std::optional<Bytes>>> values;
};

Result<Intentions> intentions_of(const ReadWriteSet& set, const Overlay& overlay) {
    Intentions out;
    std::set<StateKey> touched;
    for (const auto& write : set.writes) {
        if (!touched.insert(write.key).second) return Intentions{ValidationCode::ILLEGAL_WRITESET, {}};
        out.values.emplace_back(write.key, write.value);
    }
    for (const auto& increment : set.increments) {
        if (!touched.insert(increment.key).second) return Intentions{ValidationCode::ILLEGAL_WRITESET, {}};
        std::int64_t sum = 0;
        if (const auto current = TRY(overlay.get(increment.key))) {
            const auto value = counter_value(current->value);
            if (!value) return Intentions{ValidationCode::ILLEGAL_WRITESET, {}};
            sum = *value;
        }
        if (__builtin_add_overflow(sum, increment.delta, &sum) || sum < increment.lower_bound) {
            return Intentions{ValidationCode::INCREMENT_OUT_OF_BOUNDS, {}};
        }
        out.values.emplace_back(increment.key, counter_bytes(sum));
    }
    return out;
}

}  // namespace

Result<ValidationCode> check_reads(const ReadWriteSet& set, const StateReader& state) {
    for (const auto& read : set.reads) {
        const auto current = TRY(state.get(read.key));
        const auto version = current ? std::optional(current->version) : std::nullopt;
        if (version != read.version) return ValidationCode::MVCC_READ_CONFLICT;
    }
    for (const auto& range : set.range_reads) {
        RangeDigest digest;
        TRY(state.scan(range.space, range.start, range.end, false,
                       [&](std::string_view key, const VersionedValue& value) {
                           digest.add(key, value.version);
                           return true;
                       }));
        if (digest.finish() != range.digest) return ValidationCode::PHANTOM_READ_CONFLICT;
    }
    return ValidationCode::VALID;
}

Result<BlockEffects> apply_block(std::uint64_t number, std::span<const CheckedTransaction> transactions,
                                 const StateReader& state) {
    BlockEffects effects;
    effects.codes.reserve(transactions.size());
    Overlay overlay(state);
    std::unordered_set<TransactionId> in_block;
    for (std::uint32_t index = 0; index < transactions.size(); ++index) {
        const auto& transaction = transactions[index];
        auto code = transaction.code;
        if (code == ValidationCode::VALID && in_block.contains(transaction.id)) code = ValidationCode::DUPLICATE_TXID;
        if (code == ValidationCode::VALID) code = TRY(overlay.check_reads(transaction.simulation.read_write_set));
        if (code == ValidationCode::VALID) {
            auto intended = TRY(intentions_of(transaction.simulation.read_write_set, overlay));
            code = intended.code;
            const Version version{number, index};
            for (auto& [key, value] : intended.values) {
                overlay.put(key, value, version);
                effects.updates.push_back({std::move(key), std::move(value), version});
            }
        }
        if (uses_id(code)) in_block.insert(transaction.id);
        effects.codes.push_back(code);
    }
    return effects;
}

void RangeDigest::add(std::string_view key, const Version& version) {
    std::array<std::uint8_t, 16> numbers{};
    const auto size = static_cast<std::uint32_t>(key.size());
    std::memcpy(numbers.data(), &size, 4);
    std::memcpy(numbers.data() + 4, &version.block, 8);
    std::memcpy(numbers.data() + 12, &version.transaction, 4);
    hasher_.update(numbers);
    hasher_.update(as_bytes(key));
}

Result<std::int64_t> counter_value(ByteView stored) {
    const auto text = as_text(stored);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return fail(Code::corrupt, "the value \"{}\" is not a counter", text.substr(0, 32));
    }
    return value;
}

Bytes counter_bytes(std::int64_t value) { return to_bytes(std::string_view(fmt::format("{}", value))); }

}  // namespace tally::storage
