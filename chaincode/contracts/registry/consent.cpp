#include "chaincode/contracts/registry/consent.h"

#include <algorithm>

#include "chaincode/contracts/registry/entry.h"
#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/trust.h"

namespace tally::chaincode::registry {
namespace {

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

Result<DeviceSummary> request_consent(Stub& stub, Device& device) {
    auto summary = summary_of(device);
    summary.fingerprint = TRY(key_of(device)).fingerprint().hex();
    device.change = change_by(stub, "registration_requested", to_json(summary));
    TRY(put_document(stub, pending_key(device.organization, device.id), device));
    emit(stub, "device_pending", summary);
    return summary;
}

Result<DeviceSummary> confirm_device(Stub& stub, const ConfirmDevice& in) {
    TRY(may_register(stub));
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
    summary.requested_by = device->change.by;
    return enter_device(stub, *device, std::move(summary));
}

Result<PendingPage> pending_devices(Stub& stub, const PendingDevices& in) {
    const auto organization = in.organization.value_or(stub.caller().organization);
    PendingPage page;
    page.next = TRY(Pager({"pending", organization}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        PendingDevice pending;
        static_cast<Device&>(pending) = TRY(read_document<Device>(entry.value, "a registration"));
        pending.fingerprint = TRY(key_of(pending)).fingerprint().hex();
        page.devices.push_back(std::move(pending));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::registry
