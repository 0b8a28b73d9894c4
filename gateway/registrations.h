#pragma once
// Devices that ask to be registered and wait until their operator admits them. Safe from any thread.

#include <boost/describe.hpp>
#include <string>
#include <vector>

namespace tally::gateway {

// What a device has presented. It is not on the ledger.
struct PendingRegistration {
    std::string device;
    std::vector<std::string> certificate_chain;  // PEM, the device's own first
    std::string proof;                           // base64: that the organization registers it
    std::string fingerprint;                     // of its key: SHA-256 of the SubjectPublicKeyInfo
    std::string authority;                       // the trust anchor's fingerprint
    std::string authority_subject;
    std::int64_t received_ms = 0;
    std::int64_t expires_ms = 0;
};
BOOST_DESCRIBE_STRUCT(PendingRegistration, (),
                      (device, certificate_chain, proof, fingerprint, authority, authority_subject, received_ms,
                       expires_ms))

class Registrations {
  public:
    virtual ~Registrations() = default;
    // Whose devices they are.
    [[nodiscard]] virtual const std::string& organization() const = 0;
    [[nodiscard]] virtual std::vector<PendingRegistration> list() const = 0;  // by device
};

}  // namespace tally::gateway
