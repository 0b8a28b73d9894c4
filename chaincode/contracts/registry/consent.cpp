#include "chaincode/contracts/registry/consent.h"

#include <algorithm>

#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/entry.h"
#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;

std::string pending_key(std::string_view organization, std::string_view id) {
    return composite_key({"pending", organization, id});
}

}  // namespace

Result<bool> needs_consent(Stub& stub, const Device& device) {
    const auto is_other = [&](const std::string& organization) { return organization != device.organization; };
    const auto& organizations = stub.organizations();
    if (std::none_of(organizations.begin(), organizations.end(), is_other)) return false;
    if (device.certificate_chain.empty()) return true;
    const auto chain = TRY(parse_chain(device.certificate_chain));
    if (chain.front().subject().organization != device.organization) return true;
    return std::none_of(organizations.begin(), organizations.end(), [&](const std::string& organization) {
        return is_other(organization) && check_chain(stub, organization, chain);
    });
}

Result<json::object> request_consent(Stub& stub, Device& device) {
    auto summary = summary_of(device);
    summary.emplace("fingerprint", TRY(key_of(device)).fingerprint().hex());
    device.change = change_by(stub, "registration_requested", summary);
    TRY(put_document(stub, pending_key(device.organization, device.id), device));
    stub.emit("device_pending", summary);
    return summary;
}

Result<json::value> confirm_device(Stub& stub, const ConfirmDevice& in) {
    TRY(may_register(stub));
    TRY(check_organization(in.organization));
    TRY(check_identifier(in.id, "\"id\""));
    if (in.organization == stub.caller().organization) {
        return fail(Code::permission_denied, "an organization does not confirm its own device \"{}\"; another one does",
                    in.id);
    }
    const auto waiting = pending_key(in.organization, in.id);
    auto device = TRY(get_document<Device>(stub, waiting, "a registration"));
    if (!device) return fail(Code::not_found, "no registration of \"{}\" by {} waits", in.id, in.organization);
    const auto fingerprint = TRY(key_of(*device)).fingerprint().hex();
    if (fingerprint != in.fingerprint) {
        return fail(Code::conflict, "the registration of \"{}\" by {} is for the key {}", in.id, in.organization,
                    fingerprint);
    }
    if (TRY(stub.get(device_key(in.id))))
        return fail(Code::already_exists, "the device \"{}\" is registered already", in.id);
    TRY(stub.remove(waiting));
    device->registered_ms = device->effective_ms = stub.time_ms();
    auto summary = summary_of(*device);
    summary.emplace("requested_by", device->change.by);
    return TRY(enter_device(stub, *device, std::move(summary)));
}

Result<json::value> pending_devices(Stub& stub, const PendingDevices& arguments) {
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    const auto organization = arguments.organization.value_or(stub.caller().organization);
    TRY(check_organization(organization));
    auto [start, end] = children_of({"pending", organization});
    if (arguments.cursor) {
        TRY(check_identifier(*arguments.cursor, "\"cursor\""));
        start = just_behind(pending_key(organization, *arguments.cursor));
    }
    const auto page = TRY(stub.range(start, end, {.limit = limit}));
    json::array devices;
    std::string last;
    for (const auto& entry : page.entries) {
        const auto device = TRY(read_document<Device>(entry.value, "a registration"));
        last = device.id;
        auto told = to_json(device).get_object();
        told.emplace("fingerprint", TRY(key_of(device)).fingerprint().hex());
        devices.push_back(std::move(told));
    }
    json::object out{{"devices", std::move(devices)}};
    if (page.more) out.emplace("next", last);
    return out;
}

}  // namespace tally::chaincode::registry
