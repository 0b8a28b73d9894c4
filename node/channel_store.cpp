#include "node/channel_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "gateway/http/log_value.h"
#include "node/channel/config_contract.h"
#include "storage/seal.h"

namespace tally::node {

Result<std::unique_ptr<ChannelStore>> ChannelStore::open(const NodeConfig& config) {
    const auto genesis = TRY(read_genesis(config.genesis));
    auto store = std::make_unique<ChannelStore>();
    store->data_ = config.data;
    ChannelConfig current;
    if (config.only_orders()) {
        store->blocks_ = TRY(open_channel_blocks(config.data, genesis));
        const auto stored = TRY(store->blocks().configuration());
        current = stored ? TRY(parse_channel_config(*stored)) : TRY(config_of_genesis(genesis));
    } else {
        store->ledger_ = TRY(open_channel_ledger(config.data, genesis, config.cache_bytes));
        current = TRY(config_of_state(*store->ledger().state()));
    }
    store->membership_ = std::make_unique<CurrentMembership>(TRY(Membership::from(std::move(current))));
    return store;
}

void ChannelStore::close() {
    auto status = has_ledger() ? ledger().close() : blocks().close();
    if (status) status = storage::write_seal(data_);
    if (!status) spdlog::error("event=unclean_stop what={}", gateway::log_value(status.error().message));
}

Standing ChannelStore::standing() const {
    const auto tip = chain().tip();
    static const auto knows = chaincode::json_text(chaincode::to_json(known_versions()));
    return {tip ? tip->number : 0, has_ledger() ? std::max(ledger().first_block(), ledger().first_whole_block()) : 0,
            knows};
}

}  // namespace tally::node
