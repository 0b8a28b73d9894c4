#include <algorithm>
#include <charconv>

#include "chaincode/json/strict_json.h"
#include "gateway/rest/answers.h"
#include "gateway/rest/api.h"
#include "gateway/rest/block_feed.h"
#include "gateway/rest/event_cursor.h"
#include "gateway/rest/event_feed.h"
#include "gateway/rest/handlers.h"
#include "gateway/rest/stream_places.h"

namespace tally::gateway::handlers {

namespace {

constexpr std::uint64_t kDefaultBlocks = 10;
constexpr std::uint64_t kMaxBlocks = 100;

Result<EventCursor> first_event(LedgerReads& ledger, const Call& call) {
    if (!call.request.last_event_id.empty()) return after(TRY(parse_cursor(call.request.last_event_id)));
    if (const auto block = call.number("from_block")) return EventCursor{*block, 0, 0};
    return EventCursor{TRY(ledger.height()) + 1, 0, 0};
}

// Where a page or a stream of blocks begins, if the call says so: from a number on, or after one.
Result<std::optional<std::uint64_t>> first_block(const Call& call) {
    const auto from = call.number("from");
    const auto after = call.number("after");
    if (from && after) return fail(Code::invalid_argument, "\"from\" and \"after\" exclude each other");
    return after ? std::optional(*after + 1) : from;
}

Result<std::uint64_t> id_of_block(std::string_view text) {
    std::uint64_t number = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stopped != text.data() + text.size())
        return fail(Code::invalid_argument, "the id of a block is its number");
    return number;
}

Result<Response> stream_response(const Services& services, const Call& call, ReadPage pages) {
    auto place = TRY(services.streams.take(call.caller->organization));
    Response response;
    response.content_type = kEventStream;
    response.stream =
        std::make_shared<FeedStream>(services.backend->ledger, *call.caller, std::move(place), std::move(pages));
    return response;
}

// A client that would read either gets a page.
bool wants_stream(const Call& call) {
    return accepts(call.request.accept, kEventStream) && !accepts(call.request.accept, kJson);
}

Result<Response> stream_of_blocks(const Services& services, const Call& call) {
    const auto first = TRY(first_block(call));
    const auto& last = call.request.last_event_id;
    const auto from = !last.empty() ? TRY(id_of_block(last)) + 1
                      : first       ? *first
                                    : TRY(services.backend->ledger.height()) + 1;
    return stream_response(services, call, block_pages(services.backend->ledger, from));
}

}  // namespace

Result<Response> block(const Services& services, Call& call) {
    return json_response(TRY(services.backend->ledger.block(*call.number("number"), call.flag("header_only"))));
}

// {"height", "blocks": [...], "next"?: the number to go on from}, built as text: the blocks are large.
Result<Response> blocks(const Services& services, Call& call) {
    if (wants_stream(call)) return stream_of_blocks(services, call);
    const auto height = TRY(services.backend->ledger.height());
    const auto from = TRY(first_block(call)).value_or(0);
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

// Each block with its length (u32, little-endian) in front.
Result<Response> raw_blocks(const Services& services, Call& call) {
    auto& ledger = services.backend->ledger;
    const auto height = TRY(ledger.height());
    const auto first = *call.number("number");
    const auto limit = std::min(call.number("limit").value_or(1), kMaxBlocks);
    if (first > height) return fail(Code::not_found, "there is no block {} yet; the last is {}", first, height);
    Bytes out;
    for (auto next = first; next <= height && next - first < limit; ++next) {
        const auto block = ledger.raw_block(next);
        if (!block && next == first) return std::unexpected(block.error());
        // What comes after the first block is for the next call where it has no room, or fails.
        if (!block || (next != first && out.size() + block->size() > services.options.max_block_answer_bytes)) break;
        for (unsigned shift = 0; shift < 32; shift += 8)
            out.push_back(static_cast<std::uint8_t>(block->size() >> shift));
        out.insert(out.end(), block->begin(), block->end());
    }
    return bytes_response(out, "application/octet-stream");
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
    return stream_response(
        services, call,
        event_pages(services.backend->ledger, from, EventFilter{call.text("contract"), call.text("event")}));
}

}  // namespace tally::gateway::handlers
