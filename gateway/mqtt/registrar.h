#pragma once
// Takes requests of devices that the ledger does not know yet (just-in-time registration). A device presents its
// certificate chain and the proof that the organization registers it:
//
//   {"certificate_chain": [PEM, ...], "proof": "base64"}     (docs/formats.md: the proof of possession)
//
// It becomes PENDING if the chain leads to a trust anchor of the organization (registry.add_trust_anchor) with nothing
// revoked, names the device, and its key has signed the proof. Of each anchor at most kMostOfAuthority devices wait,
// for kKept_days; a device that asks again replaces its request. What waits is on this node's disk, one file each, and
// not on the ledger.
//
// `take` on one thread; the others from any. Failures of `take`: malformed, invalid_argument, already_exists, those of
// certificates and of the proof, rate_limited, io_error.

#include <filesystem>
#include <map>
#include <mutex>

#include "crypto/bytes.h"
#include "gateway/mqtt/telemetry_devices.h"
#include "gateway/registrations.h"

namespace tally::gateway::mqtt {

class Registrar : public Registrations {
  public:
    static constexpr std::size_t kMostOfAuthority = 1000;
    static constexpr std::int64_t kKept_days = 30;
    static constexpr std::size_t kMostBytes = 32U << 10;  // of a request

    struct Parts {
        std::filesystem::path directory;
        AskLedger ask;
        std::string organization;
        std::string channel;
    };
    // Reads what waits already. io_error, corrupt
    [[nodiscard]] static Result<std::unique_ptr<Registrar>> open(Parts parts);

    enum class Outcome { pending, registered };
    [[nodiscard]] Result<Outcome> take(const std::string& device, ByteView request, std::int64_t now_ms);
    // Of a device that is registered, or refused.
    void remove(const std::string& device);
    void remove_expired(std::int64_t now_ms);

    [[nodiscard]] const std::string& organization() const override { return parts_.organization; }
    [[nodiscard]] std::vector<PendingRegistration> list() const override;

  private:
    explicit Registrar(Parts parts) : parts_(std::move(parts)) {}
    [[nodiscard]] Result<PendingRegistration> examine(const std::string& device, ByteView request,
                                                      std::int64_t now_ms) const;
    [[nodiscard]] std::filesystem::path file_of(const std::string& device) const;

    const Parts parts_;
    mutable std::mutex mutex_;
    std::map<std::string, PendingRegistration> waiting_;  // guarded by mutex_
};

}  // namespace tally::gateway::mqtt
