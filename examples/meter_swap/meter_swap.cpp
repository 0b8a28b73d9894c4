#include "meter_swap.h"

#include "chaincode/contracts/document.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/decimal.h"
#include "chaincode/records/identifier.h"

namespace meter_swap {
namespace {

using namespace tally::chaincode;
using tally::Code;
using tally::Kind;
using tally::Result;

inline constexpr Refusal kSwapped{{"meter_swapped", Kind::conflict},
                                  "The meter was replaced before.",
                                  "Look at the swap that is there; a meter is replaced once."};
inline constexpr Refusal kOwnSwap{{"own_swap", Kind::forbidden},
                                  "An organization cannot confirm its own swap.",
                                  "Let an organization confirm it that was there."};

struct Propose {
    std::string old_meter;
    std::string new_meter;
    Decimal old_reading;
    Decimal new_reading;
};
TALLY_FIELDS(Propose, (old_meter, "the meter that is taken away", .form = &kIdentifier),
             (new_meter, "the meter that follows", .form = &kIdentifier),
             (old_reading, "what the old meter showed at the end, for example \"18234.55\""),
             (new_reading, "what the new meter showed at the beginning"))

struct OfMeter {
    std::string old_meter;
};
TALLY_FIELDS(OfMeter, (old_meter, "the meter that was taken away", .form = &kIdentifier))

struct Swap {
    std::string old_meter;
    std::string new_meter;
    Decimal old_reading;
    Decimal new_reading;
    std::string proposed_by;
    std::int64_t proposed_ms = 0;
    std::optional<std::string> confirmed_by;
};
TALLY_FIELDS(Swap, (old_meter, "the meter that was taken away"), (new_meter, "the meter that follows"),
             (old_reading, "what the old meter showed at the end"),
             (new_reading, "what the new meter showed at the beginning"), (proposed_by, "the operator"),
             (proposed_ms, "when"), (confirmed_by, "the organization that confirms it"))

struct List : PageArguments {
    std::optional<bool> confirmed;
};
TALLY_FIELDS_WITH(List, (PageArguments), (confirmed, "only those that are confirmed, or that are not"))

struct Swaps {
    std::vector<Swap> swaps;
    std::optional<std::string> next;
};
TALLY_FIELDS(Swaps, (swaps, "by the old meter's id"), (next, "the next page's cursor"))

std::string key_of(std::string_view meter) { return composite_key({"swap", meter}); }

Result<std::string> operator_of(Stub& stub, const std::string& meter) {
    const auto device = TRY(stub.call("registry", "get_device", json::object{{"id", meter}}));
    return std::string(device.at("organization").as_string());
}

Result<Swap> propose(Stub& stub, const Propose& in) {
    for (const auto& reading : {in.old_reading, in.new_reading}) {
        if (reading < Decimal())
            return tally::fail(Code::invalid_argument, "a reading is {}, below zero", reading.text());
    }
    if (in.old_meter == in.new_meter)
        return tally::fail(Code::invalid_argument, "\"new_meter\" is the old one, {}", in.old_meter);
    const auto& organization = stub.caller().organization;
    for (const auto& meter : {in.old_meter, in.new_meter}) {
        if (const auto owner = TRY(operator_of(stub, meter)); owner != organization)
            return tally::fail(Code::permission_denied, "{} is operated by {}, not by {}", meter, owner, organization);
    }
    if (TRY(stub.get(key_of(in.old_meter)))) return tally::fail(kSwapped, "{} was replaced before", in.old_meter);
    Swap swap{in.old_meter, in.new_meter, in.old_reading, in.new_reading, organization, stub.time_ms(), {}};
    TRY(put_document(stub, key_of(in.old_meter), swap));
    emit(stub, "proposed", swap);
    return swap;
}

Result<Swap> find(Stub& stub, const std::string& meter) {
    auto swap = TRY(get_document<Swap>(stub, key_of(meter), "a swap"));
    if (!swap) return tally::fail(Code::not_found, "no swap of {} is proposed", meter);
    return std::move(*swap);
}

Result<Swap> confirm(Stub& stub, const OfMeter& in) {
    auto swap = TRY(find(stub, in.old_meter));
    if (swap.confirmed_by)
        return tally::fail(Code::already_exists, "{} has confirmed the swap of {}", *swap.confirmed_by, in.old_meter);
    if (swap.proposed_by == stub.caller().organization)
        return tally::fail(kOwnSwap, "{} has proposed the swap of {}", swap.proposed_by, in.old_meter);
    swap.confirmed_by = stub.caller().organization;
    TRY(put_document(stub, key_of(in.old_meter), swap));
    emit(stub, "confirmed", swap);
    return swap;
}

Result<Swap> get(Stub& stub, const OfMeter& in) { return find(stub, in.old_meter); }

Result<Swaps> list(Stub& stub, const List& in) {
    Swaps page;
    page.next = TRY(Pager({"swap"}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        auto swap = TRY(read_document<Swap>(entry.value, "a swap"));
        if (in.confirmed && *in.confirmed != swap.confirmed_by.has_value()) return false;
        page.swaps.push_back(std::move(swap));
        return true;
    }));
    return page;
}

}  // namespace

Contract contract() {
    const std::vector<std::string> staff{"admin", "client"};
    Contract contract("meter_swap", 1, "Which meter follows which, and what both showed");
    contract
        .add(&propose, {.name = "propose",
                        .summary = "States that a meter was replaced",
                        .writes = true,
                        .roles = staff,
                        .refusals = {kSwapped}})
        .add(&confirm, {.name = "confirm",
                        .summary = "Confirms another organization's swap",
                        .writes = true,
                        .roles = staff,
                        .refusals = {kOwnSwap}})
        .add(&get, {.name = "get", .summary = "The swap of a meter", .routes = {"/v1/meter_swap/swaps/{old_meter}"}})
        .add(&list, {.name = "list", .summary = "All swaps", .routes = {"/v1/meter_swap/swaps"}})
        .event<Swap>("proposed", "A swap was proposed")
        .event<Swap>("confirmed", "A swap was confirmed");
    return contract;
}

}  // namespace meter_swap
