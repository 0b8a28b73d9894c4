#include "node/ledgers/channel_ledger.h"

#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"
#include "node/channel/channel_config.h"
#include "node/channel/validator.h"
#include "storage/files.h"
#include "storage/model/archive.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

storage::LedgerOptions options_for(const std::filesystem::path& data) {
    storage::LedgerOptions options;
    options.directory = ledger_path(data);
    options.spaces_with_whole_history = {std::string(kConfigSpace), "registry"};  // small, and they say who was who
    options.warn = [](std::string_view text) { spdlog::warn("event=rocksdb text={}", gateway::log_value(text)); };
    return options;
}

Status append_genesis(storage::Ledger& ledger, const storage::Block& genesis) {
    auto block = genesis;
    const auto checked = TRY(check_genesis(block));
    const auto effects = TRY(storage::apply_block(0, std::span(&checked, 1), *ledger.state()));
    TRY(ledger.append(block, {checked.id}, effects, nullptr));
    return ledger.sync();
}

bool has_log(const std::filesystem::path& data) {
    std::error_code error;
    return std::filesystem::exists(log_path(data), error) && !std::filesystem::is_empty(log_path(data), error);
}

}  // namespace

Result<storage::Block> read_genesis(const std::filesystem::path& file) {
    const auto bytes = TRY(storage::read_file(file));
    return storage::decode<storage::Block>(as_bytes(bytes), file.string());
}

Result<ChannelConfig> read_channel_file(const std::filesystem::path& file) {
    const auto text = TRY(storage::read_file(file));
    if (text.empty() || text.front() != '{') return config_of_genesis(TRY(read_genesis(file)));
    auto config = parse_channel_config(text);
    if (!config) return std::unexpected(config.error().within(file.string()));
    return config;
}

Result<ChannelLedger> open_channel_ledger(const std::filesystem::path& data, const storage::Block& genesis,
                                          std::size_t cache_bytes) {
    auto lock = TRY(storage::DirectoryLock::take(data));
    TRY(storage::check_seal(data));
    if (std::filesystem::exists(disagreement_file(data))) {
        return fail(
            Code::corrupt,
            "most committers signed another checkpoint than this node: see {}; rebuild the ledger or join again",
            disagreement_file(data).string());
    }
    TRY(storage::break_seal(data));
    auto options = options_for(data);
    options.cache_bytes = cache_bytes;
    options.channel = genesis.header.channel;
    options.create = !std::filesystem::exists(options.directory);
    if (options.create && has_log(data)) {
        return fail(Code::corrupt, "{} is missing, but {} is there: the ledger was removed", options.directory.string(),
                    log_path(data).string());
    }
    auto ledger = TRY(storage::Ledger::open(std::move(options)));
    if (!ledger->tip()) TRY(append_genesis(*ledger, genesis));
    const auto first = TRY(ledger->block_header(0));
    if (first.header.hash() != genesis.header.hash()) {
        return fail(Code::wrong_channel, "the ledger in {} grew from genesis block {}, the configuration names {}",
                    data.string(), first.header.hash().hex(), genesis.header.hash().hex());
    }
    return ChannelLedger{std::move(lock), std::move(ledger)};
}

Result<ChannelBlocks> open_channel_blocks(const std::filesystem::path& data, const storage::Block& genesis) {
    auto lock = TRY(storage::DirectoryLock::take(data));
    TRY(storage::check_seal(data));
    TRY(storage::break_seal(data));
    if (std::filesystem::exists(ledger_path(data))) {
        return fail(Code::bad_configuration, "{} holds a ledger: its node was more than an orderer", data.string());
    }
    return ChannelBlocks{std::move(lock), TRY(storage::BlockStore::open(blocks_path(data), genesis))};
}

Result<storage::BlockNumber> prune_channel_ledger(const std::filesystem::path& data, storage::BlockNumber before) {
    if (!std::filesystem::exists(ledger_path(data))) return fail(Code::not_found, "{} holds no ledger", data.string());
    const auto lock = TRY(storage::DirectoryLock::take(data));
    const bool sealed = TRY(storage::check_seal(data));
    TRY(storage::break_seal(data));
    const auto ledger = TRY(storage::Ledger::open(options_for(data)));
    const auto from = ledger->first_whole_block();
    const auto pruned = ledger->prune(before);
    if (pruned) {
        TRY(ledger->reclaim(storage::Reclaim::everything));
        TRY(ledger->reclaim_history());
    }
    TRY(ledger->close());
    if (sealed) TRY(storage::write_seal(data));
    TRY(Status(pruned));
    return from;
}

Result<ChannelLedger> inspect_channel_ledger(const std::filesystem::path& data) {
    if (!std::filesystem::exists(ledger_path(data))) return fail(Code::not_found, "{} holds no ledger", data.string());
    auto lock = TRY(storage::DirectoryLock::take(data));
    TRY(storage::check_seal(data));
    auto options = options_for(data);
    options.read_only = true;
    return ChannelLedger{std::move(lock), TRY(storage::Ledger::open(std::move(options)))};
}

}  // namespace tally::node
