#pragma once
// The device's side of the bridge (bridge.h): sends a signed record and waits for the reply to it.
//
// The answer is what POST /v1/records would have answered, for device_sdk::judge. Without a reply in time: timeout, and
// the record must be kept and sent again. One thread.

#include <chrono>
#include <memory>

#include "crypto/hash.h"
#include "gateway/http/client.h"
#include "gateway/mqtt/connection.h"

namespace tally::gateway::mqtt {

class DeviceConnection {
  public:
    // `options.topics` are set here.
    [[nodiscard]] static Result<DeviceConnection> create(ConnectionOptions options, std::string channel,
                                                         std::string device,
                                                         std::chrono::milliseconds patience = std::chrono::seconds(30));
    DeviceConnection(DeviceConnection&&) noexcept;
    ~DeviceConnection();

    [[nodiscard]] Result<ClientResponse> publish(ByteView record, const crypto::Hash& content_id);

  private:
    struct Impl;
    explicit DeviceConnection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway::mqtt
