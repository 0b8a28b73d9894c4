#include "chaincode/contracts/registry/arguments.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::string_view kProof =
    "base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)";

std::string_view describe_page(std::string_view member) {
    if (member == "limit") return "at most so many entries (default 100, at most 1000)";
    if (member == "cursor") return "the \"next\" of the page before";
    return {};
}

}  // namespace

std::string_view RegisterSchema::describe(std::string_view member) {
    if (member == "version") return "from 1 on; a version is never changed";
    if (member == "fields") return "in the order in which records carry them";
    return {};
}

std::string_view RegisterDevice::describe(std::string_view member) {
    if (member == "id") return "1 to 64 of A-Z a-z 0-9 . _ : - ; for a Vitro device its node id, 18 hexadecimal digits";
    if (member == "shard") return "the group of devices that it belongs to, for example a site";
    if (member == "profile") return "tally-record (default), vitro-1 or vitro-2";
    if (member == "public_key") return "PEM, or hex or base64 of the key; either this or certificate_chain";
    if (member == "certificate_chain") return "PEM, the device's own first; its common name is the device's id";
    if (member == "proof") return kProof;
    if (member == "schemas") return "the schemas that its records may follow, each as id@version";
    if (member == "polling_interval_s") return "how often it measures";
    if (member == "keepalive_interval_s") return "how often it must be heard";
    if (member == "grace_s") return "how late a keep-alive may be (default: a quarter of the interval)";
    if (member == "max_skew_s") return "how far its clock may be ahead (default 300)";
    if (member == "late_arrival_s") return "how long after a period's end its record may come (default: any time)";
    if (member == "residency") return "where its data may be kept";
    return {};
}

std::string_view ImportDevices::describe(std::string_view member) {
    return member == "devices" ? "at most 1000, each as for register_device; all are registered or none" : "";
}

std::string_view ConfirmDevice::describe(std::string_view member) {
    if (member == "organization") return "whose device it is";
    if (member == "fingerprint")
        return "of the key that is confirmed: SHA-256 of its SubjectPublicKeyInfo, hexadecimal";
    return {};
}

std::string_view PendingDevices::describe(std::string_view member) {
    if (member == "organization") return "whose devices (default: the caller's)";
    return describe_page(member);
}

std::string_view SetStatus::describe(std::string_view member) {
    if (member == "status") return "RETIRED is final; ACTIVE after SUSPENDED needs a repair record";
    if (member == "effective_time_ms")
        return "not before now, which is the default; periods that end later are refused";
    if (member == "repair") return "what was repaired; the caller's signature of the proposal is its signature";
    return {};
}

std::string_view ReportIncident::describe(std::string_view member) {
    if (member == "count") return "how many of them, 1 to 1000000";
    if (member == "evidence") return "what was seen, or where it is kept";
    return {};
}

std::string_view SetRules::describe(std::string_view) {
    return "so many reported incidents suspend a device; 0: never";
}

std::string_view PublishCrl::describe(std::string_view member) {
    if (member == "pem") return "the revocation list";
    if (member == "issuer_chain") return "where its issuer is no trust anchor: PEM, the issuer's own certificate first";
    return {};
}

std::string_view RotateKey::describe(std::string_view member) {
    if (member == "certificate_chain") return "for a device that is known by certificates: the chain of the new key";
    if (member == "proof") return kProof;
    if (member == "compromised") return "whether the old key must not be trusted for earlier periods either";
    return {};
}

std::string_view RevokeCertificate::describe(std::string_view member) {
    return member == "certificate" ? "PEM, or the SHA-256 of its DER in hexadecimal" : "";
}

std::string_view ListDevices::describe(std::string_view member) {
    if (member == "status") return "the status in force now";
    if (member == "organization") return "whose devices (default: with a shard the caller's, without one all)";
    if (member == "shard") return "the organization's shard of this name";
    return describe_page(member);
}

std::string_view Timeline::describe(std::string_view member) { return describe_page(member); }
std::string_view ListSchemas::describe(std::string_view member) { return describe_page(member); }

}  // namespace tally::chaincode::registry
