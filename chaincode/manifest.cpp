#include "chaincode/contract.h"

namespace tally::chaincode {
namespace {

json::array list_of(const std::vector<std::string>& texts) {
    json::array list;
    for (const auto& each : texts) list.emplace_back(each);
    return list;
}

}  // namespace

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::failed: return "failed";
        case Kind::damaged: return "damaged";
        case Kind::invalid: return "invalid";
        case Kind::unauthenticated: return "unauthenticated";
        case Kind::forbidden: return "forbidden";
        case Kind::untrusted: return "untrusted";
        case Kind::not_found: return "not_found";
        case Kind::gone: return "gone";
        case Kind::conflict: return "conflict";
        case Kind::too_large: return "too_large";
        case Kind::refused: return "refused";
        case Kind::not_proven: return "not_proven";
        case Kind::limited: return "limited";
        case Kind::unavailable: return "unavailable";
        case Kind::timed_out: return "timed_out";
    }
    return "failed";
}

std::optional<Kind> kind_named(std::string_view name) {
    for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(kLastKind); ++number) {
        if (kind_name(static_cast<Kind>(number)) == name) return static_cast<Kind>(number);
    }
    return std::nullopt;
}

namespace {

json::object manifest_of(const Function& function) {
    json::array attachments, refusals;
    for (const auto& each : function.attachments)
        attachments.push_back(json::object{{"about", each.about}, {"optional", each.optional}});
    for (const auto& each : function.refusals) {
        refusals.push_back(json::object{{"code", each.name()},
                                        {"kind", kind_name(each.kind())},
                                        {"meaning", each.meaning},
                                        {"advice", each.advice}});
    }
    return {{"name", function.name},
            {"summary", function.summary},
            {"writes", function.writes},
            {"roles", list_of(function.roles)},
            {"callers", list_of(function.callers)},
            {"visibility", function.visibility == Visibility::parties ? "parties" : "members"},
            {"attachments", std::move(attachments)},
            {"refusals", std::move(refusals)},
            {"routes", list_of(function.routes)},
            {"arguments", function.schema},
            {"answer", function.answer}};
}

}  // namespace

json::object manifest_of(const Contract& contract) {
    json::array functions, events;
    for (const auto& each : contract.functions()) functions.push_back(manifest_of(each));
    for (const auto& each : contract.events())
        events.push_back(json::object{{"name", each.name}, {"summary", each.summary}, {"payload", each.schema}});
    return {{"name", contract.name()},
            {"version", contract.version()},
            {"summary", contract.summary()},
            {"functions", std::move(functions)},
            {"events", std::move(events)}};
}

}  // namespace tally::chaincode
