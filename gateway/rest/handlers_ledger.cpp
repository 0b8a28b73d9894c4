#include <algorithm>

#include "chaincode/json/strict_json.h"
#include "gateway/rest/answers.h"
#include "gateway/rest/api.h"
#include "gateway/rest/event_cursor.h"
#include "gateway/rest/event_feed.h"
#include "gateway/rest/handlers.h"

namespace tally::gateway::handlers {

namespace {

constexpr std::uint64_t kDefaultBlocks = 10;
constexpr std::uint64_t kMaxBlocks = 100;

Result<EventCursor> first_event(LedgerReads& ledger, const Call& call) {
    if (!call.request.last_event_id.empty()) return after(TRY(parse_cursor(call.request.last_event_id)));
    if (const auto block = call.number("from_block")) return EventCursor{*block, 0, 0};
    return EventCursor{TRY(ledger.height()) + 1, 0, 0};
}

}  // namespace

Result<Response> block(const Services& services, Call& call) {
    return json_response(TRY(services.backend->ledger.block(*call.number("number"), call.flag("header_only"))));
}

// {"height", "blocks": [...], "next"?: the number to go on from}, built as text: the blocks are large.
Result<Response> blocks(const Services& services, Call& call) {
    const auto height = TRY(services.backend->ledger.height());
    const auto from = call.number("from").value_or(0);
    const auto limit = std::min(call.number("limit").value_or(kDefaultBlocks), kMaxBlocks);
    std::string text = fmt::format("{{\"height\":{},\"blocks\":[", height);
    auto next = from;
    for (; next <= height && next - from < limit && text.size() < services.options.max_block_answer_bytes; ++next) {
        const auto one = TRY(services.backend->ledger.block(next, call.flag("header_only")));
        if (next != from) text += ",";
        text += chaincode::json_text(one);
    }
    text += next <= height ? fmt::format("],\"next\":{}}}", next) : "]}";
    Response response;
    response.content_type = kJson;
    response.body = std::move(text);
    return response;
}

Result<Response> latest_checkpoint(const Services& services, Call&) {
    return json_response(TRY(services.backend->ledger.checkpoint(std::nullopt)));
}

Result<Response> checkpoint(const Services& services, Call& call) {
    return json_response(TRY(services.backend->ledger.checkpoint(call.number("block"))));
}

Result<Response> consistency(const Services& services, Call& call) {
    const auto from = *call.number("from");
    const auto to = *call.number("block");
    if (from > to) return fail(Code::invalid_argument, "\"from\" is block {}, which is after block {}", from, to);
    return json_response(TRY(services.backend->ledger.consistency(from, to)));
}

Result<Response> events(const Services& services, Call& call) {
    const auto from = TRY(first_event(services.backend->ledger, call));
    Response response;
    response.content_type = kEventStream;
    response.stream = std::make_shared<EventFeed>(services.backend->ledger, *call.caller, from,
                                                  EventFilter{call.text("contract"), call.text("event")});
    return response;
}

}  // namespace tally::gateway::handlers
