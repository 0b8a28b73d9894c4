#include "gateway/rest/block_feed.h"

#include "chaincode/json/strict_json.h"

namespace tally::gateway {

namespace {

constexpr std::uint64_t kBlocksPerPage = 64;

}  // namespace

ReadPage block_pages(LedgerReads& ledger, std::uint64_t from) {
    return [&ledger, next = from]() mutable -> Result<FeedPage> {
        FeedPage out;
        const auto height = TRY(ledger.height());
        for (std::uint64_t i = 0; i < kBlocksPerPage && next <= height; ++i, ++next) {
            out.text += fmt::format("id: {}\nevent: block\ndata: ", next);
            append_one_line(out.text, chaincode::json_text(TRY(ledger.block(next, true))));
            out.text += "\n\n";
            out.advanced = true;
        }
        return out;
    };
}

}  // namespace tally::gateway
