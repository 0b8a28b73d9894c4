#pragma once
// The topics of devices: tally/v1/CHANNEL/DEVICE/KIND. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace tally::gateway::mqtt {

enum class TopicKind { record, telemetry, registration, reply };

struct DeviceTopic {
    std::string_view device;
    TopicKind kind = TopicKind::record;
};

[[nodiscard]] std::string device_topic(std::string_view channel, std::string_view device, TopicKind kind);
// None for any other topic.
[[nodiscard]] std::optional<DeviceTopic> parse_device_topic(std::string_view topic, std::string_view channel);

}  // namespace tally::gateway::mqtt
